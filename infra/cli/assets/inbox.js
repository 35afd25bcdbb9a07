// The inbox that stands in for SES, and the mail that is open in it.

import { arrowKeys, byId, el, reconcile, setText } from "./dom.js";
import { stageName } from "./next-step.js";
import { exact, shortTime } from "./time.js";

const READ = "cartback.read";
let open = null;
let view = "html";
let drawn = "";

/** The ids of the mails opened in this tab. */
export function readMails() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(READ) ?? "[]"));
  } catch {
    return new Set();
  }
}

export function startInbox(choose) {
  const list = byId("inbox");
  arrowKeys(list);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mail]");
    if (button) choose(button.dataset.mail);
  });
  byId("mail-frame").addEventListener("load", fitFrame);
  segments("[data-view]", (button) => {
    view = button.dataset.view;
    drawBody();
  });
  segments("[data-width]", (button) => {
    byId("mail-stage").dataset.width = button.dataset.width;
  });
  if (matchMedia("(max-width: 640px)").matches) document.querySelector("button[data-width=phone]").click();
}

/** Opens a mail and marks it as read. */
export function openMail(page, id) {
  open = page.mails.find((mail) => mail.id === id) ?? null;
  if (open) sessionStorage.setItem(READ, JSON.stringify([...readMails().add(id)]));
  drawInbox(page);
}

export function drawInbox({ mails, now }) {
  const read = readMails();
  if (open && !mails.some((mail) => mail.id === open.id)) open = null;
  reconcile(byId("inbox"), [...mails].reverse(), {
    key: (mail) => mail.id,
    print: (mail) => JSON.stringify([mail.id, now.slice(0, 10), read.has(mail.id), open?.id === mail.id]),
    create: (mail) => el("li", {}, el("button", { type: "button", "data-mail": mail.id })),
    draw: (item, mail) => {
      const button = item.firstElementChild;
      button.className = read.has(mail.id) ? "" : "unread";
      button.setAttribute("aria-current", String(open?.id === mail.id));
      button.replaceChildren(
        el("span", { class: "row" }, el("span", { class: "soft" }, `${stageName(mail.stage)} to ${mail.to}`), el("span", { class: "soft" }, shortTime(mail.sent_at, now))),
        el("b", {}, mail.subject, read.has(mail.id) ? null : el("span", { class: "sr" }, " (unread)")),
      );
    },
  });
  byId("no-mails").hidden = mails.length > 0;
  const n_unread = mails.filter((mail) => !read.has(mail.id)).length;
  setText(byId("inbox-count"), mails.length ? `${mails.length} in all, ${n_unread} unread` : "");
  drawBody();
}

// Setting `srcdoc` again would reload the frame and lose its scroll position, so only on a change.
function drawBody() {
  byId("mail").hidden = !open;
  const print = open ? `${open.id} ${view}` : "";
  if (!open || print === drawn) return;
  const frame = byId("mail-frame");
  if (!drawn.startsWith(open.id)) frame.srcdoc = inNewTabs(open.html);
  drawn = print;
  setText(byId("mail-subject"), open.subject);
  setText(byId("mail-line"), `From ${open.from} to ${open.to}, ${exact(open.sent_at)}`);
  frame.hidden = view !== "html";
  byId("widths").hidden = view !== "html";
  const text = byId("mail-text");
  text.hidden = view !== "text";
  setText(text, open.text);
  const headers = byId("mail-headers");
  headers.hidden = view !== "headers";
  const all = { From: open.from, To: open.to, Subject: open.subject, ...open.headers };
  headers.replaceChildren(
    ...Object.entries(all).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("code", {}, String(value))))),
  );
}

// The mail is as tall as what is in it. Its document may be measured because the sandbox lets no
// script of the mail run; the observer also sees late pictures and another width.
const fitting = new ResizeObserver(([{ target }]) => {
  const height = Math.ceil(target.getBoundingClientRect().height);
  if (height > 0) byId("mail-frame").style.height = `${height}px`;
});

function fitFrame() {
  fitting.disconnect();
  fitting.observe(byId("mail-frame").contentDocument.documentElement);
}

// The base goes behind <head> or the doctype: text before a doctype would mean quirks mode.
function inNewTabs(html) {
  const base = '<base target="_blank">';
  const anchor = html.match(/<head(\s[^>]*)?>/i) ?? html.match(/^\s*<!doctype[^>]*>/i);
  if (!anchor) return base + html;
  const place = anchor.index + anchor[0].length;
  return html.slice(0, place) + base + html.slice(place);
}

function segments(selector, choose) {
  const buttons = [...document.querySelectorAll(`button${selector}`)];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(button);
    });
  }
}
