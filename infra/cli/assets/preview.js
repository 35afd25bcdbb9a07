// The preview: asks for the mail again each second, so that a saved file shows at once.

const form = document.getElementById("choice");
const frame = document.getElementById("html");
const text = document.getElementById("text");
const fault = document.getElementById("fault");
const subject = document.getElementById("subject");
const note = document.getElementById("note");
const spam = document.getElementById("spam");
let shown = "";
// The mail that was last judged, or is being judged.
let judged = "";
let isJudging = false;

async function json(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer.json();
}

function option(value, label) {
  const element = document.createElement("option");
  element.value = value;
  element.textContent = label;
  return element;
}

// The frame's own dark mode follows the machine: the mail's rules for it are switched on or off here.
function colours(html, scheme) {
  const query = /@media\s*\(prefers-color-scheme:\s*dark\)/g;
  return html.replace(query, scheme === "dark" ? "@media all" : "@media not all");
}

// One mail at a time, and beside the page: it takes seconds.
async function judge(query, mail) {
  const state = JSON.stringify([mail.subject, mail.html, mail.text]);
  if (isJudging || state === judged) return;
  isJudging = true;
  judged = state;
  spam.textContent = "Spam score: SpamAssassin is asked …";
  try {
    spam.textContent = `Spam score: ${(await json(`/local/preview/score?${query}`)).score}`;
  } catch (error) {
    spam.textContent = `Spam score: none, ${error.message}`;
  }
  isJudging = false;
}

async function show() {
  const wanted = Object.fromEntries(new FormData(form));
  const query = new URLSearchParams({ stage: wanted.stage, language: wanted.language });
  if (wanted.cart) query.set("cart", wanted.cart);
  if (wanted.offer) query.set("offer", wanted.offer);
  let mail;
  try {
    mail = await json(`/local/preview?${query}`);
  } catch (error) {
    mail = { fault: `The local server does not answer: ${error.message}` };
  }
  if (!mail.fault) judge(query, mail);
  const state = JSON.stringify([wanted, mail]);
  if (state === shown) return;
  shown = state;
  fault.hidden = !mail.fault;
  fault.textContent = mail.fault ?? "";
  // The last good mail stays beside the fault.
  if (mail.fault) return;
  subject.textContent = `${mail.subject} · ${Math.ceil(mail.html_bytes / 1000)} KB`;
  note.hidden = !mail.note;
  note.textContent = mail.note ?? "";
  const isText = wanted.part === "text";
  frame.hidden = isText;
  text.hidden = !isText;
  text.textContent = mail.text;
  text.lang = wanted.language;
  text.dir = wanted.language === "ar" ? "rtl" : "ltr";
  frame.style.width = `${wanted.width}px`;
  frame.onload = () => { frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px`; };
  frame.srcdoc = colours(mail.html, wanted.scheme);
}

const choices = await json("/local/preview/choices");
document.getElementById("languages").append(...choices.languages.map(({ code, name }) => option(code, name)));
document.getElementById("carts").append(...choices.carts.map((id) => option(id, id)));
document.getElementById("file").textContent = choices.file ? `Settings: ${choices.file}` : "Settings: the demo shop. Start with --preview my-shop.toml for yours.";
// A phone shows what a phone gets.
if (innerWidth < 700) form.elements.width.value = "375";
form.addEventListener("change", show);
await show();
setInterval(show, 1000);
