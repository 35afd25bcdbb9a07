// Small ways to build and refresh elements. Server text only ever becomes text, never markup.

/** Creates an element; `props` sets attributes, `on*` listeners and `class`; children are nodes or text. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

/**
 * Makes the children of `list` match `items` in order. A child is kept, with its focus and scroll
 * position, as long as its key stays; its content is redrawn only when the item itself changed.
 */
export function reconcile(list, items, { key, create, draw, print = JSON.stringify }) {
  const kept = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let previous = null;
  for (const item of items) {
    const id = String(key(item));
    let child = kept.get(id);
    kept.delete(id);
    if (!child) {
      child = create(item);
      child.dataset.key = id;
    }
    const printed = print(item);
    if (child.printed !== printed) {
      child.printed = printed;
      draw(child, item);
    }
    const place = previous ? previous.nextSibling : list.firstChild;
    if (place !== child) list.insertBefore(child, place);
    previous = child;
  }
  for (const child of kept.values()) child.remove();
}

/** Arrow keys, Home and End move the focus within a list of buttons. */
export function arrowKeys(list, selector = "button") {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const ends = { Home: 0, End: -1 }[event.key];
    if (step === undefined && ends === undefined) return;
    const buttons = [...list.querySelectorAll(selector)];
    const index = ends ?? buttons.indexOf(document.activeElement) + step;
    const target = buttons.at(ends === -1 ? -1 : Math.max(0, Math.min(index, buttons.length - 1)));
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
}

/** A web address that is safe to put into `src` or `href`, or null. */
export function webAddress(text) {
  try {
    const address = new URL(text, location.origin);
    return ["http:", "https:"].includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

/** Sets text only when it differs, so that a screen reader is not told twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Keeps a busy or useless button in the tab order and says why it does nothing. */
export function setUsable(button, usable) {
  if (usable) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}

export const isUsable = (button) => button.getAttribute("aria-disabled") !== "true";

/** Scrolls to a panel and puts the focus on it. */
export function goTo(node) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
  if (!node.hasAttribute("tabindex") && !node.matches("button, a, input")) node.setAttribute("tabindex", "-1");
  node.focus({ preventScroll: true });
}
