// {"stage": "nudge"}: takes what is due, and for each cart reads, decides, renders, reserves, notes, sends and settles.
import { createHmac, randomUUID } from "node:crypto";
import { GetItemCommand, PutItemCommand, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { dynamodb, readSecrets, settings, table } from "./aws.mjs";
import { ANSWERS, render } from "./mail.mjs";
import { run } from "./runtime.mjs";

const CONCURRENCY = 16;
const N_SHARDS = 4;
// SES knows no idempotency token: a request that is repeated is a second mail.
const ses = new SESv2Client({ ...settings, maxAttempts: 1 });
const linkKey = Buffer.from((await readSecrets()).link_keys[0].secret, "base64");

const number = (value) => ({ N: String(value) });
const over = (item, seen) => ({
  TableName: table,
  Item: { ...item, v: number(Number(seen.v.N) + 1) },
  ConditionExpression: "v = :seen",
  ExpressionAttributeValues: { ":seen": seen.v },
});

async function due(stage, shard, now) {
  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      IndexName: "due",
      KeyConditionExpression: "due_shard = :shard AND due_at <= :now",
      ExpressionAttributeValues: { ":shard": { S: `${stage}#0${shard}` }, ":now": number(now) },
      Limit: 200,
    }),
  );
  return Items;
}

async function read(pk, sk) {
  const Key = { pk: { S: pk }, sk: { S: sk } };
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item;
}

function token(purpose, subject, attempt) {
  const payload = Buffer.from(`${purpose}.${subject}.${attempt}`).toString("base64url");
  return `${payload}.${createHmac("sha256", linkKey).update(payload).digest("base64url")}`;
}

function decide(cart, contact, stage, now) {
  if (cart.stage.S !== stage || cart.phase.S !== "wait" || now < Number(cart.due_at.N)) return "stale";
  if (contact.stopped_at || contact.consent.S !== "granted") return "no consent";
  if (contact.last_order_at && Number(contact.last_order_at.N) > Number(cart.active_at.N)) return "ordered";
  if (now - Number(cart.active_at.N) > 3 * 3_600_000) return "too late";
  const mails = JSON.parse(contact.mails.S);
  if (mails.some((at) => now - at < 4 * 3_600_000)) return "too soon";
  if (mails.filter((at) => now - at < 7 * 86_400_000).length >= 3) return "too many";
  return "send";
}

async function remind(pk, stage, shop, now) {
  const cart = await read(pk, "CART");
  const person = `CONTACT#${shop.id}#${cart.person.S}`;
  const contact = await read(person, "CONTACT");
  const verdict = decide(cart, contact, stage, now);
  if (verdict !== "send") return verdict;
  const attempt = randomUUID();
  const contents = JSON.parse(cart.contents.S);
  const unsubscribe = `${shop.links_url}/unsubscribe/${token("u", cart.person.S, attempt)}`;
  const answered = `${shop.links_url}/reason/${token("a", pk, attempt)}`;
  const mail = render({
    ...contents,
    brand: shop.brand,
    first_name: cart.name.S,
    restore_url: `${shop.links_url}/restore/${token("r", pk, attempt)}`,
    unsubscribe_url: unsubscribe,
    preferences_url: `${shop.links_url}/preferences/${token("p", cart.person.S, attempt)}`,
    answers: ANSWERS.map((name) => ({ name, url: `${answered}/${name}` })),
  });
  const reserved = { ...cart, phase: { S: "sending" }, attempt: { S: attempt }, due_at: number(now + 15 * 60_000) };
  const noted = { ...contact, mails: { S: JSON.stringify([...JSON.parse(contact.mails.S), now]) } };
  const TransactItems = [{ Put: over(reserved, cart) }, { Put: over(noted, contact) }];
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: attempt }));
  const decision = {
    pk: cart.pk,
    sk: { S: `DECISION#${stage}#${attempt}` },
    decision: { S: "send" },
    expires_at: number(Math.floor(now / 1000) + 60 * 86_400),
  };
  await dynamodb.send(new PutItemCommand({ TableName: table, Item: decision }));
  const part = (Data) => ({ Data, Charset: "UTF-8" });
  await ses.send(
    new SendEmailCommand({
      FromEmailAddress: shop.from,
      Destination: { ToAddresses: [cart.email.S] },
      ReplyToAddresses: [shop.brand.support_email],
      Content: {
        Simple: {
          Subject: part(mail.subject),
          Body: { Html: part(mail.html), Text: part(mail.text) },
          Headers: [
            { Name: "List-Unsubscribe", Value: `<${unsubscribe}>` },
            { Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click" },
          ],
        },
      },
      EmailTags: [
        { Name: "attempt", Value: attempt },
        { Name: "stage", Value: stage },
      ],
      ConfigurationSetName: process.env.CARTBACK_CONFIGURATION_SET,
    }),
  );
  const settled = { ...reserved, v: number(Number(cart.v.N) + 1) };
  const next = { ...settled, stage: { S: "follow_up" }, phase: { S: "wait" }, due_at: number(now + 8 * 3_600_000) };
  next.due_shard = { S: cart.due_shard.S.replace("nudge", "follow_up") };
  await dynamodb.send(new PutItemCommand(over(next, settled)));
  return "sent";
}

run(async ({ stage }) => {
  const now = Date.now();
  const counts = {};
  let shop;
  for (;;) {
    const shards = await Promise.all(Array.from({ length: N_SHARDS }, (_, shard) => due(stage, shard, now)));
    const keys = shards.flat().map((item) => item.pk.S);
    if (keys.length === 0) return { stage, carts: counts };
    if (!shop) {
      const settings = await read("SHOP#demo", "SHOP");
      shop = { ...JSON.parse(settings.settings.S), id: "demo" };
    }
    const queue = keys[Symbol.iterator]();
    const work = async () => {
      for (const pk of queue) {
        const end = await remind(pk, stage, shop, now);
        counts[end] = (counts[end] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }
});
