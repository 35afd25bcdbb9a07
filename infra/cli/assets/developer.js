// The box for developers: settings, secrets and the routes behind this page.

import { get } from "./api.js";
import { byId, el, setText } from "./dom.js";

const ROUTES = ["/local/carts/demo", "/local/mails", "/local/facts"];
const RETRY_MS = 5000;

export function startDeveloper() {
  byId("routes").replaceChildren(
    ...ROUTES.map((route) => {
      const command = `curl -s ${location.origin}${route}`;
      return el("li", {}, el("code", {}, el("span", { class: "soft" }, "curl -s "), el("a", { href: route }, location.origin + route)), copyButton(command, `the curl command for ${route}`));
    }),
  );
  load();
}

async function load() {
  try {
    const { shop, secrets } = await get("/local/shops/demo");
    byId("settings").replaceChildren(...flat(shop).map(([name, value]) => row(name, el("code", {}, value))));
    byId("secrets").replaceChildren(...Object.entries(secrets).map(([name, secret]) => row(name, ...secretCell(name, secret))));
    setText(byId("developer-trouble"), "");
  } catch (cause) {
    setText(byId("developer-trouble"), cause.message);
    setTimeout(load, RETRY_MS);
  }
}

const row = (name, ...cell) => el("div", {}, el("dt", {}, name), el("dd", {}, ...cell));

/** Nested settings as "path.to.name" rows; null is shown as "not set". */
function flat(value, path = "") {
  if (value === null) return [[path, "not set"]];
  if (typeof value !== "object") return [[path, String(value)]];
  if (Array.isArray(value) && value.every((entry) => typeof entry !== "object")) return [[path, value.join(", ") || "none"]];
  return Object.entries(value).flatMap(([name, inner]) => flat(inner, path ? `${path}.${name}` : name));
}

function secretCell(name, secret) {
  const masked = `${secret.slice(0, 6)}${"•".repeat(10)}`;
  const text = el("code", {}, masked);
  const show = el("button", { type: "button", class: "small", "aria-pressed": "false", "aria-label": `Show the ${name} secret` }, "Show");
  show.addEventListener("click", () => {
    const shown = show.getAttribute("aria-pressed") !== "true";
    show.setAttribute("aria-pressed", String(shown));
    text.textContent = shown ? secret : masked;
  });
  return [text, show, copyButton(secret, `the ${name} secret`)];
}

function copyButton(text, what) {
  const button = el("button", { type: "button", class: "small", "aria-label": `Copy ${what}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setText(byId("developer-trouble"), `Copied ${what}.`);
    } catch {
      button.textContent = "Blocked";
      setText(byId("developer-trouble"), "The browser did not allow copying. Show the text and copy it by hand.");
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  });
  return button;
}
