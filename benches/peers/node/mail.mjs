// The nudge: what the templates see, and the three parts of the mail. MJML was compiled by build.mjs, Handlebars compiles once.
import { FluentBundle, FluentResource } from "@fluent/bundle";
import Handlebars from "handlebars";
import templates from "templates.json";

const messages = new FluentBundle("en", { useIsolating: false });
messages.addResource(new FluentResource(templates.messages));
Handlebars.registerHelper("t", (name, { hash }) => messages.formatPattern(messages.getMessage(name).value, hash));

const html = Handlebars.compile(templates.html, { ignoreStandalone: true });
const text = Handlebars.compile(templates.text, { noEscape: true, ignoreStandalone: true });
const subject = Handlebars.compile(templates.subject, { noEscape: true });

// One for all: each costs a hundred times its use.
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const money = (cents) => dollars.format(cents / 100);
const oneLine = (value, limit) => value.replace(/\s+/g, " ").trim().slice(0, limit);

export const ANSWERS = ["shipping-cost", "payment", "deciding", "elsewhere", "looking"];

export function view(mail) {
  const items = mail.lines.slice(0, 30).map((line) => ({
    title: oneLine(line.title, 70),
    variant: line.variant && oneLine(line.variant, 50),
    initial: line.title.charAt(0).toUpperCase(),
    image_url: line.image_url,
    quantity: line.quantity,
    each: line.quantity > 1 ? money(line.price_cents) : null,
    price: money(line.price_cents * line.quantity),
    regular_price: line.compare_at_cents > line.price_cents ? money(line.compare_at_cents * line.quantity) : null,
  }));
  return {
    brand: mail.brand,
    cart: { items, n_more: Math.max(0, mail.lines.length - 30), total: money(mail.total_cents), savings: null },
    first_name: mail.first_name,
    restore_url: mail.restore_url,
    unsubscribe_url: mail.unsubscribe_url,
    preferences_url: mail.preferences_url,
    lang: "en",
    dir: "ltr",
    start: "left",
    end: "right",
    reason: "other",
    person: "other",
    answers: mail.answers,
  };
}

export function render(mail) {
  const shown = view(mail);
  return { subject: oneLine(subject(shown), 150), html: html(shown), text: text(shown) };
}
