// Talks to the local server. Every failure leaves here as one plain sentence with its remedy.

/** The server did not do what was asked; `message` is for people. `status` is 0 when nobody answered. */
export class Trouble extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const SILENT =
  "The local server does not answer. Start it again with “cartback local”; this page reconnects by itself.";

async function ask(path, { patience_ms, ...options }) {
  let response;
  try {
    response = await fetch(path, { ...options, cache: "no-store", signal: AbortSignal.timeout(patience_ms) });
  } catch (cause) {
    if (cause.name === "TimeoutError") {
      throw new Trouble("The local server is taking very long. Look at its terminal for an error, then try again.");
    }
    throw new Trouble(SILENT);
  }
  const text = await response.text();
  const body = parse(text);
  if (response.ok && body !== undefined) return body;
  throw new Trouble(sentence(path, response, body), response.status);
}

function parse(text) {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentence(path, response, body) {
  const said = [body?.title, body?.detail].filter(Boolean).join(": ");
  if (said) return said;
  if (response.ok) return `The answer of ${path} is not JSON. Console and server may be of different versions: rebuild.`;
  if (response.status === 404) return `The server knows no ${path}.`;
  return `The server answered ${response.status} to ${path}. Its terminal says why.`;
}

export const get = (path) => ask(path, { patience_ms: 15_000 });

// Turning the clock runs every schedule tick in between, so it may take a while.
export const post = (path, body) =>
  ask(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    patience_ms: 180_000,
  });
