//! Renders the same mail `n` times, as the peers' `render` does: with all compiled once, or with MJML compiled for each.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a bench reads its environment")]

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use cartback::language::Wording;
use cartback::mail::{Brand, CartView, LineState, LineView, Message, Nudge, Rendered, render};
use cartback::money::{Currency, Money};
use cartback::reason::{Acquaintance, Answer, Reason};
use cartback_wording::compile;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Order {
    n: usize,
    anew: bool,
    mail: MailWanted,
}

#[derive(Deserialize)]
struct MailWanted {
    first_name: String,
    total_cents: i64,
    lines: Vec<LineWanted>,
    restore_url: String,
    unsubscribe_url: String,
    preferences_url: String,
    answers: Vec<AnswerWanted>,
}

#[derive(Deserialize)]
struct AnswerWanted {
    name: String,
    url: String,
}

#[derive(Deserialize)]
struct LineWanted {
    title: String,
    variant: Option<String>,
    quantity: u32,
    price_cents: i64,
    compare_at_cents: i64,
    image_url: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let templates = templates(Path::new(&std::env::var("CARTBACK_TEMPLATES")?));
    let templates = &templates;
    run(service_fn(async move |event: LambdaEvent<Order>| {
        let Order { n, anew, mail } = event.payload;
        let (message, brand) = (message(&mail), brand());
        let mut rendered = None;
        for _ in 0..n {
            if anew {
                // What the build does once.
                black_box(compile("nudge/body.mjml", templates)?);
            }
            rendered = Some(render(&message, &brand)?);
        }
        let Rendered {
            subject,
            html,
            text,
        } = rendered.unwrap();
        Ok::<Value, Error>(json!({ "subject": subject, "html": html, "text": text }))
    }))
    .await
}

fn templates(folder: &Path) -> HashMap<String, String> {
    let parts = [
        "nudge/body",
        "partials/head",
        "partials/header",
        "partials/answers",
        "partials/items",
        "partials/support",
        "partials/footer",
    ];
    let names = parts.map(|part| format!("{part}.mjml"));
    let read = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).unwrap();
        (name, text)
    };
    names.into_iter().map(read).collect()
}

fn message(mail: &MailWanted) -> Message {
    let line = |line: &LineWanted| LineView {
        title: line.title.clone(),
        variant: line.variant.clone(),
        quantity: line.quantity,
        price: usd(line.price_cents),
        compare_at_price: Some(usd(line.compare_at_cents)),
        image_url: Some(line.image_url.clone()),
        state: LineState::Unknown,
        stock: None,
    };
    let answers = mail.answers.iter().filter_map(|wanted| {
        let answer = Answer::named(&wanted.name)?;
        Some((answer, wanted.url.clone()))
    });
    Message::Nudge(Nudge {
        cart: CartView {
            first_name: Some(mail.first_name.clone()),
            lines: mail.lines.iter().map(line).collect(),
            total: usd(mail.total_cents),
            savings: None,
            restore_url: mail.restore_url.clone(),
            unsubscribe_url: mail.unsubscribe_url.clone(),
            preferences_url: mail.preferences_url.clone(),
        },
        reason: Reason::Unknown,
        person: Acquaintance::New,
        answers: answers.collect(),
    })
}

fn brand() -> Brand {
    Brand {
        name: "Demo".to_owned(),
        url: "https://shop.example".to_owned(),
        logo_url: None,
        color: "#18181b".to_owned(),
        support_email: "help@shop.example".to_owned(),
        postal_address: "1 Long Street, Town".to_owned(),
        locale: "en".to_owned(),
        time_zone: "UTC".to_owned(),
        wording: Wording::default(),
    }
}

fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: Currency::USD,
    }
}
