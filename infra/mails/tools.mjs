// Tools that are programs of their own: the Nu HTML checker and SpamAssassin.
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { html as allowed } from "./allowed.mjs";
import { received } from "./mime.mjs";

export function checkHtml(folder) {
  const jar = fileURLToPath(import.meta.resolve("vnu-jar")).replace(/vnu-jar\.js$/, "build/dist/vnu.jar");
  const args = ["-Xss4m", "-jar", jar, "--format", "json", "--skip-non-html", `${folder}/mails`, `${folder}/pages`];
  const run = spawnSync("java", args, { encoding: "utf8", maxBuffer: 1 << 30 });
  if (run.error) throw run.error;
  const { messages } = JSON.parse(run.stderr);
  const met = new Set();
  const isAllowed = (message) => allowed.some((rule) => rule.test(message) && met.add(rule));
  const errors = messages.filter(({ type, message, url }) => {
    const isMail = url?.includes("/mails/");
    return type !== "info" && !(isMail && isAllowed(message));
  });
  return errors.map(({ url, lastLine, message }) => `${url?.split("/").pop()}:${lastLine}: ${message}`);
}

// One call for all mails: most of the time is the reading of the rules.
export async function checkSpam(mails, folder) {
  const box = `${folder}/all.mbox`;
  const letters = [];
  for (const mail of mails) {
    const raw = await readFile(`${folder}/mails/${mail.name}.eml`, "latin1");
    letters.push(`From hello@hearth.example Thu Jul  2 18:00:00 2026\nX-Name: ${mail.name}\n${(received + raw).replace(/\r\n/g, "\n").replace(/^From /gm, ">From ")}\n`);
  }
  await writeFile(box, letters.join("\n"), "latin1");
  const args = ["--local", "--test-mode", "--mbox", box, "--cf", "use_bayes 0", "--cf", "report_safe 0"];
  const run = spawnSync("spamassassin", args, { encoding: "latin1", maxBuffer: 1 << 30 });
  if (run.error) throw run.error;
  await writeFile(`${folder}/spam.txt`, run.stdout, "latin1");
  const findings = [];
  let n = 0;
  for (const letter of run.stdout.split(/^From \S+ .*2026$/m).slice(1)) {
    const status = letter.match(/^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=([\s\S]*?)(?:autolearn|version)/m);
    const name = letter.match(/^X-Name: (.*)$/m)?.[1];
    if (!status) continue;
    n += 1;
    if (Number(status[1]) > 0.5) findings.push(`${name}: ${status[1]} by ${status[2].replace(/\s+/g, " ")}`);
  }
  if (n !== mails.length) findings.push(`${n} of ${mails.length} mails were judged`);
  return findings;
}
