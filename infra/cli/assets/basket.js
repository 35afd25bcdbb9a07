// The shopper's cart: kept in this browser, told to Cartback through the shop's backend.

import { post } from "./api.js";
import { CODES, CURRENCY, decimal } from "./catalog.js";

export const KEY = "fernweh.cart";
const listeners = new Set();
let basket = stored() ?? fresh();
let tail = Promise.resolve();
let watched = null;
const SESSION_S = 600;

export const current = () => basket;
export const onChange = (listener) => listeners.add(listener);
export const nPieces = () => basket.lines.reduce((sum, line) => sum + line.quantity, 0);
export const goods = () => basket.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
export const discount = () => Math.round((goods() * (CODES[basket.code] ?? 0)) / 100);
export const checkoutPath = () => `#/checkout/${encodeURIComponent(basket.id)}`;

/** Adds one piece. Resolves when Cartback has recorded it. */
export function add(line) {
  const known = basket.lines.find((other) => other.id === line.id);
  if (known) known.quantity += 1;
  else basket.lines.push({ ...line });
  return changed();
}

/** Sets how many pieces of a line are wanted; zero removes it. */
export function setQuantity(id, quantity) {
  for (const line of basket.lines) if (line.id === id) line.quantity = quantity;
  basket.lines = basket.lines.filter((line) => line.quantity > 0);
  return changed();
}

/** Remembers fields such as `email` without telling anybody. */
export function remember(fields) {
  Object.assign(basket, fields);
  keep();
}

/** Takes what `code` is worth off the goods; an empty one takes it back. Throws if the shop does not know it. */
export function redeem(code) {
  const wanted = code.trim().toUpperCase() || null;
  if (wanted === basket.code) return;
  const isKnown = wanted === null || Object.hasOwn(CODES, wanted);
  if (wanted) note("coupon", isKnown);
  if (!isKnown) throw new Error(`The shop does not know the code ${wanted}. Correct it, or leave it out.`);
  remember({ code: wanted });
}

/** Takes over a cart that was begun on another device, as the server knows it. */
export function adopt(state) {
  const cents = (text) => (text ? Math.round(Number(text) * 100) : null);
  basket = {
    ...fresh(),
    id: state.cart,
    masked: state.contact,
    lines: state.items.map((item) => ({
      id: item.id,
      title: item.title,
      variant: item.variant ?? null,
      quantity: item.quantity,
      price: cents(item.price),
      compare: cents(item.compare_at_price),
      image: item.image_url ?? null,
      url: item.url ?? null,
    })),
  };
  keep();
}

/** Takes over what another tab has stored. */
export function readAgain() {
  basket = stored() ?? fresh();
  announce();
}

/** Begins an empty cart with a new id. */
export function startOver() {
  basket = fresh();
  keep();
}

/** Tells Cartback's snippet what the shopper does; the snippet may still be loading. */
export function note(...call) {
  window.cartback ??= Object.assign((...early) => window.cartback.q.push(early), { q: [] });
  window.cartback(...call);
}

// The shop's backend lets this page tell of this cart, and of no other.
async function watch(id) {
  if (watched !== id) note("session", null);
  watched = id;
  try {
    const answer = await fetch(`/shop/session/${encodeURIComponent(id)}`, { method: "POST" });
    if (answer.ok && watched === id) note("session", await answer.text());
  } catch {
    // The snippet keeps what it has to tell; the next session takes it along.
  }
}

/** Sends one event after all earlier ones; rejects with a `Trouble` when it was not recorded. */
export function tell(event) {
  const send = () => post("/shop/events", { ...event, id: crypto.randomUUID() });
  const told = tail.then(send, send);
  tail = told;
  return told;
}

/** Sends the whole cart again, for instance after the server was away. */
export function tellCart() {
  const items = basket.lines.map((line) => ({
    id: line.id,
    title: line.title,
    variant: line.variant ?? undefined,
    quantity: line.quantity,
    price: decimal(line.price),
    compare_at_price: line.compare ? decimal(line.compare) : undefined,
    image_url: line.image ?? undefined,
    url: line.url ?? undefined,
  }));
  const checkout_url = `${location.origin}/shop${checkoutPath()}`;
  return tell({ type: "cart.updated", cart: { id: basket.id, currency: CURRENCY, items, checkout_url } });
}

function changed() {
  keep();
  return tellCart();
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(basket));
  } catch {
    // Private windows may refuse storage; the cart then lives as long as the page.
  }
  announce();
}

function announce() {
  if (watched !== basket.id) watch(basket.id);
  for (const listener of listeners) listener(basket);
}

watch(basket.id);
setInterval(() => watch(basket.id), SESSION_S * 1000);

function stored() {
  try {
    const cart = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(cart?.lines) && cart.id ? { ...fresh(), ...cart } : null;
  } catch {
    return null;
  }
}

function fresh() {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const id = `c_${Array.from(random, (byte) => "abcdefghijkmnpqrstuvwxyz23456789"[byte % 32]).join("")}`;
  return { id, lines: [], email: "", name: "", country: "DE", consented: false, masked: null, shipping: "standard", code: null, reached: "" };
}
