//! Faults of the protocol that the simulation found, each as the smallest world that shows it.

use cartback::cart::Cart;
use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::event::{Change, Order};
use cartback::ids::CartKey;
use cartback::policy::OnUnknown;
use cartback::ports::Write;

use crate::checker::check;
use crate::fault::Faults;
use crate::history::{Fact, Line};
use crate::lives::{Play, timestamp};
use crate::people::{Delivery, cart_id, contents, events};
use crate::setting::{MINUTE_MS, START_MS, Setting};
use crate::store::Conditions;
use crate::world::World;

#[test]
fn an_order_told_before_its_buyer_stops_their_other_cart() {
    let setting = Setting::new(OnUnknown::Resend);
    let world = World::new(1, START_MS, Faults::default(), None);
    let consent = Consent {
        state: ConsentState::Granted,
        basis: ConsentBasis::Express,
        source: None,
        text_version: None,
    };
    let order = Order {
        id: "o".to_owned(),
        total: None,
    };
    let filled = Change::CartUpdated(contents(1));
    let answered = Change::ConsentChanged(consent);
    let messages = [
        (0, 0, "1", false, vec![filled.clone()]),
        (1, 1, "1", true, vec![filled, answered]),
        (2, 0, "o", false, vec![Change::OrderPlaced(order)]),
        (3, 0, "i", true, vec![Change::ContactIdentified]),
    ];
    let tell = |(minute, cart, mark, is_named, changes): (i64, usize, &str, bool, Vec<Change>)| {
        let at_ms = START_MS + minute * MINUTE_MS;
        let contact = is_named.then(|| setting.details(1, 0));
        let events = events(&cart_id(1, 0, cart), at_ms, mark, contact, changes);
        Delivery {
            at_ms,
            events: events.into(),
        }
    };
    let run = Play::new(&world, &setting).run(messages.map(tell).to_vec());
    let report = check(&run.history, &setting.shop.policy);
    assert_eq!((report.n_mails, report.n_broken()), (0, 0), "{report:?}");
}

#[test]
fn carts_that_nobody_can_take_never_hide_the_others() {
    let setting = Setting::new(OnUnknown::Resend);
    let world = World::new(1, START_MS, Faults::default(), None);
    let gone = "gone".parse().unwrap();
    let stuck = (0..450).map(|n| (&gone, cart_id(1, n, 9), 0));
    let behind = (&setting.shop.id, cart_id(1, 0, 0), 1);
    for (shop, id, after_ms) in stuck.chain([behind]) {
        let mut cart = Cart::new(CartKey::new(shop, &id), id, timestamp(START_MS));
        cart.sequence.arm(timestamp(START_MS + after_ms));
        let write = Write {
            cart: Some(cart),
            ..Write::default()
        };
        let conditions = Conditions {
            cart: true,
            contact: true,
            claim: true,
        };
        let mut state = world.state();
        assert!(state.table.write(write, conditions, START_MS, 0, |_| {}));
    }
    let mut play = Play::new(&world, &setting);
    play.n_steps = 300;
    let run = play.run(Vec::new());
    let is_ended = |line: &Line| matches!(line.fact, Fact::Ended { .. });
    assert!(run.history.iter().any(is_ended));
}
