// Mails and pages in Chromium: axe-core in light and dark, and pictures at both widths.
import { mkdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const looks = [["light", 700], ["light", 375], ["dark", 700], ["dark", 375]];
const pixel = Buffer.from("R0lGODlhAQABAIAAAMjIyAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");

export async function browse(mails, pages, folder) {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
  const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core")), "utf8");
  await mkdir(`${folder}/pictures`, { recursive: true });
  const work = [...mails, ...pages];
  // Two browsers: a tab in the background draws nothing.
  const found = await Promise.all([0, 1].map((own) => judgeAll(work.filter((_, n) => n % 2 === own))));
  return found.flat();

  async function judgeAll(items) {
    const args = ["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"];
    const browser = await puppeteer.launch({ executablePath, args, protocolTimeout: 60_000 });
    try {
      const tab = await browser.newPage();
      await tab.setRequestInterception(true);
      // Nothing leaves the machine: every picture is a grey pixel.
      tab.on("request", (request) => {
        if (request.resourceType() === "image") request.respond({ contentType: "image/gif", body: pixel });
        else request.continue();
      });
      const findings = [];
      for (const item of items) findings.push(...(await judge(tab, item, axe, folder)));
      return findings;
    } finally {
      await browser.close();
    }
  }
}

async function judge(tab, { name, html }, axe, folder) {
  const findings = [];
  for (const [scheme, width] of looks) {
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await tab.setViewport({ width, height: 900 });
    await tab.setContent(html, { waitUntil: "load" });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) findings.push(`${name}: ${wide} px wide at ${width} px`);
    if (width === 700) {
      await tab.evaluate(axe);
      const result = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      for (const { id, impact, nodes } of result.violations) {
        if (impact !== "serious" && impact !== "critical") continue;
        findings.push(`${name} (${scheme}): ${id} at ${nodes[0].target} ${nodes[0].failureSummary.split("\n")[1] ?? ""}`);
      }
    }
    await tab.screenshot({ path: `${folder}/pictures/${name}-${scheme}-${width}.png`, fullPage: true });
  }
  return findings;
}
