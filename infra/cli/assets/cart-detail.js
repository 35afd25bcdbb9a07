// One cart: its state, the track of its three reminders, its decisions and its timeline.

import { byId, el, reconcile, setText, webAddress } from "./dom.js";
import { STAGES, stageName } from "./next-step.js";
import { word } from "./carts.js";
import { distance, exact, shortTime, span } from "./time.js";

const WINDOWS = { nudge: "30 to 60 min idle", follow_up: "after 6 to 12 h", final: "after 24 to 48 h" };
const RESULTS = { sent: "Sent", skipped: "Skipped", failed: "Failed", presumed: "Presumed sent" };

export function drawDetail({ detail, now }) {
  byId("cart-detail").hidden = !detail;
  if (!detail) return;
  const { state, timeline, decisions, why_idle: whyIdle, why_held: whyHeld } = detail;
  drawHead(state, whyHeld, now);
  reconcile(byId("track"), stations(state, decisions, now), {
    key: (station) => station.name,
    create: () => el("li"),
    draw: (item, station) => {
      item.className = station.look;
      item.replaceChildren(
        el("b", {}, station.name),
        el("span", { class: "what" }, station.what),
        el("span", { class: "when" }, station.when),
      );
    },
  });
  drawItems(state);
  drawDecisions(decisions, state, whyIdle, now);
  drawTimeline(timeline, now);
}

function drawHead(state, whyHeld, now) {
  setText(byId("cart-title"), `Cart ${state.cart}`);
  const facts = [
    word(state),
    state.contact ?? "no address",
    `consent ${state.consent}`,
    state.country,
    state.high_value ? "high value" : null,
    ...state.offers.map((offer) => `${offer.discount} off with the ${stageName(offer.stage)}`),
    whyHeld ? `held back: ${whyHeld}` : null,
    state.status === "erased" ? null : `active ${distance(state.last_activity_at, now)}`,
  ];
  setText(byId("cart-line"), facts.filter(Boolean).join(" · "));
  setText(byId("cart-total"), state.total_text);
  setText(byId("cart-savings"), state.savings_text ? `saves ${state.savings_text}` : "");
}

/** The stops of the track: last activity, the three stages, and the order if there is one. */
function stations(state, decisions, now) {
  const closed = state.status !== "open";
  const stops = [
    state.status === "erased"
      ? { name: "Left alone", look: "start", what: "forgotten", when: "" }
      : { name: "Left alone", look: "start", what: "last activity", when: shortTime(state.last_activity_at, now) },
    ...STAGES.map((stage) => ({ name: capital(stageName(stage)), ...stop(stage, state, decisions, now, closed) })),
  ];
  if (state.order) {
    const recovered = state.order.attribution === "recovered";
    const name = recovered ? "Recovered" : "Ordered";
    stops.push({ name, look: "good", what: state.order.id, when: shortTime(state.order.placed_at, now) });
  }
  return stops;
}

function stop(stage, state, decisions, now, closed) {
  const entry = state.sequence.log?.findLast((line) => line.stage === stage);
  if (entry) {
    const reason = entry.reason ? `: ${words(entry.reason)}` : "";
    return { look: entry.result, what: `${RESULTS[entry.result] ?? entry.result}${reason}`, when: shortTime(entry.at, now) };
  }
  const { phase, due_at, stage: current } = state.sequence;
  if (closed || phase === "done") return { look: "never", what: "No longer needed", when: "" };
  if (phase === "idle") return { look: "never", what: "Not planned", when: "" };
  if (current === stage && phase === "sending") return { look: "sending", what: "On its way", when: "waiting for evidence" };
  if (current === stage && due_at) {
    const isDeferred = decisions.findLast((decision) => decision.stage === stage)?.decision === "defer";
    return { look: "due", what: `${isDeferred ? "Deferred, due" : "Due"} ${distance(due_at, now)}`, when: shortTime(due_at, now) };
  }
  return { look: "later", what: "Later", when: WINDOWS[stage] };
}

function drawItems(state) {
  reconcile(byId("items"), state.items, {
    key: (item) => `${item.id} ${item.variant ?? ""}`,
    create: () => el("li"),
    draw: (line, item) => {
      const image = item.image_url && webAddress(item.image_url);
      const note = [item.variant, item.quantity > 1 ? `${item.quantity} pieces` : null].filter(Boolean).join(" · ");
      line.replaceChildren(
        image ? el("img", { src: image, alt: "", width: 44, height: 44, loading: "lazy" }) : el("span", { class: "no-image" }),
        el("span", { class: "title" }, el("b", {}, item.title), el("span", { class: "soft" }, note)),
        el("span", { class: "price" }, item.compare_at_price ? el("s", {}, item.compare_at_price) : null, ` ${item.price} ${state.currency}`),
      );
    },
  });
}

function drawDecisions(decisions, state, whyIdle, now) {
  const list = byId("decisions");
  reconcile(list, newestFirst(decisions), {
    key: (decision) => `${decision.stage} ${decision.at} ${decision.attempt ?? ""} ${decision.decision}`,
    print: (decision) => JSON.stringify([decision, now.slice(0, 10)]),
    create: () => el("li"),
    draw: (item, decision) => {
      item.replaceChildren(
        el(
          "p",
          { class: "row" },
          el("span", { class: `badge ${{ send: "good", skip: "warn", defer: "info" }[decision.decision] ?? "calm"}` }, decision.decision),
          el("b", {}, capital(stageName(decision.stage))),
          el("time", { class: "soft", datetime: decision.at, title: exact(decision.at) }, shortTime(decision.at, now)),
        ),
        el("p", {}, decision.text),
        evidence(decision),
      );
    },
  });
  const none = byId("no-decisions");
  none.hidden = decisions.length > 0;
  setText(none, silence(state, whyIdle));
}

function evidence({ reason, until, attempt, facts_digest: digest }) {
  const rows = { rule: reason, until: until && exact(until), attempt, "facts digest": digest };
  return el(
    "details",
    {},
    el("summary", {}, "Evidence"),
    el("dl", { class: "rows" }, ...Object.entries(rows).filter(([, value]) => value).map(([name, value]) =>
      el("div", {}, el("dt", {}, name), el("dd", {}, el("code", {}, value))))),
  );
}

function silence(state, whyIdle) {
  if (state.order) {
    const gone = Date.parse(state.order.placed_at) - Date.parse(state.created_at);
    const when = gone < 60_000 ? "right away" : `${span(gone)} after the first item`;
    return `Ordered ${when}, before any reminder was due. There was nothing to decide.`;
  }
  if (state.status !== "open") return `The cart is ${state.status}. There is nothing left to decide.`;
  if (whyIdle) return `Nothing is planned for this cart, because ${whyIdle}.`;
  return "Nothing decided yet. Each stage is decided when it falls due, and the reason is written down here.";
}

function drawTimeline(timeline, now) {
  const seen = new Map();
  const entries = timeline.map((entry) => {
    const print = `${entry.at} ${entry.kind} ${entry.text}`;
    seen.set(print, (seen.get(print) ?? 0) + 1);
    return { ...entry, key: `${print} ${seen.get(print)}` };
  });
  reconcile(byId("timeline"), newestFirst(entries), {
    key: (entry) => entry.key,
    print: (entry) => JSON.stringify([entry, now.slice(0, 10)]),
    create: () => el("li"),
    draw: (item, entry) => {
      item.dataset.kind = entry.kind;
      item.replaceChildren(
        el("time", { class: "soft", datetime: entry.at, title: exact(entry.at) }, shortTime(entry.at, now)),
        el("span", {}, entry.text, " ", el("code", {}, entry.kind)),
      );
    },
  });
}

// Reverse first: entries of the same instant, common while the clock stands still, stay newest first.
const newestFirst = (entries) => [...entries].reverse().sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const words = (code) => code.replaceAll("_", " ");
