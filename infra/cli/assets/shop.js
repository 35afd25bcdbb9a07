// The storefront: routes, shelves, product pages and the cart drawer.

import { byId, el, reconcile, setText } from "./dom.js";
import { KEY, add, checkoutPath, current, goods, nPieces, onChange, readAgain, setQuantity, tellCart } from "./basket.js";
import { PRODUCTS, dollars, findProduct, lineOf } from "./catalog.js";
import { checkoutPage, donePage } from "./checkout.js";

const pageOf = { product: productPage, checkout: checkoutPage, done: donePage };
let visit = 0;

async function route({ focus }) {
  visit += 1;
  const here = visit;
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decode);
  const draw = pageOf[name];
  byId("hero").hidden = Boolean(draw);
  byId("drawer").close();
  const content = draw ? await draw(...rest) : shelves();
  // A slower page must not replace the one opened after it.
  if (here !== visit || !content) return;
  const page = byId("page");
  page.replaceChildren(content);
  const title = content.querySelector("h1, h2")?.textContent;
  document.title = draw && title ? `${title} · Fernweh Supply` : "Fernweh Supply";
  if (!focus) return;
  scrollTo(0, 0);
  page.focus({ preventScroll: true });
}

// A broken address leads to the shelves, not to an error.
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function shelves() {
  return el(
    "section",
    { class: "shelves", "aria-labelledby": "shelves-title" },
    el("h2", { id: "shelves-title" }, "The whole range"),
    el("ul", { class: "grid" }, ...PRODUCTS.map(card)),
  );
}

function card(product, index) {
  return el(
    "li",
    { class: "card" },
    el(
      "a",
      { href: `#/product/${product.sku}`, class: "to-product" },
      photo(product, index < 3),
      el("span", { class: "number", "aria-hidden": "true" }, `No. ${index + 1}`),
      el("h3", {}, product.title),
    ),
    el("p", { class: "line" }, product.line),
    el("div", { class: "buy" }, price(product), addButton(product)),
  );
}

function productPage(sku) {
  const product = findProduct(sku);
  if (!product) {
    return el(
      "section",
      { class: "notice" },
      el("h1", {}, "We do not have that."),
      el("p", {}, "The page you followed belongs to nothing on our six shelves."),
      el("a", { class: "go", href: "#/" }, "See the whole range"),
    );
  }
  return el(
    "article",
    { class: "product" },
    photo(product, true),
    el(
      "div",
      {},
      el("p", { class: "crumb" }, el("a", { href: "#/" }, "← The whole range")),
      el("h1", {}, product.title),
      el("p", { class: "line" }, product.line),
      el("p", { class: "story" }, product.story),
      el("p", { class: "variant" }, `Colour: ${product.variant}`),
      el("div", { class: "buy" }, price(product), addButton(product)),
    ),
  );
}

const photo = ({ picture, alt }, eager) =>
  el("img", { src: `/assets/${picture}.png`, alt, width: 600, height: 600, loading: eager ? "eager" : "lazy" });

function price(product) {
  if (!product.compare) return el("p", { class: "price" }, dollars(product.price));
  return el(
    "p",
    { class: "price" },
    el("span", { class: "sr" }, "before "),
    el("s", {}, dollars(product.compare)),
    el("span", { class: "sr" }, ", now "),
    " ",
    el("ins", {}, dollars(product.price)),
  );
}

function addButton(product) {
  const put = () => {
    toast(`${product.title} is in your cart.`);
    settle(add(lineOf(product)));
  };
  return el("button", { type: "button", class: "go", "data-add": product.sku, "aria-label": `Add ${product.title} to the cart`, onclick: put }, "Add to cart");
}

function drawDrawer({ lines }) {
  const n = nPieces();
  setText(byId("cart-count"), String(n));
  setText(byId("cart-count-words"), n === 1 ? " piece" : " pieces");
  setText(byId("drawer-total"), dollars(goods()));
  byId("no-lines").hidden = lines.length > 0;
  byId("drawer-foot").hidden = lines.length === 0;
  reconcile(byId("lines"), lines, { key: (line) => line.id, create: newLine, draw: drawLine });
}

// The buttons stay the same elements while the number changes, so that the focus stays on them.
function newLine({ id, title }) {
  const change = (step) => () => {
    const line = current().lines.find((other) => other.id === id);
    if (!line) return;
    if (line.quantity + step < 1) byId("close-cart").focus();
    settle(setQuantity(id, line.quantity + step));
  };
  return el(
    "li",
    {},
    el("img", { alt: "", width: 72, height: 72 }),
    el("div", {}, el("b", {}, title), el("small", {})),
    el(
      "div",
      { class: "amount", role: "group", "aria-label": `Pieces of ${title}` },
      el("button", { type: "button", "aria-label": "One less", onclick: change(-1) }, "−"),
      el("output", {}),
      el("button", { type: "button", "aria-label": "One more", onclick: change(1) }, "+"),
    ),
    el("span", { class: "line-total" }),
  );
}

function drawLine(item, line) {
  const image = item.querySelector("img");
  if (line.image && image.src !== line.image) image.src = line.image;
  setText(item.querySelector("small"), line.variant ?? "");
  setText(item.querySelector("output"), String(line.quantity));
  setText(item.querySelector(".line-total"), dollars(line.price * line.quantity));
}

/** Shows what went wrong until a later attempt goes through. */
async function settle(told) {
  const banner = byId("banner");
  try {
    await told;
    banner.hidden = true;
  } catch (cause) {
    setText(byId("banner-text"), `The shop could not tell Cartback about your cart. ${cause.message}`);
    banner.hidden = false;
  }
}

let toastTimer = null;
function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("shown"), 2600);
}

byId("open-cart").addEventListener("click", () => byId("drawer").showModal());
byId("close-cart").addEventListener("click", () => byId("drawer").close());
byId("drawer").addEventListener("click", (event) => {
  if (event.target === byId("drawer")) byId("drawer").close();
});
byId("checkout").addEventListener("click", () => {
  byId("drawer").close();
  location.hash = checkoutPath();
});
byId("banner-retry").addEventListener("click", () => settle(tellCart()));
addEventListener("hashchange", () => route({ focus: true }));
// Another tab may have changed the cart. A checkout under way keeps its own: two tabs with two carts
// would otherwise take turns in overwriting each other.
addEventListener("storage", (event) => {
  if (event.key === KEY && !location.hash.startsWith("#/checkout/")) readAgain();
});
onChange(drawDrawer);
drawDrawer(current());
route({ focus: false });
