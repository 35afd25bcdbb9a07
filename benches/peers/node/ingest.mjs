// POST /events/{shop}: verify, parse, read shop, person and cart at once, fold, write over the version read, note, answer.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { BatchGetItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { dynamodb, readSecrets, table } from "./aws.mjs";
import { run } from "./runtime.mjs";

const CONFLICTS = ["ConditionalCheckFailedException", "TransactionCanceledException"];
const secrets = await readSecrets();
const pepper = Buffer.from(secrets.pepper, "base64");

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
  isBase64Encoded: false,
});

function isSigned(shop, headers, body, now) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !signatures || Math.abs(now / 1000 - Number(timestamp)) > 300) return false;
  return (secrets.shops[shop]?.webhooks.cartback ?? []).some((secret) => {
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
    return signatures.split(" ").some((signature) => {
      const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  });
}

const text = (value, limit) => {
  if (typeof value !== "string" || value.length > limit) throw new TypeError("not a text");
  return value;
};

const cents = (price) => {
  if (!/^\d{1,12}(\.\d{1,2})?$/.test(price)) throw new TypeError("not a price");
  return Math.round(Number(price) * 100);
};

function parse(body) {
  const message = JSON.parse(body);
  if (message.type !== "cart.updated") throw new TypeError("not a known type");
  const lines = message.cart.items.map((item) => ({
    id: text(item.id, 200),
    title: text(item.title, 500),
    variant: item.variant && text(item.variant, 500),
    quantity: Number.isInteger(item.quantity) && item.quantity > 0 ? item.quantity : 1,
    price_cents: cents(item.price),
    compare_at_cents: item.compare_at_price && cents(item.compare_at_price),
    image_url: item.image_url && new URL(item.image_url).href,
    url: item.url && new URL(item.url).href,
  }));
  return {
    cart: text(message.cart.id, 200),
    currency: text(message.cart.currency, 3),
    lines,
    total_cents: lines.reduce((sum, line) => sum + line.price_cents * line.quantity, 0),
    checkout_url: new URL(message.cart.checkout_url).href,
    email: text(message.contact.email, 254).trim().toLowerCase(),
    name: message.contact.name && text(message.contact.name, 200),
    consent: message.consent && text(message.consent.state, 20),
  };
}

const number = (value) => ({ N: String(value) });
const key = (pk, sk) => ({ pk: { S: pk }, sk: { S: sk } });

async function read(keys) {
  const request = { [table]: { Keys: keys, ConsistentRead: true } };
  const { Responses } = await dynamodb.send(new BatchGetItemCommand({ RequestItems: request }));
  return keys.map(({ pk }) => Responses[table].find((item) => item.pk.S === pk.S));
}

const over = (item, seen) => ({
  TableName: table,
  Item: { ...item, v: number((seen ? Number(seen.v.N) : 0) + 1) },
  ConditionExpression: seen ? "v = :seen" : "attribute_not_exists(pk)",
  ExpressionAttributeValues: seen && { ":seen": seen.v },
});

async function record(shop, message, now) {
  const person = createHmac("sha256", pepper).update(`${shop}\n${message.email}`).digest("base64url");
  const pk = `CART#${shop}#${message.cart}`;
  const keys = [key(`SHOP#${shop}`, "SHOP"), key(`CONTACT#${shop}#${person}`, "CONTACT"), key(pk, "CART")];
  const [settings, contact, cart] = await read(keys);
  if (!settings) return false;
  const isNewer = !cart || Number(cart.active_at.N) <= now;
  const folded = cart && { ...cart };
  const next = isNewer
    ? {
        ...(folded ?? keys[2]),
        active_at: number(now),
        created_at: cart?.created_at ?? number(now),
        email: { S: message.email },
        person: { S: person },
        name: { S: message.name ?? "" },
        contents: { S: JSON.stringify({ currency: message.currency, lines: message.lines, total_cents: message.total_cents }) },
        checkout_url: { S: message.checkout_url },
        stage: cart?.stage ?? { S: "nudge" },
        phase: cart?.phase ?? { S: "wait" },
        due_shard: cart?.due_shard ?? { S: `nudge#0${createHash("sha256").update(pk).digest()[0] % 4}` },
        due_at: cart?.due_at ?? number(now + 35 * 60_000),
        expires_at: number(Math.floor(now / 1000) + 90 * 86_400),
      }
    : folded;
  if (contact) {
    await dynamodb.send(new PutItemCommand(over(next, cart)));
  } else {
    const granted = { ...keys[1], consent: { S: message.consent ?? "unknown" }, asked_at: number(now), mails: { S: "[]" } };
    const TransactItems = [{ Put: over(next, cart) }, { Put: over(granted) }];
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
  }
  return true;
}

async function note(shop, message, id, now) {
  const Item = {
    ...key(`CART#${shop}#${message.cart}`, `EVENT#${new Date(now).toISOString()}#${id}`),
    kinds: { S: "cart.updated" },
    expires_at: number(Math.floor(now / 1000) + 60 * 86_400),
  };
  await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
}

run(async (event) => {
  const [, door, shop] = event.rawPath.split("/");
  if (event.requestContext.http.method !== "POST" || door !== "events") return answer(404, { title: "There is nothing here" });
  const now = event.requestContext.timeEpoch;
  const body = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
  if (!isSigned(shop, event.headers, body, now)) return answer(401, { title: "The signature is not valid" });
  let message;
  try {
    message = parse(body);
  } catch (error) {
    return answer(400, { title: "The message cannot be used", detail: error.message });
  }
  for (let tries = 0; ; tries += 1) {
    try {
      if (!(await record(shop, message, now))) return answer(404, { title: "There is no such shop" });
      break;
    } catch (error) {
      if (tries === 8 || !CONFLICTS.includes(error.name)) throw error;
    }
  }
  const id = event.headers["webhook-id"];
  await note(shop, message, id, now);
  console.log(JSON.stringify({ level: "INFO", message: "Message recorded", shop }));
  return answer(202, { recorded: [{ type: "cart.updated", id, at: new Date(now).toISOString(), cart: message.cart }] });
});
