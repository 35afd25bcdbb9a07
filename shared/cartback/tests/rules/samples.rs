//! A cart, a person and a moment at which every rule allows the reminder: what the cases start from.

use cartback::brake::Brake;
use cartback::cart::Cart;
use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::contact::Contact;
use cartback::decide::{Decision, DeferReason, Facts, SkipReason, decide};
use cartback::event::{CartEvent, Change, ContactDetails, Contents, LineItem, Order, Origin};
use cartback::ids::{Attempt, CartKey, ContactKey, Pepper, ShopId};
use cartback::money::Money;
use cartback::policy::Policy;
use cartback::stage::Stage;
use cartback::stamp::Stamp;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(crate) const SECOND: SignedDuration = SignedDuration::from_secs(1);
pub(crate) const MINUTE: SignedDuration = SignedDuration::from_mins(1);
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Every reason, so that a table can show that it leaves none out.
pub(crate) const SKIP_REASONS: [SkipReason; 22] = [
    SkipReason::OrderPlaced,
    SkipReason::OrderedElsewhere,
    SkipReason::NewerCart,
    SkipReason::CartDeleted,
    SkipReason::Erased,
    SkipReason::Unsubscribed,
    SkipReason::Complained,
    SkipReason::Bounced,
    SkipReason::TestSource,
    SkipReason::Machine,
    SkipReason::OrderClaimed,
    SkipReason::Restored,
    SkipReason::NoContact,
    SkipReason::DisposableAddress,
    SkipReason::CartEmpty,
    SkipReason::StageDisabled,
    SkipReason::WindowMissed,
    SkipReason::AskedToPause,
    SkipReason::ConsentRefused,
    SkipReason::NoConsent,
    SkipReason::WeeklyCap,
    SkipReason::NoFreeMoment,
];

/// The shopper's last action in every sample.
pub(crate) fn noon() -> Timestamp {
    time("2026-07-01T12:00:00Z")
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn usd(text: &str) -> Money {
    Money::parse(text, "USD".parse().unwrap()).unwrap()
}

pub(crate) fn shop_id() -> ShopId {
    "demo".parse().unwrap()
}

pub(crate) fn cart_key(id: &str) -> CartKey {
    CartKey::new(&shop_id(), &id.parse().unwrap())
}

pub(crate) fn contact_key(email: &str) -> ContactKey {
    ContactKey::new(&Pepper(vec![1; 32]), &shop_id(), &email.parse().unwrap())
}

pub(crate) fn event(at: Timestamp, change: Change) -> CartEvent {
    CartEvent {
        id: format!("evt-{at}"),
        at,
        is_test: false,
        origin: Origin::Shop,
        carts: vec!["c1".parse().unwrap()],
        contact: None,
        change,
    }
}

/// `event`, in which `email` is named.
pub(crate) fn named(email: &str, event: CartEvent) -> CartEvent {
    let details = ContactDetails {
        email: email.parse().unwrap(),
        first_name: None,
        locale: None,
        time_zone: None,
        country: None,
    };
    CartEvent {
        contact: Some(details),
        ..event
    }
}

pub(crate) fn order(at: Timestamp) -> CartEvent {
    let order = Order {
        id: "o1".to_owned(),
        total: Some(usd("49.00")),
    };
    event(at, Change::OrderPlaced(order))
}

pub(crate) fn contents(total: &str) -> Contents {
    let total = usd(total);
    let line = LineItem {
        id: "sku".to_owned(),
        title: "Lantern".to_owned(),
        variant: None,
        quantity: 1,
        price_minor: total.minor,
        compare_at_minor: None,
        image_url: None,
        url: None,
    };
    Contents {
        currency: total.currency,
        lines: vec![line],
        total_minor: total.minor,
        checkout_url: None,
    }
}

/// A cart that `id` names, of Ada's, worth `total` dollars, with its last activity at noon.
pub(crate) fn cart(id: &str, total: &str) -> Cart {
    let mut cart = Cart::new(cart_key(id), id.parse().unwrap(), noon());
    let details = ContactDetails {
        email: "ada@example.com".parse().unwrap(),
        first_name: Some("Ada".to_owned()),
        locale: None,
        time_zone: None,
        country: None,
    };
    let updated = CartEvent {
        contact: Some(details),
        ..event(noon(), Change::CartUpdated(contents(total)))
    };
    cart.facts
        .apply(&updated, Some(&contact_key("ada@example.com")));
    cart
}

pub(crate) fn consent(state: ConsentState, basis: ConsentBasis) -> Consent {
    Consent {
        state,
        basis,
        source: None,
        text_version: None,
    }
}

/// Ada, who agreed.
pub(crate) fn contact() -> Contact {
    let mut contact = Contact::new(contact_key("ada@example.com"));
    let agreed = consent(ConsentState::Granted, ConsentBasis::Express);
    contact.answer(Stamp::new(noon(), "evt-0"), agreed);
    contact
}

/// Everything that a decision depends on.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) cart: Cart,
    pub(crate) contact: Contact,
    pub(crate) policy: Policy,
    pub(crate) stage: Stage,
    pub(crate) shop_zone: TimeZone,
    pub(crate) now: Timestamp,
    pub(crate) brake: Option<Brake>,
    pub(crate) restored_at: Option<Timestamp>,
    pub(crate) newer_cart: Option<CartKey>,
}

impl Moment {
    /// The moment at which `stage` of the sample cart falls due and nothing stands against it.
    pub(crate) fn due(stage: Stage) -> Self {
        let (cart, policy) = (cart("c1", "49.00"), Policy::default());
        Self {
            now: cart.stage_due_at(stage, &policy),
            contact: contact(),
            shop_zone: TimeZone::UTC,
            cart,
            policy,
            stage,
            brake: None,
            restored_at: None,
            newer_cart: None,
        }
    }

    pub(crate) fn decide(&self) -> Decision {
        let facts = Facts {
            cart: &self.cart,
            contact: &self.contact,
            stage: self.stage,
            shop_zone: &self.shop_zone,
            brake: self.brake.as_ref(),
            restored_at: self.restored_at,
            newer_cart: self.newer_cart.as_ref(),
        };
        decide(&facts, &self.policy, self.now)
    }

    /// Notes a mail about another cart at `at`.
    pub(crate) fn mailed(&mut self, at: Timestamp) {
        let n = self.contact.mails.len();
        self.contact
            .note_mail(&cart_key(&format!("other-{n}")), Stage::Nudge, at);
        self.contact.mails.sort_by_key(|note| note.at);
    }

    /// When the cart was last touched, plus `idle`.
    pub(crate) fn after(&self, idle: SignedDuration) -> Timestamp {
        self.cart.facts.last_activity_at() + idle
    }
}

pub(crate) fn skip(reason: SkipReason) -> Decision {
    Decision::Skip { reason }
}

pub(crate) fn defer(reason: DeferReason, until: Timestamp) -> Decision {
    Decision::Defer { until, reason }
}

pub(crate) fn answered(moment: &mut Moment, state: ConsentState, basis: ConsentBasis) {
    moment.contact.consent = None;
    let stamp = Stamp::new(moment.now, "evt-consent");
    moment.contact.answer(stamp, consent(state, basis));
}

/// The attempt of invocation `n`.
pub(crate) fn attempt(n: u128) -> Attempt {
    Attempt::new(n, &cart_key("c1"), 1, noon())
}
