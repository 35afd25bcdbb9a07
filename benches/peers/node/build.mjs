// Bundles the functions, as one would deploy them. The mails' templates are Cartback's own, in Handlebars' words, so that
// both write the same mail; MJML is compiled here, once.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import mjml2html from "mjml";

const [templates, out] = process.argv.slice(2);
const here = import.meta.dirname;

const handlebars = (jinja) =>
  jinja
    .replace(/\{%(-?) for (\w+) in ([\w.]+) (-?)%\}/g, (_, l, item, list, r) => `{{${l && "~"}#each ${list} as |${item}|${r && "~"}}}`)
    .replace(/\{%(-?) if ([\w.]+) (-?)%\}/g, (_, l, value, r) => `{{${l && "~"}#if ${value}${r && "~"}}}`)
    .replace(/\{%(-?) else (-?)%\}/g, (_, l, r) => `{{${l && "~"}else${r && "~"}}}`)
    .replace(/\{%(-?) endfor (-?)%\}/g, (_, l, r) => `{{${l && "~"}/each${r && "~"}}}`)
    .replace(/\{%(-?) endif (-?)%\}/g, (_, l, r) => `{{${l && "~"}/if${r && "~"}}}`)
    .replace(/\{\{ t\((["'])([\w-]+)\1((?:, \w+=[\w.]+)*)\) \}\}/g, (_, _quote, name, values) => `{{t "${name}"${values.replaceAll(",", "")}}}`)
    .replace(/\{% include "([\w/.]+)" %\}/g, (_, path) => handlebars(read(path)));

const read = (path) => readFileSync(`${templates}/${path}`, "utf8");
const mjml = (path) => read(path).replace(/<mj-include path="([^"]+)" \/>/g, (_, included) => mjml(included));

const source = handlebars(mjml("nudge/body.mjml"));
const { html } = await mjml2html(source, { validationLevel: "skip", fonts: {}, keepComments: false });
const mail = {
  subject: handlebars(read("nudge/subject.txt")).trim(),
  text: handlebars(read("nudge/body.txt")),
  html: html.split("\n").map((line) => line.trim()).filter(Boolean).join("\n"),
  mjml: source,
  messages: read("../messages/en.ftl"),
};
mkdirSync(out, { recursive: true });
writeFileSync(`${out}/templates.json`, JSON.stringify(mail));

await build({
  entryPoints: ["ingest", "stage", "render"].map((name) => `${here}/${name}.mjs`),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  // Compiles at build time in a function; only the bench of compiling for each mail loads it.
  external: ["mjml"],
  minify: true,
  platform: "node",
  mainFields: ["module", "main"],
  target: "node20",
  format: "esm",
  loader: { ".json": "json" },
  alias: { "templates.json": `${out}/templates.json` },
  // What is left of CommonJS in the bundle looks for `require`.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
