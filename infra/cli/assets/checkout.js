// The checkout: contact, shipping, payment, confirmation. Every step tells Cartback what happened.

import { get } from "./api.js";
import { el } from "./dom.js";
import { adopt, checkoutPath, current, discount, goods, note, redeem, remember, startOver, tell } from "./basket.js";
import { CURRENCY, SHIPPING, decimal, dollars } from "./catalog.js";

const CONSENT = "Yes, remind me by e-mail about this cart";
const STEPS = { contact: "Contact", shipping: "Shipping", payment: "Payment" };
const COUNTRIES = { AT: "Austria", CA: "Canada", CH: "Switzerland", DE: "Germany", ES: "Spain", FR: "France", GB: "United Kingdom", IT: "Italy", NL: "Netherlands", PL: "Poland", US: "United States" };
const ORDER = "fernweh.order";
const pages = { contact: contactPage, shipping: shippingPage, payment: paymentPage };

/** The page of `cart` at `step`. Without a step it is the first one still to do. */
export async function checkoutPage(cart, step) {
  const obstacle = await open(cart);
  if (obstacle) return obstacle;
  redeemFromLink();
  const known = current().email || current().masked;
  const next = pages[step] && (known || step === "contact") ? step : known ? "shipping" : "contact";
  if (step !== next) history.replaceState(null, "", `${checkoutPath()}/${next}`);
  return pages[next]();
}

/** The confirmation of the order placed last in this browser. */
export function donePage(id) {
  const order = lastOrder();
  if (order?.id !== id) return notice("Order not found", "This browser knows no such order.", "See the whole range", "#/");
  return el(
    "section",
    { id: "order-done", class: "notice" },
    el("p", { class: "stamp", "aria-hidden": "true" }, "on its way"),
    el("h1", {}, "Thank you. Safe travels."),
    el("p", {}, "Order ", el("code", {}, order.id), ` for ${dollars(order.total)} is placed. No further reminder goes out for this cart.`),
    el("p", { class: "both" }, el("a", { class: "go", href: "/" }, "See it in the console"), el("a", { class: "quiet", href: "#/" }, "Start another cart")),
  );
}

// Makes `cart` the current one, or says why there is nothing to check out.
async function open(cart) {
  const mine = cart === current().id && current().lines.length > 0;
  let state = null;
  try {
    ({ state } = await get(`/local/carts/demo/${encodeURIComponent(cart)}`));
  } catch (cause) {
    // The browser's own cart can go on: the server may not have heard of it yet.
    if (mine) return null;
    if (cause.status === 404) return notice("We do not know this cart", "It may have been begun with another run of the server.", "See the whole range", "#/");
    return notice("The cart cannot be opened now", cause.message, "See the whole range", "#/");
  }
  if (state.status !== "open") {
    if (cart === current().id) startOver();
    const text = state.status === "ordered" ? "Everything in it is on its way. You need do nothing." : "It is no longer kept.";
    return notice(state.status === "ordered" ? "This cart has been ordered" : "This cart is gone", text, "Start another cart", "#/");
  }
  if (mine) return null;
  if (state.items.length === 0) return notice("This cart is empty", "Whatever was in it has been taken out.", "See the whole range", "#/");
  adopt(state);
  return null;
}

// The restore link of a reminder with an offer brings its code along; it is good for this cart alone.
function redeemFromLink() {
  const code = new URLSearchParams(location.search).get("code");
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.hash);
  try {
    redeem(code);
  } catch {
    // A code that is none takes nothing off; the sum shows it.
  }
}

const notice = (title, text, action, href) =>
  el("section", { class: "notice" }, el("h1", {}, title), el("p", {}, text), el("a", { class: "go", href }, action));

function contactPage() {
  reach("contact");
  const cart = current();
  const email = el("input", { id: "email", name: "email", type: "email", required: true, autocomplete: "email", spellcheck: "false", value: cart.email, "data-cartback-email": "#consent" });
  const name = el("input", { id: "name", name: "name", autocomplete: "name", value: cart.name });
  const country = el("select", { id: "country", name: "country", autocomplete: "country" }, ...Object.entries(COUNTRIES).map(([code, text]) =>
    el("option", { value: code, selected: code === cart.country }, text)));
  const consent = el("input", { id: "consent", type: "checkbox", checked: cart.consented, "data-cartback-text": "2026-01" });
  const fields = [
    field("E-mail", email, "For the confirmation of your order."),
    field("Name (if you like)", name),
    field("Country", country),
    el("label", { class: "check", for: "consent" }, consent, el("span", {}, CONSENT)),
  ];
  return frame("contact", fields, { id: "continue-contact", label: "Continue to shipping" }, async () => {
    await tellContact({ email: email.value.trim(), name: name.value.trim(), country: country.value, consents: consent.checked });
    go("shipping");
  });
}

async function tellContact({ email, name, country, consents }) {
  const { id: cart_id, consented } = current();
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  await tell({ type: "contact.identified", cart_id, contact: { email, name: name || undefined, locale: "en", time_zone, country } });
  // An unticked box says nothing; only taking back a tick is a refusal.
  if (consents || consented) {
    const consent = { state: consents ? "granted" : "refused", basis: "express", source: "checkout box", text_version: "2026-01" };
    await tell({ type: "consent.changed", cart_id, contact: { email }, consent });
  }
  remember({ email, name, country, consented: consents, masked: null });
}

function shippingPage() {
  reach("address");
  reach("shipping");
  const choices = SHIPPING.map((way) =>
    el(
      "label",
      { class: "choice" },
      el("input", { type: "radio", name: "shipping", value: way.id, checked: way.id === current().shipping, onchange: choose }),
      el("span", {}, el("b", {}, way.name), el("small", {}, way.when)),
      el("span", { class: "price" }, dollars(way.cost)),
    ),
  );
  const fields = [
    el("p", { class: "who" }, `For ${current().email || current().masked} `, el("a", { href: `${checkoutPath()}/contact` }, "Change")),
    field("Street and number", el("input", { id: "street", autocomplete: "street-address", value: "Musterweg 7" })),
    el(
      "div",
      { class: "pair" },
      field("Postal code", el("input", { id: "postal-code", autocomplete: "postal-code", value: "10115" })),
      field("Town", el("input", { id: "town", autocomplete: "address-level2", value: "Berlin" })),
    ),
    el("p", { class: "note" }, "The address is a sample and stays in this page."),
    el("fieldset", {}, el("legend", {}, "How shall it travel?"), ...choices),
  ];
  const page = frame("shipping", fields, { id: "continue-shipping", label: "Continue to payment" }, async () => go("payment"));
  return page;

  function choose(event) {
    remember({ shipping: event.target.value });
    page.querySelector(".summary").replaceWith(summary(true));
    reach("shipping");
  }
}

function paymentPage() {
  reach("payment");
  const decline = el("button", { type: "button", id: "decline", class: "quiet", onclick: (event) => attempt(event.target, declined) }, "Simulate a declined card");
  const code = el("input", { id: "code", autocomplete: "off", spellcheck: "false", value: current().code ?? "", onchange: () => attempt(page.querySelector("#pay"), apply) });
  const fields = [
    el("div", { class: "plastic", "aria-hidden": "true" }, el("span", {}, "Demo card"), el("b", {}, "4242 4242 4242 4242"), el("span", {}, "09 / 29")),
    el("p", { class: "note" }, "Nothing is charged: the card is drawn."),
    field("Code (if you have one)", code),
  ];
  const page = frame("payment", fields, { id: "pay", label: `Pay ${dollars(total())}`, beside: decline }, async () => {
    await apply();
    await placeOrder();
  });
  return page;

  async function apply() {
    redeem(code.value);
    page.querySelector(".summary").replaceWith(summary(true));
    page.querySelector("#pay").textContent = `Pay ${dollars(total())}`;
  }
}

async function declined() {
  note("payment_failed");
  throw new Error("The card was declined. Nothing was charged. Your cart is kept: try again, or leave and see what Cartback does.");
}

async function placeOrder() {
  const { id: cart_id, email } = current();
  const id = `o_${crypto.randomUUID().slice(0, 8)}`;
  await tell({ type: "order.placed", cart_id, order: { id, total: decimal(total()), currency: CURRENCY, email: email || undefined } });
  sessionStorage.setItem(ORDER, JSON.stringify({ id, total: total() }));
  startOver();
  location.hash = `#/done/${id}`;
}

function lastOrder() {
  try {
    return JSON.parse(sessionStorage.getItem(ORDER));
  } catch {
    return null;
  }
}

// The frame around a step: where one is, the form, and the sum at its side.
function frame(step, fields, { id, label, beside }, proceed) {
  const button = el("button", { type: "submit", id, class: "go" }, label);
  const submit = (event) => {
    event.preventDefault();
    attempt(button, proceed);
  };
  return el(
    "section",
    { class: "checkout" },
    el(
      "div",
      {},
      el("ol", { class: "steps", "aria-label": "Checkout" }, ...Object.entries(STEPS).map(([name, text]) =>
        el("li", { "aria-current": name === step ? "step" : null }, text))),
      el("h1", {}, STEPS[step]),
      el("form", { onsubmit: submit }, ...fields, el("p", { class: "form-trouble", role: "alert" }), el("div", { class: "proceed" }, button, beside)),
    ),
    summary(step !== "contact"),
  );
}

function summary(withShipping) {
  const rows = [["Goods", dollars(goods())]];
  if (discount()) rows.push([`Code ${current().code}`, `−${dollars(discount())}`]);
  if (withShipping) rows.push([`Shipping (${way().name})`, dollars(way().cost)], ["Taxes", "included"], ["To pay", dollars(total())]);
  return el(
    "aside",
    { class: "summary", "aria-label": "Your cart" },
    el("ul", {}, ...current().lines.map((line) =>
      el("li", {}, line.image ? el("img", { src: line.image, alt: "", width: 56, height: 56 }) : null, el("span", {}, `${line.quantity} × ${line.title}`), el("b", {}, dollars(line.price * line.quantity))))),
    el("dl", {}, ...rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    withShipping ? null : el("p", { class: "note" }, "Shipping from $4.90, shown at the next step."),
  );
}

// Runs what a button does, once at a time, and shows its failure next to it.
async function attempt(button, action) {
  if (button.getAttribute("aria-busy") === "true") return;
  const trouble = button.form.querySelector(".form-trouble");
  trouble.textContent = "";
  button.setAttribute("aria-busy", "true");
  try {
    await action();
  } catch (cause) {
    trouble.textContent = cause.message;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function field(label, input, hint) {
  const note = hint ? el("small", { id: `${input.id}-hint` }, hint) : null;
  if (note) input.setAttribute("aria-describedby", note.id);
  return el("div", { class: "field" }, el("label", { for: input.id }, label), input, note);
}

// Tells each step once per cart, and again when the costs shown with it change.
function reach(step) {
  const costs = step === "contact" || step === "address" ? undefined : { shipping: decimal(way().cost), tax: "0.00", currency: CURRENCY };
  const told = `${step} ${costs?.shipping ?? ""}`;
  if (current().reached.split(",").includes(told)) return;
  remember({ reached: [current().reached, told].filter(Boolean).join(",") });
  note("step", step, costs);
}

const way = () => SHIPPING.find((option) => option.id === current().shipping) ?? SHIPPING[0];
const total = () => goods() - discount() + way().cost;
const go = (step) => {
  location.hash = `${checkoutPath()}/${step}`;
};
