// Renders the same mail `n` times: with all compiled once, or with MJML compiled for each.
import Handlebars from "handlebars";
import mjml2html from "mjml";
import templates from "templates.json";
import { render, view } from "./mail.mjs";
import { run } from "./runtime.mjs";

async function renderAnew(mail) {
  const { html } = await mjml2html(templates.mjml, { validationLevel: "skip", fonts: {}, keepComments: false });
  return { ...render(mail), html: Handlebars.compile(html, { ignoreStandalone: true })(view(mail)) };
}

run(async ({ n, anew, mail }) => {
  let rendered;
  for (let i = 0; i < n; i += 1) rendered = anew ? await renderAnew(mail) : render(mail);
  return rendered;
});
