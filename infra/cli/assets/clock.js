// The hand-turned clock: reading, dial, and the buttons that turn it.

import { get, post } from "./api.js";
import { byId, isUsable, setText, setUsable } from "./dom.js";
import { nextDueCart, stageName } from "./next-step.js";
import { clockTime, distance, longDay, shortTime } from "./time.js";

const SVG = "http://www.w3.org/2000/svg";
let turning = false;
let isDue = false;
let firstMidnight = null;
let whenTurned = async () => {};

/** Wires the buttons; `whenTurned` is awaited after every turn. */
export function startClock(options) {
  whenTurned = options.whenTurned;
  for (let hour = 0; hour < 12; hour += 1) {
    const mark = document.createElementNS(SVG, "path");
    mark.setAttribute("d", hour % 3 === 0 ? "M60 10V18" : "M60 10V14");
    mark.setAttribute("transform", `rotate(${hour * 30} 60 60)`);
    byId("dial-marks").append(mark);
  }
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => turnClock({ advance_s: Number(button.dataset.advance) }));
  }
  byId("next-due").addEventListener("click", () => isUsable(byId("next-due")) && turnClock({ next_due: true }));
}

/** Turns the clock and says what happened. Does nothing while a turn is under way. */
export async function turnClock(body) {
  if (turning) return;
  turning = true;
  showBusy();
  say("Turning the clock: every schedule tick in between runs now …");
  try {
    const before = await get("/local/clock");
    const turned = await post("/local/clock", body);
    const ticks = `${turned.ticks} tick${turned.ticks === 1 ? "" : "s"}`;
    const sent = turned.sent === 0 ? "no mail sent" : `${turned.sent} mail${turned.sent === 1 ? "" : "s"} sent`;
    say(`It is ${shortTime(turned.now, before.now)} UTC. ${ticks} ran, ${sent}.`);
    await whenTurned();
  } catch (cause) {
    say(`The clock did not turn. ${cause.message}`);
  } finally {
    turning = false;
    showBusy();
  }
}

export function drawClock({ now, carts }) {
  const reading = byId("clock-now");
  reading.setAttribute("datetime", now);
  setText(byId("clock-time"), clockTime(now));
  setText(byId("clock-day"), `${longDay(now)} · UTC`);
  turnHands(now);
  drawDue(now, nextDueCart(carts));
}

// Angles count from the first midnight seen, so that the hands only ever turn forward.
function turnHands(now) {
  firstMidnight ??= Date.parse(`${now.slice(0, 10)}T00:00:00Z`);
  const minutes = (Date.parse(now) - firstMidnight) / 60_000;
  byId("dial-hour").style.rotate = `${minutes / 2}deg`;
  byId("dial-minute").style.rotate = `${minutes * 6}deg`;
}

function drawDue(now, due) {
  isDue = Boolean(due);
  const reason = due
    ? `The ${stageName(due.sequence.stage)} of cart ${due.cart} is due ${distance(due.sequence.due_at, now)}.`
    : "Nothing is due: no open cart waits for a reminder.";
  setText(byId("next-due-reason"), reason);
  showBusy();
  // The dial shows twelve hours; a later due time would point at the wrong one.
  const dot = byId("dial-due");
  const onDial = due && Date.parse(due.sequence.due_at) - Date.parse(now) < 12 * 3_600_000;
  dot.setAttribute("visibility", onDial ? "visible" : "hidden");
  if (onDial) {
    const at = new Date(due.sequence.due_at);
    dot.setAttribute("transform", `rotate(${((at.getUTCHours() % 12) * 60 + at.getUTCMinutes()) / 2} 60 60)`);
  }
}

function showBusy() {
  byId("clock").setAttribute("aria-busy", String(turning));
  byId("clock-progress").hidden = !turning;
  for (const button of document.querySelectorAll("[data-advance]")) setUsable(button, !turning);
  setUsable(byId("next-due"), isDue && !turning);
}

const say = (text) => setText(byId("clock-status"), text);
