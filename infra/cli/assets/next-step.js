// Decides what the console tells you to do next. Pure: a value in, a value out.

import { distance, shortTime } from "./time.js";

export const STAGES = ["nudge", "follow_up", "final"];
export const stageName = (stage) => ({ nudge: "nudge", follow_up: "follow-up", final: "final reminder" })[stage] ?? String(stage);

export const JOURNEY = ["Fill a cart", "Turn the clock", "Read the mail", "Come back", "See why"];

/** The open cart whose stage falls due first, or undefined. */
export function nextDueCart(carts) {
  return carts
    .filter((cart) => cart.sequence?.due_at && ["wait", "sending"].includes(cart.sequence.phase))
    .sort((a, b) => Date.parse(a.sequence.due_at) - Date.parse(b.sequence.due_at))[0];
}

/**
 * The next step for the cart that is shown: `at` indexes `JOURNEY`; `actions` name what a button does:
 * {label, href} | {label, turn: body of POST /local/clock} | {label, mail} | {label, why: cart}.
 */
export function nextStep({ now, carts, mails, detail, chosenCart, readMails }) {
  const cart = detail?.state;
  if (!cart) {
    return {
      at: 0,
      title: "Open the demo shop, fill a cart, leave an address.",
      text: "Then walk away without paying. Cartback notices, and this page shows what it does about it.",
      actions: [{ label: "Open the demo shop", href: "/shop" }],
    };
  }
  if (cart.status !== "open") return closedStep(cart);
  const stopped = stoppedStep(cart, detail.timeline);
  if (stopped) return stopped;
  const isOpen = (id) => carts.some((other) => other.cart === id && other.status === "open");
  // Whoever looks at one cart is not sent away to the mail of another.
  const concerns = (id) => id === cart.cart || (!chosenCart && isOpen(id));
  const unread = mails.findLast((mail) => !readMails.has(mail.id) && concerns(mail.cart));
  if (unread) return unreadStep(unread, now);
  return gapStep(cart, detail.why_idle) ?? sequenceStep({ cart, carts, mails, now });
}

const shopAgain = (label = "Start another cart") => ({ label, href: "/shop" });
const why = (cart) => ({ label: "See why", why: cart.cart });
const checkout = (cart) => `/shop#/checkout/${encodeURIComponent(cart.cart)}`;

function closedStep(cart) {
  const actions = [why(cart), shopAgain()];
  if (cart.status === "ordered") {
    const recovered = cart.order?.attribution === "recovered";
    return {
      at: 4,
      title: recovered ? "Recovered. No further mail goes out; see why." : "Ordered. No further mail goes out; see why.",
      text: `${cart.total_text ?? "The cart"} ${recovered ? "came back" : "went out"} as order ${cart.order?.id ?? ""}. The order took the cart out of every later stage in the same write.`,
      actions,
    };
  }
  const erased = cart.status === "erased";
  return {
    at: 4,
    title: erased ? "Erased. Nothing personal is left of this cart." : "Deleted. The shop took this cart away.",
    text: "No reminder can be sent for it any more.",
    actions,
  };
}

// An address that bounced or complained is left in peace; its mail is not there to be read.
function stoppedStep(cart, timeline) {
  const titles = {
    "mail.hard_bounce": "The mail bounced. The address gets no further one.",
    "mail.complaint": "The shopper called the mail spam. No further one goes out.",
  };
  const kind = timeline.map((entry) => entry.kind).findLast((name) => name in titles);
  if (!kind) return null;
  return {
    at: 4,
    title: titles[kind],
    text: "Every later stage is skipped, and says why.",
    actions: [why(cart), shopAgain()],
  };
}

function unreadStep(mail, now) {
  const name = stageName(mail.stage);
  return {
    at: 2,
    title: `The ${name} has arrived. Read it.`,
    text: `“${mail.subject}”, sent ${shortTime(mail.sent_at, now)} UTC. Press the button in the mail to come back as the shopper.`,
    actions: [{ label: `Read the ${name}`, mail: mail.id }],
  };
}

// What is missing before any reminder can be due.
function gapStep(cart, whyIdle) {
  const toShop = { label: "Continue in the shop", href: checkout(cart) };
  if (cart.items.length === 0) {
    return {
      at: 0,
      title: "The cart is empty. Put something in.",
      text: "An empty cart is never reminded of.",
      actions: [{ label: "Open the demo shop", href: "/shop" }],
    };
  }
  if (!cart.contact) {
    return {
      at: 0,
      title: "The cart has no address yet. Leave one in the checkout.",
      text: `${cart.total_text} lies in cart ${cart.cart}, but nobody knows whom to write to.`,
      actions: [toShop],
    };
  }
  if (whyIdle) {
    return {
      at: 0,
      title: "This cart gets no reminder.",
      text: `Nothing is planned, because ${whyIdle}.`,
      actions: [shopAgain(), why(cart)],
    };
  }
  return null;
}

function sequenceStep({ cart, carts, mails, now }) {
  const due = nextDueCart(carts);
  if (!due) {
    const n_sent = cart.sequence?.log?.filter((entry) => entry.result === "sent").length ?? 0;
    return {
      at: 4,
      title: n_sent ? `The sequence is over: ${n_sent} of 3 sent.` : "The sequence is over. Nothing was sent; see why.",
      text: "Nothing more is due for any cart. Each stage has its decision, with the facts it rested on.",
      actions: [why(cart), shopAgain()],
    };
  }
  const { stage, due_at, phase } = due.sequence;
  const late = Date.parse(due_at) <= Date.parse(now);
  const turn = { label: late ? "Run the next tick" : "Turn the clock to it", turn: { next_due: true } };
  if (phase === "sending") {
    return { at: 1, title: `The ${stageName(stage)} is on its way.`, text: "Cartback waits for evidence that it was accepted.", actions: [turn] };
  }
  const other = due.cart === cart.cart ? "" : ` of cart ${due.cart}`;
  const when = late ? "due now" : `due ${distance(due_at, now)}`;
  const clause = `the ${stageName(stage)}${other} is ${when}`;
  const mailed = mails.some((mail) => mail.cart === cart.cart);
  return {
    at: mailed ? 3 : 1,
    title: mailed ? "Come back through the mail, or turn the clock." : `Turn the clock: ${clause}.`,
    text:
      due.consent === "granted"
        ? `The ${stageName(stage)}${other} falls due at ${shortTime(due_at, now)} UTC. Whether it goes out is decided then, on the facts of that moment.`
        : `Consent is ${due.consent}, so expect a skip with its reason rather than a mail.`,
    actions: mailed ? [turn, { label: "Go to the checkout", href: checkout(cart) }] : [turn],
  };
}
