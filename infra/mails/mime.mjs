// A mail as it travels: built like SES builds it, read back by another parser, held to its limits.
import { writeFile } from "node:fs/promises";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import PostalMime from "postal-mime";

// Now: to rspamd a date of long ago is a sign of spam.
const sent = new Date();
const day = sent.toUTCString().replace("GMT", "+0000");

// As SES hands it over; without it the mail would seem to come from nowhere.
export const host = "a1-2.smtp-out.eu-west-1.amazonses.com";
export const ip = "54.240.1.2";
export const received = `Received: from ${host} (${host} [${ip}])\r\n\tby mx.example.com with ESMTPS id 1; ${day}\r\n`;

const hosts = /^https:\/\/(hearth\.example|links\.hearth\.example|cdn\.hearth\.example)(\/|$|\?)/;

export async function checkMime(mails, folder) {
  const findings = [];
  for (const mail of mails) {
    const raw = await build(mail);
    await writeFile(`${folder}/mails/${mail.name}.eml`, raw);
    for (const finding of await faults(mail, raw)) findings.push(`${mail.name}: ${finding}`);
  }
  return findings;
}

function build(mail) {
  const headers = mail.headers.map(([key, value]) => ({ key, value }));
  const message = {
    from: mail.from, to: mail.to, replyTo: mail.reply_to, subject: mail.subject, headers,
    html: mail.html, text: mail.text, textEncoding: "quoted-printable",
    date: sent, messageId: "<attempt@eu-west-1.amazonses.com>",
  };
  return new Promise((resolve, reject) => {
    new MailComposer(message).compile().build((error, raw) => (error ? reject(error) : resolve(raw)));
  });
}

async function faults(mail, raw) {
  const found = [];
  const must = (is, what) => is || found.push(what);
  const parsed = await PostalMime.parse(raw);
  const header = (name) => parsed.headers.filter((h) => h.key === name).map((h) => h.value);
  const expected = ["from", "to", "reply-to", "subject", "list-unsubscribe", "list-unsubscribe-post", "list-id",
    "message-id", "date", "mime-version", "content-type"].sort();
  must(JSON.stringify(parsed.headers.map((h) => h.key).sort()) === JSON.stringify(expected), `headers ${parsed.headers.map((h) => h.key)}`);
  must(parsed.subject === mail.subject, "the subject reads back otherwise");
  must([...mail.subject].length <= 150 && !/[\u0000-\u001f\u007f]/.test(mail.subject), "the subject is no short line");
  must(parsed.from?.address === "hello@hearth.example" && parsed.to?.length === 1, "from or to");
  must(/^<https:\/\/links\.hearth\.example\/unsubscribe\/[\w-]+>$/.test(header("list-unsubscribe")[0] ?? ""), "List-Unsubscribe");
  must(header("list-unsubscribe-post")[0] === "List-Unsubscribe=One-Click", "List-Unsubscribe-Post");
  const same = (one, two) => one.replace(/\r\n/g, "\n").trim() === two.replace(/\r\n/g, "\n").trim();
  must(same(parsed.html ?? "", mail.html) && same(parsed.text ?? "", mail.text), "a part reads back otherwise");
  must(parsed.attachments.length === 0, "attachments");
  must(Buffer.byteLength(mail.html) < 100_000, `${Buffer.byteLength(mail.html)} bytes of HTML`);
  for (const part of [mail.html, mail.text, raw.toString("latin1")]) {
    const longest = Math.max(...part.split(/\r?\n/).map((line) => Buffer.byteLength(line)));
    must(longest <= 998, `a line of ${longest} bytes`);
  }
  const links = new Set([...mail.html.matchAll(/href="([^"]*)"/g)].map((m) => m[1].replace(/&amp;/g, "&")));
  const plain = new Set([...mail.text.matchAll(/https?:\/\/\S+/g)].map((m) => m[0]));
  plain.add("mailto:help@hearth.example");
  must(mail.text.includes("help@hearth.example"), "no address in the text part");
  for (const link of links) must(plain.has(link) , `only the HTML links to ${link}`);
  for (const link of plain) must(links.has(link), `only the text links to ${link}`);
  for (const link of links) must(link.startsWith("mailto:help@") || hosts.test(link), `a link to ${link}`);
  for (const [image] of mail.html.matchAll(/<img\b[^>]*>/g)) {
    must(/ alt="[^"]+"/.test(image) && / height="\d+"/.test(image), `alt text or size of ${image}`);
    must(hosts.test(image.match(/src="([^"]*)"/)?.[1] ?? ""), `source of ${image}`);
  }
  return found;
}
