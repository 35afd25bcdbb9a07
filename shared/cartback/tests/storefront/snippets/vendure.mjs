// Stands in for Vendure, as far as the plugin calls it: prints each message as a line of JSON.
class OrderEvent {}
class OrderLineEvent {}
class OrderPlacedEvent {}
class OrderStateTransitionEvent {}
const warnings = [];
const Logger = { warn: (text) => warnings.push(text) };
const heard = new Map();
const bus = { ofType: (kind) => ({ subscribe: (listener) => heard.set(kind, listener) }) };
const happen = (kind, event) => heard.get(kind)(event);

// No message waits for its next attempt, and what is posted is printed.
globalThis.setTimeout = (next) => setImmediate(next);
const answers = [];
globalThis.fetch = async (url, { headers, body }) => {
  console.log(JSON.stringify({ headers, body }));
  const status = answers.shift() ?? 202;
  if (status === 0) throw new Error("no route");
  return { status };
};
const told = () => new Promise((done) => setImmediate(() => setImmediate(() => setImmediate(done))));
