//! Writes every mail and page of the matrix into a folder, for the gates of `make mails`.

use std::path::PathBuf;
use std::{env, fs, io};

use cartback::language::Locale;
use cartback::money::{Currency, Money};
use cartback_tests::mails::{matrix, pages};
use serde_json::json;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(
        env::args()
            .nth(1)
            .unwrap_or_else(|| "target/mails".to_owned()),
    );
    for part in ["mails", "pages"] {
        fs::create_dir_all(folder.join(part))?;
    }
    for sample in matrix() {
        let mail = &sample.mail;
        let body = json!({
            "language": sample.language,
            "from": mail.from,
            "to": mail.to.expose(),
            "reply_to": mail.reply_to.expose(),
            "subject": mail.subject,
            "headers": mail.headers,
            "html": mail.html,
            "text": mail.text,
        });
        let file = folder.join(format!("mails/{}.json", sample.name));
        fs::write(file, body.to_string())?;
    }
    fs::write(folder.join("money.json"), json!(amounts()).to_string())?;
    for (name, html) in pages() {
        fs::write(folder.join(format!("pages/{name}.html")), html)?;
    }
    Ok(())
}

/// Money of every currency in every locale, for another reader of CLDR. Dinars of Iraq and the like have
/// digits that are not in daily use, so it is told how many to print.
fn amounts() -> Vec<serde_json::Value> {
    let mut amounts = Vec::new();
    for locale in Locale::all() {
        for code in CURRENCIES {
            for minor in [5, 1_250, 123_456_789] {
                let Ok(currency) = code.parse::<Currency>() else {
                    continue;
                };
                let money = Money { minor, currency };
                amounts.push(json!({
                    "locale": locale.tag(),
                    "currency": code,
                    "digits": currency.exponent(),
                    "amount": money.decimal(),
                    "shown": locale.money(money),
                }));
            }
        }
    }
    amounts
}

const CURRENCIES: [&str; 40] = [
    "AED", "ARS", "AUD", "BHD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP",
    "EUR", "GBP", "HKD", "HUF", "ILS", "INR", "IQD", "JOD", "JPY", "KRW", "KWD", "MAD", "MXN",
    "NOK", "NZD", "OMR", "PHP", "PLN", "QAR", "RON", "SAR", "SEK", "SGD", "THB", "TRY", "TWD",
    "USD",
];
