//! The mail provider: accepts mails and tells of them later, twice, shuffled, or never; and the people
//! who read them.

use cartback::evidence::{MailEvent, MailEventKind, Way};
use cartback::ids::ContactKey;
use cartback::mail::Mail;
use cartback::push::Push;
use fastrand::Rng;
use jiff::Timestamp;

use crate::fault::chance;
use crate::history::{Fact, Line};
use crate::lives::Errand;
use crate::setting::{HOUR_MS, MINUTE_MS, Setting};
use crate::world::{State, World};

/// Events of a mail come at most this long after its acceptance.
const MAX_LAG_MS: i64 = 600_000;

/// Accepts a notification, of which nobody ever tells.
pub fn notify(world: &World, push: &Push) {
    world.tell(Fact::Accepted {
        cart: push.cart.clone(),
        stage: push.stage,
        attempt: push.attempt,
        code: None,
    });
}

/// Accepts `mail` and plans what follows.
///
/// # Panics
/// Never: times of a world are valid.
pub fn accept(world: &World, setting: &Setting, mail: &Mail) {
    let now_ms = world.now_ms();
    let mut state = world.state();
    state.history.push(Line {
        at_ms: now_ms,
        fact: Fact::Accepted {
            cart: mail.cart.clone(),
            stage: mail.stage,
            attempt: mail.attempt,
            code: code(mail),
        },
    });
    let person = setting.contact_key(&mail.to);
    let bounces = chance(&mut state.rng, 100);
    let loss = state.faults.rates.lost_evidence;
    let is_told = !chance(&mut state.rng, loss);
    if is_told {
        let fate = if bounces {
            MailEventKind::HardBounce
        } else {
            MailEventKind::Delivery
        };
        let common_ms = lag_ms(&mut state.rng);
        for kind in [MailEventKind::Send, fate] {
            // Both are late together, and pass each other on the way.
            let lag_ms = (common_ms + state.rng.i64(0..5_000)).min(MAX_LAG_MS);
            tell(&mut state, mail, &person, kind, now_ms + lag_ms);
            if chance(&mut state.rng, 500) {
                let lag_ms = state.rng.i64(lag_ms..=MAX_LAG_MS);
                tell(&mut state, mail, &person, kind, now_ms + lag_ms);
            }
        }
    }
    if !bounces {
        read(&mut state, mail, &person, now_ms);
    }
}

/// What the reader does: complains, unsubscribes, goes on to the checkout, or nothing.
fn read(state: &mut State, mail: &Mail, person: &ContactKey, now_ms: i64) {
    let at_ms = now_ms + state.rng.i64(MINUTE_MS..12 * HOUR_MS);
    match state.rng.u32(0..1_000) {
        0..15 => tell(state, mail, person, MailEventKind::Complaint, at_ms),
        15..75 => {
            let token = token(mail);
            let person = person.clone();
            state.plan_errand(at_ms, Errand::Unsubscribe { token, person });
        }
        75..200 => {
            let (cart, attempt) = (mail.cart.clone(), mail.attempt);
            state.plan_errand(at_ms, Errand::Restore { cart, attempt });
        }
        _ => {}
    }
}

fn tell(state: &mut State, mail: &Mail, person: &ContactKey, kind: MailEventKind, at_ms: i64) {
    let is_deaf = |(from, until): &(i64, i64)| (*from..*until).contains(&at_ms);
    if state.deafness.iter().any(is_deaf) {
        return;
    }
    let event = MailEvent {
        cart: mail.cart.clone(),
        contact: mail.contact.clone(),
        stage: mail.stage,
        attempt: mail.attempt,
        kind,
        way: Way::First,
        at: Timestamp::from_millisecond(at_ms).unwrap(),
    };
    let person = person.clone();
    state.plan_errand(at_ms, Errand::MailEvent { event, person });
}

fn lag_ms(rng: &mut Rng) -> i64 {
    match rng.u8(0..20) {
        0 => rng.i64(300_000..=MAX_LAG_MS),
        1..4 => rng.i64(20_000..300_000),
        _ => rng.i64(1_000..20_000),
    }
}

/// The code that `mail` shows.
fn code(mail: &Mail) -> Option<String> {
    let mut words = mail.text.split_whitespace();
    let code = words.find(|word| word.starts_with("SIM-"))?;
    Some(code.trim_end_matches('.').to_owned())
}

/// The token of the one-click header.
fn token(mail: &Mail) -> String {
    let header = mail
        .headers
        .iter()
        .find(|(name, _)| *name == "List-Unsubscribe");
    let url = header.map_or("", |(_, url)| url.as_str());
    let (_, token) = url.rsplit_once('/').unwrap_or_default();
    token.trim_end_matches('>').to_owned()
}
