//! Offers: who gets which, and who gets none. Pure, like [`crate::decide`], and asked only for a
//! reminder that is to be sent. What is given is claimed in the transaction that takes the right to
//! send, and kept with the cart, so that a second try of the same stage has the same code.
//!
//! **Nobody gets an offer for abandoning.** A person gets none if their last order was placed while an
//! offer was open to them, if they leave a cart within `pause_days` after their last offer, or if
//! `per_person` of their carts had one within 365 days.

mod code;
mod settings;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cart::Cart;
use crate::contact::Contact;
use crate::decide::Facts;
use crate::ids::CartKey;
use crate::money::Money;
use crate::policy::Policy;
use crate::stage::Stage;
pub use code::{Claim, InvalidCode, Month, OfferCode, PoolCode, PoolName, Spend};
pub use settings::{CodeSource, Discount, Offers, Rung, Segment};

/// Offers older than this no longer count for `per_person`.
pub const OFFER_YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// For how long an offer without an end counts as open: as long as its mail's links work.
const OPEN_WITHOUT_END: SignedDuration = crate::shop::RESTORE_LINK_LIFE;

/// An offer that a cart was given with one reminder. Kept with the cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// With which reminder.
    pub stage: Stage,
    /// When it was claimed.
    pub at: Timestamp,
    /// What it takes off.
    pub discount: Discount,
    /// What that is of the cart as it was then.
    pub cost: Money,
    /// The code that the checkout takes.
    pub code: OfferCode,
    /// The pool that the code came from; `None` if it is the same for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolName>,
    /// When the shop's platform stops taking the code; `None` never. The one source of a deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// An offer as the person's item remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferNote {
    /// When it was claimed, at first.
    pub at: Timestamp,
    /// For which cart.
    pub cart: CartKey,
    /// Until when it could be redeemed.
    pub open_until: Timestamp,
}

/// What the table has to say about an offer that may be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Codes of the pool that nobody has yet, some of them, those that end first before others.
    pub codes: Vec<PoolCode>,
    /// What was taken of the month's budget.
    pub spent_minor: i64,
}

/// What to ask the table for before [`choose`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Free codes of this pool.
    pub pool: Option<PoolName>,
    /// They must be redeemable at least until then.
    pub usable_until: Timestamp,
    /// What was spent in this month.
    pub month: Option<Month>,
}

/// What was decided about an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The shop has no offers, or the stage is the nudge: there was nothing to decide.
    NotAsked,
    /// None, and why.
    Withheld(Withheld),
    /// This one, for which the reservation must claim.
    New(Offer, Claim),
    /// The one that an earlier try of the same stage has claimed.
    Kept(Offer),
}

/// The decision about an offer as it is recorded: without the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferVerdict {
    /// Given.
    Given(Discount),
    /// Not given.
    Withheld(Withheld),
}

/// Why a reminder carries no offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// The ladder has no rung for this stage and person.
    NoRung,
    /// The person's last order was placed while an offer was open to them.
    OrderedByOffer,
    /// The person left this cart too soon after their last offer.
    LeftAgain,
    /// The person had as many offers in a year as the shop gives.
    PersonCap,
    /// The cart is not in the currency of the offer or of the budget.
    OtherCurrency,
    /// Too little would be left of the price.
    MarginFloor,
    /// The month's budget is used up.
    BudgetSpent,
    /// No code can be redeemed for long enough, or none is left.
    NoCode,
}

impl Choice {
    /// The offer that the reminder carries.
    #[must_use]
    pub fn offer(&self) -> Option<&Offer> {
        match self {
            Self::New(offer, _) | Self::Kept(offer) => Some(offer),
            Self::NotAsked | Self::Withheld(_) => None,
        }
    }

    /// The decision as it is recorded; `None` if there was nothing to decide.
    #[must_use]
    pub fn verdict(&self) -> Option<OfferVerdict> {
        match self {
            Self::New(offer, _) | Self::Kept(offer) => Some(OfferVerdict::Given(offer.discount)),
            Self::Withheld(reason) => Some(OfferVerdict::Withheld(*reason)),
            Self::NotAsked => None,
        }
    }
}

impl Offer {
    /// Until when it can be redeemed, as far as rules about the person go.
    #[must_use]
    pub fn open_until(&self) -> Timestamp {
        self.expires_at.unwrap_or(self.at + OPEN_WITHOUT_END)
    }

    /// Whether the shop's platform takes the code at `now`.
    #[must_use]
    pub fn is_redeemable(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// What must be known to decide about an offer for the reminder of `facts`; `None` if nothing.
#[must_use]
pub fn ask(facts: &Facts<'_>, policy: &Policy, now: Timestamp) -> Option<Ask> {
    let offers = policy.offers.as_ref()?;
    if given(facts.cart, facts.stage).is_some() {
        return None;
    }
    let rung = rung(facts, offers, policy)?;
    let pool = match &rung.source {
        CodeSource::Pool(pool) => Some(pool.clone()),
        CodeSource::Fixed { .. } => None,
    };
    let month = offers
        .monthly_budget
        .map(|budget| Month::of(now, facts.shop_zone, budget.currency));
    Some(Ask {
        pool,
        usable_until: now + offers.validity,
        month,
    })
}

/// Decides which offer the reminder of `facts` carries, which is to be sent.
///
/// Pure: of `stock` it takes what [`ask`] asked for. The first rule that fires names the reason.
#[must_use]
pub fn choose(facts: &Facts<'_>, policy: &Policy, stock: &Stock, now: Timestamp) -> Choice {
    if let Some(offer) = given(facts.cart, facts.stage) {
        if offer.is_redeemable(now) {
            return Choice::Kept(offer.clone());
        }
        // A stage has one code, whatever becomes of it.
        return Choice::Withheld(Withheld::NoCode);
    }
    let Some(offers) = policy
        .offers
        .as_ref()
        .filter(|_| facts.stage != Stage::Nudge)
    else {
        return Choice::NotAsked;
    };
    match new_offer(facts, offers, policy, stock, now) {
        Ok((offer, claim)) => Choice::New(offer, claim),
        Err(reason) => Choice::Withheld(reason),
    }
}

fn new_offer(
    facts: &Facts<'_>,
    offers: &Offers,
    policy: &Policy,
    stock: &Stock,
    now: Timestamp,
) -> Result<(Offer, Claim), Withheld> {
    let rung = rung(facts, offers, policy).ok_or(Withheld::NoRung)?;
    earned_by_leaving(facts, offers, now).map_or(Ok(()), Err)?;
    let contents = facts.cart.facts.contents.as_ref();
    let contents = &contents.ok_or(Withheld::NoRung)?.value;
    let cost = rung.discount.of(contents.total());
    let cost = cost.ok_or(Withheld::OtherCurrency)?;
    if !offers.keeps_floor(contents, cost) {
        return Err(Withheld::MarginFloor);
    }
    let spend = spend(facts, offers, stock, cost, now)?;
    let (code, pool, expires_at) = code(facts.cart, rung, offers, stock, now)?;
    let claim = Claim {
        cart: facts.cart.key.clone(),
        stage: facts.stage,
        code: pool.clone().map(|pool| (pool, code.clone())),
        spend,
    };
    let offer = Offer {
        stage: facts.stage,
        at: now,
        discount: rung.discount,
        cost,
        code,
        pool,
        expires_at,
    };
    Ok((offer, claim))
}

/// The offer that the cart was given with `stage`.
fn given(cart: &Cart, stage: Stage) -> Option<&Offer> {
    cart.offers.iter().find(|offer| offer.stage == stage)
}

fn rung<'a>(facts: &Facts<'_>, offers: &'a Offers, policy: &Policy) -> Option<&'a Rung> {
    let fits = |rung: &&Rung| {
        let is_new = facts.contact.last_order_at.is_none();
        let is_of_segment = match rung.segment {
            Segment::Everyone => true,
            Segment::New => is_new,
            Segment::Returning => !is_new,
            Segment::HighValue => facts.cart.is_high_value(policy),
        };
        rung.stage == facts.stage && rung.stage != Stage::Nudge && is_of_segment
    };
    offers.ladder.iter().find(fits)
}

/// The rule against abandoning for an offer; see the head of this module. Offers of the same cart do not
/// count: the ladder may give a second one.
fn earned_by_leaving(facts: &Facts<'_>, offers: &Offers, now: Timestamp) -> Option<Withheld> {
    let ordered_at = facts.contact.last_order_at;
    let was_open =
        |note: &OfferNote| ordered_at.is_some_and(|at| note.at <= at && at <= note.open_until);
    let notes = &facts.contact.offers;
    if notes.iter().any(was_open) {
        return Some(Withheld::OrderedByOffer);
    }
    let others = notes.iter().filter(|note| note.cart != facts.cart.key);
    let pause = SignedDuration::from_hours(24 * i64::from(offers.pause_days));
    let left_at = facts.cart.facts.last_activity_at();
    if others.clone().any(|note| left_at < note.at + pause) {
        return Some(Withheld::LeftAgain);
    }
    let n_year = others
        .filter(|note| now.duration_since(note.at) < OFFER_YEAR)
        .count();
    (usize::from(offers.per_person) <= n_year).then_some(Withheld::PersonCap)
}

fn spend(
    facts: &Facts<'_>,
    offers: &Offers,
    stock: &Stock,
    cost: Money,
    now: Timestamp,
) -> Result<Option<Spend>, Withheld> {
    let Some(limit) = offers.monthly_budget else {
        return Ok(None);
    };
    if limit.currency != cost.currency {
        return Err(Withheld::OtherCurrency);
    }
    if limit.minor < stock.spent_minor.saturating_add(cost.minor) {
        return Err(Withheld::BudgetSpent);
    }
    Ok(Some(Spend {
        month: Month::of(now, facts.shop_zone, limit.currency),
        amount_minor: cost.minor,
        limit,
    }))
}

type Found = (OfferCode, Option<PoolName>, Option<Timestamp>);

fn code(
    cart: &Cart,
    rung: &Rung,
    offers: &Offers,
    stock: &Stock,
    now: Timestamp,
) -> Result<Found, Withheld> {
    let is_usable = |end: Option<Timestamp>| end.is_none_or(|end| now + offers.validity <= end);
    match &rung.source {
        CodeSource::Fixed { code, expires_at } if is_usable(*expires_at) => {
            Ok((code.clone(), None, *expires_at))
        }
        CodeSource::Fixed { .. } => Err(Withheld::NoCode),
        CodeSource::Pool(pool) => {
            let free = stock
                .codes
                .iter()
                .filter(|free| free.pool == *pool && is_usable(free.expires_at));
            let free: Vec<_> = free.collect();
            // Carts that are decided on at the same time should not all reach for the same one.
            let n_free = u16::try_from(free.len()).unwrap_or(u16::MAX);
            let one = free.get(usize::from(cart.key.shard(n_free.max(1))));
            let one = one.ok_or(Withheld::NoCode)?;
            Ok((one.code.clone(), Some(pool.clone()), one.expires_at))
        }
    }
}

impl Cart {
    /// Keeps the offer that one of its reminders carries; one for each stage.
    pub fn note_offer(&mut self, offer: Offer) {
        self.offers.retain(|known| known.stage != offer.stage);
        self.offers.push(offer);
    }

    /// The offer to apply at the checkout at `now`: the last given that can still be redeemed.
    #[must_use]
    pub fn redeemable(&self, now: Timestamp) -> Option<&Offer> {
        let mut latest_first = self.offers.iter().rev();
        latest_first.find(|offer| offer.is_redeemable(now))
    }
}

impl Contact {
    /// Remembers that `cart` was given `offer`, and forgets what no rule asks for any more.
    pub fn note_offer(&mut self, cart: &CartKey, offer: &Offer) {
        let ordered_at = self.last_order_at;
        self.offers.retain(|note| {
            let is_recent = offer.at.duration_since(note.at) < OFFER_YEAR;
            is_recent || ordered_at.is_some_and(|at| at <= note.open_until)
        });
        match self.offers.iter_mut().find(|note| note.cart == *cart) {
            Some(note) => note.open_until = note.open_until.max(offer.open_until()),
            None => self.offers.push(OfferNote {
                at: offer.at,
                cart: cart.clone(),
                open_until: offer.open_until(),
            }),
        }
    }
}
