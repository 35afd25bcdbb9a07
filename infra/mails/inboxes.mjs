// What each mail client can do, by the data of caniemail.com.
import { caniemail } from "caniemail";
import { inbox as allowed } from "./allowed.mjs";

// Without Gmail's page in a phone's browser, which drops every style sheet: the mail is laid out by attributes
// and inline styles there, and dark mode is the browser's.
const clients = ["gmail.android", "gmail.desktop-webmail", "gmail.ios", "apple-mail.*", "samsung-email.*", "outlook.outlook-com"];

export function checkInboxes(mails) {
  const findings = new Set();
  const met = new Set();
  // The markup is the same in every language; one of each stage and cart has all of it.
  for (const mail of mails.filter((mail) => ["en", "ar"].includes(mail.language))) {
    const { issues } = caniemail({ clients, html: mail.html });
    for (const [client, list] of issues.errors) {
      for (const issue of list) {
        const title = issue.title;
        if (allowed.has(title)) met.add(title);
        else findings.add(`${client}: ${title}`);
      }
    }
  }
  for (const title of allowed.keys()) {
    if (!met.has(title)) findings.add(`${title} is allowed and does not occur; strike it out`);
  }
  return [...findings].sort();
}
