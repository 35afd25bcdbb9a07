//! One small world and every place in which it can be interrupted: each call of a port, each pair of
//! calls, triples at random, with each way to go wrong.

use std::sync::Arc;

use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::event::{Change, Order};
use cartback::ids::Attempt;
use cartback::link::{Link, Purpose};
use fastrand::Rng;

use crate::checker::check;
use crate::fault::{Fate, Faults};
use crate::lives::{Errand, Play};
use crate::people::{Delivery, cart_id, contents, events};
use crate::report::Report;
use crate::sabotage::Sabotage;
use crate::setting::{HOUR_MS, MINUTE_MS, START_MS, Setting};
use crate::world::World;

/// Calls that a world makes because of a fault, beyond those that it makes without one.
const N_MORE_CALLS: u64 = 8;

/// What may become of the shopper.
pub const N_COURSES: u64 = 7;

/// Faults at numbered calls.
pub type Script = Vec<(u64, Fate)>;

/// What a schedule came to.
#[derive(Debug)]
pub struct Outcome {
    /// What the checker says.
    pub report: Report,
    /// Calls of ports.
    pub n_calls: u64,
    /// Invocations killed.
    pub n_crashes: u64,
}

/// Plays the small world of `seed` with the faults of `script`, and checks it.
#[must_use]
pub fn play(
    seed: u64,
    setting: &Setting,
    script: &[(u64, Fate)],
    sabotage: Option<Sabotage>,
) -> Outcome {
    let faults = Faults {
        script: script.to_vec(),
        ..Faults::default()
    };
    let world = World::new(seed, START_MS, faults, sabotage);
    let mut play = Play::new(&world, setting);
    play.is_crowded = true;
    let (deliveries, stop) = course(seed, setting);
    if let Some((at_ms, errand)) = stop {
        world.state().plan_errand(at_ms, errand);
    }
    let run = play.run(deliveries);
    Outcome {
        report: check(&run.history, &setting.shop.policy),
        n_calls: run.n_calls,
        n_crashes: run.n_crashes,
    }
}

/// Calls that the small world of `seed` makes when nothing goes wrong.
#[must_use]
pub fn n_calls(seed: u64, setting: &Setting) -> u64 {
    play(seed, setting, &[], None).n_calls
}

/// One fault, at every call and of every kind.
pub fn singles(n_calls: u64) -> impl Iterator<Item = Script> {
    (0..n_calls).flat_map(|call| Fate::FAULTS.map(|fate| vec![(call, fate)]))
}

/// Two faults, at every pair of calls and of every kind.
pub fn pairs(n_calls: u64) -> impl Iterator<Item = Script> {
    singles(n_calls).flat_map(move |first| {
        let after = first[0].0 + 1;
        (after..n_calls + N_MORE_CALLS).flat_map(move |call| {
            let first = first[0];
            Fate::FAULTS.map(|fate| vec![first, (call, fate)])
        })
    })
}

/// Three faults at random.
#[must_use]
pub fn triple(n_calls: u64, rng: &mut Rng) -> Script {
    let mut fault = || {
        let call = rng.u64(0..n_calls + 2 * N_MORE_CALLS);
        (call, Fate::FAULTS[rng.usize(0..4)])
    };
    vec![fault(), fault(), fault()]
}

/// One shopper, whose cart stays, becomes an order while the reminder is on its way, becomes one
/// under another name or under two, has a second cart beside it, or who is erased or stops the mails
/// meanwhile: by `seed`.
fn course(seed: u64, setting: &Setting) -> (Vec<Delivery>, Option<(i64, Errand)>) {
    let mut rng = Rng::with_seed(seed);
    let mut all = Vec::new();
    let consent = Consent {
        state: ConsentState::Granted,
        basis: ConsentBasis::Express,
        source: None,
        text_version: None,
    };
    let details = setting.details(seed, 0);
    let mut tell = |cart: usize, at_ms: i64, mark: &str, is_named: bool, changes: Vec<Change>| {
        let contact = is_named.then(|| details.clone());
        let events = events(&cart_id(seed, 0, cart), at_ms, mark, contact, changes);
        let at_ms = at_ms + 200;
        all.push(Delivery {
            at_ms,
            events: events.into(),
        });
    };
    let start_ms = START_MS + rng.i64(0..MINUTE_MS);
    let filled = || vec![Change::CartUpdated(contents(1))];
    let identified = || {
        vec![
            Change::ContactIdentified,
            Change::ConsentChanged(consent.clone()),
        ]
    };
    tell(0, start_ms, "1", false, filled());
    tell(0, start_ms + 5_000, "i", true, identified());
    let due_ms = start_ms + rng.i64(34 * MINUTE_MS..41 * MINUTE_MS);
    let order = Order {
        id: "o".to_owned(),
        total: None,
    };
    let mut stop = None;
    match seed % N_COURSES {
        0 => {}
        1 => tell(0, due_ms, "o", rng.bool(), vec![Change::OrderPlaced(order)]),
        2 => tell(7, due_ms, "o", true, vec![Change::OrderPlaced(order)]),
        3 => {
            tell(1, start_ms + rng.i64(0..2_000), "1", true, filled());
            tell(0, due_ms, "2", false, filled());
        }
        4 => tell(0, due_ms, "e", true, vec![Change::ErasureRequested]),
        5 => {
            // While the second reminder is on its way: the link is of the first.
            let at_ms = start_ms + 8 * HOUR_MS + rng.i64(0..2 * MINUTE_MS);
            stop = Some((at_ms, unsubscribe(seed, setting)));
        }
        _ => {
            tell(7, due_ms, "o", false, vec![Change::OrderPlaced(order)]);
            let same = cart_id(seed, 0, 0);
            let order = all.last_mut();
            let order = order.and_then(|delivery| Arc::get_mut(&mut delivery.events));
            order
                .into_iter()
                .flatten()
                .for_each(|event| event.carts.push(same.clone()));
        }
    }
    (all, stop)
}

/// The shopper clicks on the one-click header of some mail.
fn unsubscribe(seed: u64, setting: &Setting) -> Errand {
    let person = setting.contact_key(&setting.details(seed, 0).email);
    let link = Link {
        purpose: Purpose::Unsubscribe(person.clone()),
        attempt: Attempt::from_bytes([7; 16]),
        expires_at: None,
    };
    let token = setting.keys.0.sign(&link);
    Errand::Unsubscribe { token, person }
}

#[cfg(test)]
mod tests {
    use cartback::policy::OnUnknown;
    use fastrand::Rng;

    use super::{N_COURSES, n_calls, pairs, play, singles, triple};
    use crate::setting::Setting;

    #[test]
    fn no_single_fault_breaks_a_promise() {
        for on_unknown in [OnUnknown::Resend, OnUnknown::Presume] {
            let setting = Setting::new(on_unknown);
            for seed in 0..N_COURSES {
                for script in singles(n_calls(seed, &setting)) {
                    let report = play(seed, &setting, &script, None).report;
                    assert_eq!(report.n_broken(), 0, "seed {seed}, {script:?}: {report:?}");
                }
            }
        }
    }

    #[test]
    fn no_sampled_pair_or_triple_of_faults_breaks_a_promise() {
        let setting = Setting::new(OnUnknown::Resend);
        let mut rng = Rng::with_seed(3);
        for seed in 0..N_COURSES {
            let n_calls = n_calls(seed, &setting);
            let sampled = pairs(n_calls).step_by(997);
            let triples = (0..40).map(|_| triple(n_calls, &mut rng));
            for script in sampled.chain(triples) {
                let report = play(seed, &setting, &script, None).report;
                assert_eq!(report.n_broken(), 0, "seed {seed}, {script:?}: {report:?}");
            }
        }
    }
}
