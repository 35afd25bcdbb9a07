// Findings that were looked at and are meant to be. Each says why; one that no longer occurs fails the run.

// Nu HTML checker: the first capturing words of a message.
export const html = [
  // Outlook on Windows lays out by tables and their attributes; it knows no CSS for them.
  /^The “(align|valign|bgcolor|border|cellpadding|cellspacing|width|background)” attribute on the “(table|td|tr|div|img|body)” element is obsolete/,
  // Outlook's own vocabulary, which MJML writes for it alone.
  /^Attribute “xmlns:[vo]” not allowed here/,
  /^CSS: “mso-[a-z-]+”: Property “mso-[a-z-]+” doesn't exist/,
  /^Attribute “vertical-align” not allowed on element “td”/,
];

// caniemail: the title of a feature that a client of ours lacks, and why a mail is as good without.
export const inbox = new Map([
  ["<bdi> element", "its text stays; a title that runs the other way may change places with what stands beside it"],
  ["color-scheme CSS property", "the mail stays light, or the client turns its colours round"],
  ["color-scheme meta tag", "the same"],
  ["Chaining selectors", "Outlook.com leaves the narrow margins of phones out"],
  ["cursor", "MJML writes it; the arrow stays an arrow"],
  ["target attribute", "links open where the client opens links"],
  ["white-space", "a price may break in two"],
]);

// rspamd: symbols that are left out of the sum.
export const rspamd = new Map([
  ["URI_COUNT_ODD", "it takes an odd number of addresses for a link that one part lacks, and counts pictures: a cart of one has it, of two has not. That both parts have the same links is checked above"],
]);
