// The local console: asks the server every two seconds while the page is seen, and hands the answers
// to the panels. Owns the state of the page; the panels own their elements.

import { get, Trouble } from "./api.js";
import { byId, el, goTo } from "./dom.js";
import { startClock, turnClock, drawClock } from "./clock.js";
import { drawCarts, startCarts } from "./carts.js";
import { drawDetail } from "./cart-detail.js";
import { drawInbox, openMail, readMails, startInbox } from "./inbox.js";
import { drawFacts } from "./facts.js";
import { startDeveloper } from "./developer.js";
import { JOURNEY, nextStep } from "./next-step.js";

const POLL_MS = 2000;
const page = { now: null, carts: [], mails: [], facts: [], detail: null, chosenCart: null };
let running = null;
let timer = null;

async function load() {
  const [clock, mails, carts, facts] = await Promise.all([
    get("/local/clock"),
    get("/local/mails"),
    get("/local/carts/demo"),
    get("/local/facts"),
  ]);
  Object.assign(page, { now: clock.now, mails, carts: carts.carts, facts });
  page.detail = await loadDetail();
}

// A cart that is gone since it was chosen gives way to the newest one.
async function loadDetail() {
  const known = page.carts.some((cart) => cart.cart === page.chosenCart);
  if (!known) page.chosenCart = null;
  const cart = page.chosenCart ?? page.carts[0]?.cart;
  return cart ? get(`/local/carts/demo/${encodeURIComponent(cart)}`) : null;
}

/** Loads and draws everything once. Calls that overlap share one run. */
function refresh() {
  running ??= load()
    .then(() => {
      showTrouble(null);
      draw();
    })
    .catch(showTrouble)
    .finally(() => {
      running = null;
    });
  return running;
}

/** A run that began before an action may show the past, so let it end and ask again. */
async function refreshAfterAction() {
  await running;
  await refresh();
}

function draw() {
  drawClock(page);
  drawNextStep();
  drawCarts(page);
  drawDetail(page);
  drawInbox(page);
  drawFacts(page);
}

function showTrouble(cause) {
  const box = byId("trouble");
  box.hidden = cause === null;
  if (cause === null) return;
  if (!(cause instanceof Trouble)) console.error(cause);
  if (box.textContent !== cause.message) box.textContent = cause.message;
  if (page.now !== null) return;
  byId("next-title").textContent = "Start the local server.";
  byId("next-text").textContent = "This page fills itself as soon as the server answers.";
}

let shownStep = "";
function drawNextStep() {
  const step = nextStep({ ...page, readMails: readMails() });
  const printed = JSON.stringify(step);
  if (printed === shownStep) return;
  shownStep = printed;
  // "follow-up" would break at its hyphen, which reads badly in a large title.
  const pieces = step.title.split(/(follow-up)/);
  byId("next-title").replaceChildren(...pieces.map((piece) => (piece === "follow-up" ? el("span", { class: "together" }, piece) : piece)));
  byId("next-text").textContent = step.text;
  byId("journey").replaceChildren(
    ...JOURNEY.map((name, index) =>
      el("li", { class: index < step.at ? "past" : null, "aria-current": index === step.at ? "step" : null }, name),
    ),
  );
  const actions = byId("next-actions");
  const hadFocus = actions.contains(document.activeElement);
  actions.replaceChildren(...step.actions.map(actionButton));
  if (hadFocus) actions.firstElementChild?.focus();
}

function actionButton(action, index) {
  const look = index === 0 ? "primary" : null;
  if (action.href) return el("a", { class: `button ${look ?? ""}`, href: action.href }, action.label);
  return el("button", { type: "button", class: look, onclick: () => act(action) }, action.label);
}

async function act(action) {
  if (action.turn) {
    await turnClock(action.turn);
  } else if (action.mail) {
    openMail(page, action.mail);
    drawNextStep();
    goTo(byId("mail-subject"));
  } else if (action.why) {
    page.chosenCart = action.why;
    await refreshAfterAction();
    goTo(byId("why-title"));
  }
}

function poll() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible") return;
  refresh().finally(() => {
    timer = setTimeout(poll, POLL_MS);
  });
}

startClock({ whenTurned: refreshAfterAction });
startCarts((cart) => {
  page.chosenCart = cart;
  return refreshAfterAction();
});
startInbox((mail) => {
  openMail(page, mail);
  drawNextStep();
});
startDeveloper();
document.addEventListener("visibilitychange", poll);
poll();
