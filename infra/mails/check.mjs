// The gates of `make mails`. Reads the folder that `mails` has written, holds every mail and page to what
// an inbox and its reader need, and leaves pictures of them. Prints one line a gate; any finding fails.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { browse } from "./browser.mjs";
import { checkInboxes } from "./inboxes.mjs";
import { checkMime } from "./mime.mjs";
import { checkMoney } from "./money.mjs";
import { checkRspamd } from "./rspamd.mjs";
import { checkHtml, checkSpam } from "./tools.mjs";

const folder = process.argv[2] ?? "target/mails";
const budget = 600;

const names = (part, end) => readdir(`${folder}/${part}`).then((all) => all.filter((n) => n.endsWith(end)).sort());
const mails = [];
for (const file of await names("mails", ".json")) {
  const mail = JSON.parse(await readFile(`${folder}/mails/${file}`, "utf8"));
  const name = file.replace(/\.json$/, "");
  await writeFile(`${folder}/mails/${name}.html`, mail.html);
  mails.push({ name, ...mail });
}
const pages = [];
for (const file of await names("pages", ".html")) {
  pages.push({ name: file.replace(/\.html$/, ""), html: await readFile(`${folder}/pages/${file}`, "utf8") });
}
if (mails.length < 144 || pages.length < 84) throw new Error(`only ${mails.length} mails and ${pages.length} pages`);

const began = Date.now();
let failed = 0;
async function gate(name, check) {
  const start = Date.now();
  const findings = await check();
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`${findings.length ? "FAILED" : "ok    "} ${name} (${seconds} s)`);
  for (const finding of findings.slice(0, 30)) console.log(`       ${finding}`);
  if (findings.length > 30) console.log(`       and ${findings.length - 30} more`);
  failed += findings.length;
}

console.log(`${mails.length} mails and ${pages.length} pages of ${folder}`);
await gate("MIME, headers, sizes, links and pictures", () => checkMime(mails, folder));
await gate("money as Intl prints it", () => checkMoney(`${folder}/money.json`));
await gate("HTML by the Nu checker", () => checkHtml(folder));
await gate("features by caniemail", () => checkInboxes(mails));
await gate("SpamAssassin, 0.5 at most", () => checkSpam(mails, folder));
await gate("rspamd, 1.0 at most", () => checkRspamd(mails, folder));
await gate("axe-core and pictures in Chromium", () => browse(mails, pages, folder));

const seconds = Math.round((Date.now() - began) / 1000);
console.log(`${failed ? `${failed} findings` : "All passed"} in ${seconds} s of ${budget} s`);
process.exit(failed || seconds > budget ? 1 : 0);
