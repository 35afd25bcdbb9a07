//! Genuine senders with broken messages: no parser panics, hangs, or breaks the promises of canonical
//! events.

use std::time::Instant;

use cartback::event::{CartEvent, Change, MAX_LINES};
use cartback::storefront::fetch::Next;
use cartback::storefront::{Message, Parsed, Reception};
use fastrand::Rng;

use crate::genuine::{Genuine, Kind, NOW, kinds};
use crate::samples::replies;
use crate::talk;

/// What an unlucky sender could put in place of a value or a few bytes.
const SPLICES: [&str; 20] = [
    "null",
    "0",
    "-1",
    "1e400",
    "0.1000000000000000055511151231257827",
    "18446744073709551616",
    "9223372036854775807",
    "\"\"",
    "\"\\ud800\"",
    "\"\u{202e}شمس\"",
    "[]",
    "{}",
    "[null]",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\u{0}",
    "\"9999-12-31T23:59:59Z\"",
    "\"-009999-01-01T00:00:00+99:99\"",
    "true",
    "\"JPY\"",
    "\"é\"",
];

/// An answer must leave within a second, and parsing is the least part of it. On a shared machine a
/// thread may stand still for longer than parsing takes, so this is no measure of speed but a stop.
const MAX_PARSE_US: u128 = 1_000_000;

/// What became of the messages.
#[derive(Default)]
pub struct Messages {
    /// How many were played.
    pub n_played: u64,
    /// Of how many storefronts.
    pub n_storefronts: usize,
    /// How many of them were talks with one that is asked.
    pub n_talks: u64,
    /// Talks that became events.
    pub n_talks_read: u64,
    /// Became events.
    pub n_read: u64,
    /// Were of no use.
    pub n_ignored: u64,
    /// Were refused with their fault.
    pub n_refused: u64,
    /// The longest time that one took.
    pub slowest_us: u128,
    /// Broken promises, in words.
    pub faults: Vec<String>,
}

impl Messages {
    /// Whether every promise was kept, and every storefront was played. A panic never comes here: it
    /// ends the program.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.faults.is_empty()
            && self.slowest_us < MAX_PARSE_US
            && 0 < self.n_talks_read
            && self.n_storefronts == cartback::storefront::ALL.len()
    }
}

/// Plays `n` broken messages, as many for each storefront.
#[must_use]
pub fn play(n: u64, seed: u64) -> Messages {
    let mut random = Rng::with_seed(seed ^ 1);
    let kinds = kinds();
    let samples: Vec<Samples> = kinds.iter().map(Samples::of).collect();
    let mut messages = Messages {
        n_storefronts: kinds.len(),
        ..Messages::default()
    };
    while messages.n_played < n {
        for (kind, samples) in kinds.iter().zip(&samples) {
            let sample = random.choice(&samples.bodies).cloned();
            let sample = sample.unwrap_or_default();
            let body = broken(sample, &mut random);
            let topic = random.choice(kind.topics.1).copied().unwrap_or_default();
            // Of one that is asked, half are about what it answers; two of them tell nothing at all before.
            if kind.storefront().fetch().is_some() && (kind.name == "adobe" || random.bool()) {
                messages.play_talk(kind, samples, &body, &mut random);
            } else {
                messages.play(kind, topic, &body);
            }
        }
    }
    messages
}

/// What is there to break of a storefront's.
struct Samples {
    bodies: Vec<Vec<u8>>,
    /// The same, signed; only of one that is asked.
    genuine: Vec<Genuine>,
    /// What it answers.
    replies: Vec<Vec<u8>>,
}

impl Samples {
    fn of(kind: &Kind) -> Self {
        let bodies = kind.samples();
        let is_asked = kind.storefront().fetch().is_some();
        let asked_about = bodies.iter().filter(|_| is_asked);
        Self {
            genuine: asked_about.map(|body| kind.signed("", body)).collect(),
            replies: replies(kind.name),
            bodies,
        }
    }
}

impl Messages {
    /// A talk about a genuine message whose answers are broken, or about a broken one that is well signed.
    fn play_talk(&mut self, kind: &Kind, samples: &Samples, body: &[u8], random: &mut Rng) {
        let is_message_broken = match kind.name {
            // By RSA, which takes a hundred times longer than reading.
            "adobe" => random.u8(..20) == 0,
            // Its one answer has no body.
            "snipcart" => true,
            _ => random.bool(),
        };
        let genuine = random.choice(&samples.genuine).cloned();
        let message = match genuine {
            Some(genuine) if !is_message_broken => genuine,
            _ => kind.signed("", body),
        };
        let mut answers = talk::proof(kind);
        for _ in 0..random.usize(0..4) {
            let Some(reply) = random.choice(&samples.replies).cloned() else {
                break;
            };
            let reply = broken(reply, random);
            let status = if random.u8(..8) == 0 { 404 } else { 200 };
            answers.push(talk::reply(status, &String::from_utf8_lossy(&reply)));
        }
        let began = Instant::now();
        let next = talk::next(kind, &message, &answers);
        self.slowest_us = self.slowest_us.max(began.elapsed().as_micros());
        self.n_played += 1;
        self.n_talks += 1;
        match next {
            Some(Ok(Next::Record(events))) => {
                self.n_talks_read += 1;
                self.judge(&events, || format!("{} {message:?} {answers:?}", kind.name));
            }
            Some(Ok(_)) | None => self.n_ignored += 1,
            Some(Err(_)) => self.n_refused += 1,
        }
    }

    /// Notes which promise was broken, and by what.
    fn judge(&mut self, events: &[CartEvent], what: impl Fn() -> String) {
        self.n_read += 1;
        let fault = if events.is_empty() {
            Some("no events")
        } else {
            events.iter().find_map(broken_promise)
        };
        if let Some(fault) = fault {
            self.faults.push(format!("{fault}: {}", what()));
        }
    }

    fn play(&mut self, kind: &Kind, topic: &str, body: &[u8]) {
        // Signing costs more than parsing and changes nothing in it.
        let message = kind.unsigned(topic, body);
        let reception = Reception {
            received_at: NOW,
            currency: cartback::money::Currency::USD,
        };
        let began = Instant::now();
        let parsed = kind.storefront().parse(
            Message {
                headers: &message.headers,
                body: &message.body,
            },
            reception,
        );
        self.slowest_us = self.slowest_us.max(began.elapsed().as_micros());
        self.n_played += 1;
        match parsed {
            Ok(Parsed::Events(events)) => self.judge(&events, || {
                format!("{} {topic}: {}", kind.name, String::from_utf8_lossy(body))
            }),
            Ok(_) => self.n_ignored += 1,
            Err(_) => self.n_refused += 1,
        }
    }
}

/// `body` with one to three values or pieces replaced.
fn broken(mut body: Vec<u8>, random: &mut Rng) -> Vec<u8> {
    for _ in 0..random.usize(1..4) {
        let splice = random.choice(&SPLICES).copied().unwrap_or_default();
        if random.u8(..10) < 7 {
            replace_value(&mut body, splice, random);
        } else {
            let start = random.usize(..=body.len());
            let end = (start + random.usize(..12)).min(body.len());
            let byte = [random.u8(..)];
            let new = if random.bool() {
                splice.as_bytes()
            } else {
                &byte
            };
            body.splice(start..end, new.iter().copied());
        }
    }
    body
}

/// Puts `splice` in place of a whole value: still JSON mostly, so that it comes further.
fn replace_value(body: &mut Vec<u8>, splice: &str, random: &mut Rng) {
    let colons: Vec<usize> = body
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| *pair == b"\":")
        .map(|(at, _)| at + 2)
        .collect();
    let Some(start) = random.choice(&colons).copied() else {
        return;
    };
    let rest = &body[start..];
    let length = rest.iter().position(|byte| b",\n}".contains(byte));
    let end = start + length.unwrap_or(rest.len());
    body.splice(start..end, splice.bytes());
}

/// What a canonical event must be, and is not.
#[must_use]
pub fn broken_promise(event: &CartEvent) -> Option<&'static str> {
    if !(1..=128).contains(&event.id.chars().count()) {
        return Some("its id is none");
    }
    if NOW < event.at {
        return Some("it is later than its reception");
    }
    if event.carts.is_empty() && event.contact.is_none() {
        return Some("it is about nobody and nothing");
    }
    match &event.change {
        Change::CartUpdated(contents) => {
            let is_line = |line: &cartback::event::LineItem| {
                1 <= line.quantity && 0 <= line.price_minor && line.title.chars().count() <= 200
            };
            let is_cart = !event.carts.is_empty()
                && contents.lines.len() <= MAX_LINES
                && 0 <= contents.total_minor
                && contents.lines.iter().all(is_line);
            (!is_cart).then_some("its cart is none")
        }
        Change::OrderPlaced(order) => {
            let is_order = (1..=128).contains(&order.id.chars().count());
            (!is_order).then_some("its order is none")
        }
        Change::ContactIdentified | Change::ConsentChanged(_) | Change::ErasureRequested => {
            event.contact.is_none().then_some("it names nobody")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_broken_messages_break_nothing() {
        let messages = play(10_000, 7);
        assert_eq!(messages.faults, Vec::<String>::new());
        assert!(0 < messages.n_read && 0 < messages.n_ignored && 0 < messages.n_refused);
        assert!(messages.n_talks < messages.n_played && messages.is_held());
    }
}
