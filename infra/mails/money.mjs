// Money, held to the engine of a browser: another reader of CLDR than ours.
import { readFile } from "node:fs/promises";

export async function checkMoney(file) {
  const findings = [];
  for (const { locale, currency, digits, amount, shown } of JSON.parse(await readFile(file, "utf8"))) {
    const options = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
    const expected = new Intl.NumberFormat(locale, options).format(amount);
    if (shown !== expected) findings.push(`${locale} ${currency}: ${shown} instead of ${expected}`);
  }
  return findings;
}
