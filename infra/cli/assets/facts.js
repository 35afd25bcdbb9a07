// The facts that would go on the EventBridge bus.

import { byId, el, reconcile } from "./dom.js";
import { exact, shortTime } from "./time.js";

const TONES = { CartAbandoned: "info", ReminderSent: "good", ReminderSkipped: "warn", ReminderFailed: "bad", CartRecovered: "good", ReasonGiven: "info", ContactSuppressed: "bad" };

export function drawFacts({ facts, now }) {
  byId("no-facts").hidden = facts.length > 0;
  reconcile(byId("facts"), [...facts].reverse(), {
    key: (fact) => fact.id,
    print: (fact) => JSON.stringify([fact, now.slice(0, 10)]),
    create: () => el("li"),
    draw: (item, fact) =>
      item.replaceChildren(
        el("time", { class: "soft", datetime: fact.time, title: exact(fact.time) }, shortTime(fact.time, now)),
        el("span", { class: `badge ${TONES[fact.type] ?? "calm"}` }, fact.type),
        el("code", { class: "detail" }, ...fields(fact.detail)),
      ),
  });
}

function fields(detail) {
  return Object.entries(detail ?? {}).flatMap(([name, value]) => [
    el("span", { class: "field" }, el("i", {}, name), " ", typeof value === "object" ? JSON.stringify(value) : String(value)),
    " ",
  ]);
}
