//! An offer to look at in a preview: what the shop's ladder says, under a code that says that it is none.

use cartback::cart::Cart;
use cartback::offer::{CodeSource, Offer};
use cartback::shop::Shop;
use cartback::stage::Stage;
use jiff::Timestamp;

/// The code of every example. No shopper gets to see it.
const CODE: &str = "EXAMPLE";

/// What to show, and what to say of it.
pub(crate) struct Example {
    /// `None` if no mail of this stage, shop and cart could carry one.
    pub(crate) offer: Option<Offer>,
    /// One sentence for whoever looks.
    pub(crate) note: &'static str,
}

/// The offer of the ladder's first rung for `stage`, whoever the cart's person is. Ends when that rung's code
/// does, or, of a pool, after the shortest time for which a code is given at `now`.
pub(crate) fn example(shop: &Shop, stage: Stage, cart: &Cart, now: Timestamp) -> Example {
    let none = |note| Example { offer: None, note };
    if stage == Stage::Nudge {
        return none("A nudge never carries an offer.");
    }
    let Some(offers) = &shop.policy.offers else {
        return none("No offer: the settings have no [policy.offers], see docs/offers.md.");
    };
    let Some(rung) = offers.ladder.iter().find(|rung| rung.stage == stage) else {
        return none("No offer: the ladder has no rung for this reminder.");
    };
    let total = cart.facts.contents.as_ref().map(|it| it.value.total());
    let Some(cost) = total.and_then(|total| rung.discount.of(total)) else {
        return none("No offer: the cart is not in the currency of the offer.");
    };
    let expires_at = match &rung.source {
        CodeSource::Fixed { expires_at, .. } => *expires_at,
        CodeSource::Pool(_) => Some(now + offers.validity),
    };
    // The text is a code by any rule.
    let offer = CODE.parse().ok().map(|code| Offer {
        stage,
        at: now,
        discount: rung.discount,
        cost,
        code,
        pool: None,
        expires_at,
    });
    Example {
        offer,
        note: "The offer is an example, of the ladder's first rung for this reminder. Who gets one depends on the person, the margin and the budget.",
    }
}
