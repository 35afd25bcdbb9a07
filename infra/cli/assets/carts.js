// The list of carts.

import { arrowKeys, byId, el, reconcile, setText } from "./dom.js";
import { stageName } from "./next-step.js";
import { distance } from "./time.js";

export function startCarts(choose) {
  const list = byId("carts");
  arrowKeys(list);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-cart]");
    if (button) choose(button.dataset.cart);
  });
}

export function drawCarts({ carts, now, detail }) {
  const shown = detail?.state.cart;
  reconcile(byId("carts"), carts, {
    key: (cart) => cart.cart,
    print: (cart) => JSON.stringify([cart, now, cart.cart === shown]),
    create: (cart) => el("li", {}, el("button", { type: "button", "data-cart": cart.cart })),
    draw: (item, cart) => {
      const button = item.firstElementChild;
      const wasShown = button.getAttribute("aria-current") === "true";
      button.setAttribute("aria-current", String(cart.cart === shown));
      button.replaceChildren(
        el("span", { class: "row" }, el("b", {}, cart.total_text ?? "–"), el("span", { class: `badge ${tone(cart)}` }, word(cart))),
        el("span", { class: "row soft" }, el("code", {}, cart.cart), el("span", {}, headline(cart, now))),
      );
      if (cart.cart === shown && !wasShown) showInStrip(item);
    },
  });
  byId("no-carts").hidden = carts.length > 0;
  const n_open = carts.filter((cart) => cart.status === "open").length;
  setText(byId("cart-count"), carts.length ? `${carts.length} in all, ${n_open} open` : "");
}

// Scrolls the strip alone: the page stays where the person is reading.
function showInStrip(item) {
  const strip = item.parentElement;
  if (!strip) return;
  const { left, right } = item.getBoundingClientRect();
  const edge = strip.getBoundingClientRect();
  const margin = 4;
  if (left < edge.left + margin) strip.scrollLeft -= edge.left + margin - left;
  else if (edge.right - margin < right) strip.scrollLeft += right - edge.right + margin;
}

/** The one word that sums a cart up. */
export const word = (cart) => (cart.order?.attribution === "recovered" ? "recovered" : cart.status);

export const tone = (cart) => ({ open: "info", ordered: "good", deleted: "calm", erased: "calm" })[cart.status] ?? "calm";

function headline(cart, now) {
  const { stage, due_at, phase } = cart.sequence ?? {};
  if (cart.status === "open" && due_at && phase === "wait") return `${stage === "final" ? "final" : stageName(stage)} ${distance(due_at, now)}`;
  if (cart.status === "open" && !cart.contact) return "no address yet";
  // Of an erased cart not even the time of its last activity is kept.
  if (cart.status === "erased") return "forgotten";
  return `active ${distance(cart.last_activity_at, now)}`;
}
