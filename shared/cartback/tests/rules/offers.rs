//! Offers: who gets one, and who never does.

use cartback::compose::{Known, compose};
use cartback::contact::Contact;
use cartback::decide::Facts;
use cartback::link::{LinkKey, LinkKeys};
use cartback::memory::MemoryStore;
use cartback::offer::{
    Ask, Choice, CodeSource, Discount, Offer, OfferCode, OfferVerdict, Offers, PoolCode, Stock,
    Withheld, ask, choose,
};
use cartback::policy::Policy;
use cartback::ports::{CartStore, SendError, Write};
use cartback::reading::Readings;
use cartback::remind::Reminded;
use cartback::shop::{Shop, ShopError};
use cartback::stage::Stage;
use cartback::visit::Visit;
use jiff::SignedDuration;

use crate::desk::{Desk, Fate, NO_LIMIT, run};
use crate::samples::{
    DAY, HOUR, Moment, SECOND, attempt, cart, cart_key, contact, contents, noon, shop_id, usd,
};
use crate::settings::{least, with};

mod claimed;
mod noted;
mod settings;
mod told;

const POOL: &str = r#"
    [policy.offers]
    margin_percent = 50
    margin_floor_percent = 20
    monthly_budget = "10.00 USD"
    code_parameter = "discount"

    [[policy.offers.ladder]]
    stage = "final"
    percent = 10
    pool = "spring"
"#;

fn offers(text: &str) -> Result<Shop, ShopError> {
    Shop::load(&format!("{}\n{text}", least()))
}

fn code(text: &str) -> OfferCode {
    text.parse().unwrap()
}

fn pool_code(text: &str, ends_in: Option<SignedDuration>) -> PoolCode {
    PoolCode {
        pool: "spring".parse().unwrap(),
        code: code(text),
        expires_at: ends_in.map(|life| noon() + life),
    }
}

fn stock(codes: &[&str]) -> Stock {
    let codes = codes.iter().map(|text| pool_code(text, Some(DAY * 10)));
    Stock {
        codes: codes.collect(),
        spent_minor: 0,
    }
}

/// The sample's final reminder, with the shop's offers.
fn moment() -> Moment {
    let mut moment = Moment::due(Stage::Final);
    moment.policy = offers(POOL).unwrap().policy;
    moment
}

fn edited(edit: impl FnOnce(&mut Offers)) -> Moment {
    let mut moment = moment();
    edit(moment.policy.offers.as_mut().unwrap());
    moment
}

fn chosen(moment: &Moment, stock: &Stock) -> Choice {
    let facts = facts(moment);
    choose(&facts, &moment.policy, stock, moment.now)
}

fn facts(moment: &Moment) -> Facts<'_> {
    Facts {
        cart: &moment.cart,
        contact: &moment.contact,
        stage: moment.stage,
        shop_zone: &moment.shop_zone,
        brake: None,
        restored_at: None,
        newer_cart: None,
    }
}

fn withheld(moment: &Moment) -> Option<Withheld> {
    match chosen(moment, &stock(&["A-1"])) {
        Choice::Withheld(reason) => Some(reason),
        Choice::New(..) | Choice::Kept(_) | Choice::NotAsked => None,
    }
}

/// What a person who was given an offer for another cart `ago` remembers of it.
fn given(contact: &mut Contact, moment: &Moment, ago: SignedDuration, life: SignedDuration) {
    let at = moment.now - ago;
    let offer = Offer {
        stage: Stage::Final,
        at,
        discount: Discount::Percent(10),
        cost: usd("4.90"),
        code: code("OLD"),
        pool: None,
        expires_at: Some(at + life),
    };
    contact.note_offer(&cart_key("other"), &offer);
}

#[test]
fn a_final_reminder_carries_a_code_of_the_pool_with_its_end() {
    let moment = moment();
    let Choice::New(offer, claim) = chosen(&moment, &stock(&["A-1"])) else {
        panic!("no offer");
    };
    assert_eq!((offer.code, offer.cost), (code("A-1"), usd("4.90")));
    assert_eq!(offer.expires_at, Some(noon() + DAY * 10));
    let (pool, taken) = claim.code.unwrap();
    assert_eq!((pool.as_str(), taken), ("spring", code("A-1")));
    let spend = claim.spend.unwrap();
    assert_eq!((spend.amount_minor, spend.limit), (490, usd("10.00")));
    assert_eq!(spend.month.as_str(), "2026-07-USD");
}

#[test]
fn a_nudge_never_carries_an_offer_and_no_settings_can_make_it() {
    let mut moment = moment();
    moment.stage = Stage::Nudge;
    assert_eq!(chosen(&moment, &stock(&["A-1"])), Choice::NotAsked);
    assert_eq!(ask(&facts(&moment), &moment.policy, moment.now), None);
    let fault = offers(&POOL.replace("\"final\"", "\"nudge\"")).unwrap_err();
    assert!(
        fault.to_string().contains("never carries an offer"),
        "{fault}"
    );
    // Even settings that were never checked.
    moment.policy.offers.as_mut().unwrap().ladder[0].stage = Stage::Nudge;
    assert_eq!(chosen(&moment, &stock(&["A-1"])), Choice::NotAsked);
}

#[test]
fn whoever_ordered_while_an_offer_was_open_gets_none_until_they_order_without() {
    let mut moment = moment();
    let mut person = contact();
    given(&mut person, &moment, DAY * 200, DAY * 10);
    for (ordered_ago, reason) in [
        (None, None),
        (Some(DAY * 201), None),
        (Some(DAY * 200), Some(Withheld::OrderedByOffer)),
        (Some(DAY * 190), Some(Withheld::OrderedByOffer)),
        (Some(DAY * 190 - SECOND), None),
    ] {
        moment.contact = person.clone();
        // The yearly cap would hide the rule.
        moment.policy.offers.as_mut().unwrap().per_person = 12;
        moment.contact.last_order_at = ordered_ago.map(|ago| moment.now - ago);
        assert_eq!(withheld(&moment), reason, "{ordered_ago:?}");
    }
}

#[test]
fn a_cart_left_within_the_pause_after_an_offer_gets_none() {
    let pause = DAY * 60;
    let mut it = edited(|offers| offers.per_person = 12);
    let left_at = it.cart.facts.last_activity_at();
    for (ago, reason) in [(pause - SECOND, Some(Withheld::LeftAgain)), (pause, None)] {
        it.contact = contact();
        let since_now = it.now.duration_since(left_at) + ago;
        let mut person = it.contact.clone();
        given(&mut person, &it, since_now, DAY);
        it.contact = person;
        assert_eq!(withheld(&it), reason, "{ago}");
    }
}

#[test]
fn a_person_gets_as_many_offers_in_a_year_as_the_shop_gives() {
    let mut it = moment();
    let mut person = contact();
    given(&mut person, &it, DAY * 364, DAY);
    it.contact = person;
    assert_eq!(withheld(&it), Some(Withheld::PersonCap));
    it.policy.offers.as_mut().unwrap().per_person = 2;
    assert_eq!(withheld(&it), None);
    it.policy.offers.as_mut().unwrap().per_person = 1;
    it.now += DAY;
    assert_eq!(withheld(&it), None);
}

#[test]
fn the_ladder_gives_by_stage_and_person_and_the_first_rung_counts() {
    let ladder = r#"
        [policy]
        high_value_threshold = "300.00 USD"
        [policy.offers]
        margin_percent = 60
        margin_floor_percent = 10
        [[policy.offers.ladder]]
        stage = "follow_up"
        segment = "high_value"
        percent = 5
        code = "FIVE"
        [[policy.offers.ladder]]
        stage = "final"
        segment = "new"
        percent = 15
        code = "HELLO"
        [[policy.offers.ladder]]
        stage = "final"
        segment = "returning"
        amount = "5.00 USD"
        code = "AGAIN"
    "#;
    let policy = offers(ladder).unwrap().policy;
    let cases: [(Stage, &str, bool, Option<&str>); 6] = [
        (Stage::Nudge, "400.00", false, None),
        (Stage::FollowUp, "299.99", false, None),
        (Stage::FollowUp, "300.00", true, Some("FIVE")),
        (Stage::Final, "49.00", false, Some("HELLO")),
        (Stage::Final, "49.00", true, Some("AGAIN")),
        (Stage::Final, "400.00", true, Some("AGAIN")),
    ];
    for (stage, total, has_ordered, expected) in cases {
        let mut it = Moment::due(stage);
        it.policy = policy.clone();
        it.cart = cart("c1", total);
        it.contact.last_order_at = has_ordered.then(|| noon() - DAY * 900);
        let choice = chosen(&it, &Stock::default());
        let given = choice.offer().map(|offer| offer.code.expose());
        assert_eq!(given, expected, "{stage} {total}");
        let is_none = given.is_none() && stage != Stage::Nudge;
        assert_eq!(choice == Choice::Withheld(Withheld::NoRung), is_none);
    }
}

#[test]
fn nothing_is_given_below_the_margin_floor() {
    // Of 100.00 the goods cost 50.00; of what is left a floor of 40 % needs 83.34 at least.
    for (percent, floor, is_given) in [
        (16, 40, true),
        (17, 40, false),
        (50, 0, true),
        (51, 0, false),
        (1, 50, false),
    ] {
        let mut it = edited(|offers| {
            offers.margin_floor_percent = floor;
            offers.monthly_budget = None;
            offers.ladder[0].discount = Discount::Percent(percent);
        });
        it.cart = cart("c1", "100.00");
        let reason = (!is_given).then_some(Withheld::MarginFloor);
        assert_eq!(withheld(&it), reason, "{percent} {floor}");
    }
}

#[test]
fn a_cart_on_sale_has_less_to_give() {
    let mut it = edited(|offers| offers.margin_floor_percent = 40);
    assert_eq!(withheld(&it), None);
    let on_sale = &mut it.cart.facts.contents.as_mut().unwrap().value;
    on_sale.lines[0].compare_at_minor = Some(6_000);
    assert_eq!(withheld(&it), Some(Withheld::MarginFloor));
}

#[test]
fn the_budget_ends_with_the_last_offer_that_it_has() {
    let it = moment();
    for (spent_minor, reason) in [(510, None), (511, Some(Withheld::BudgetSpent))] {
        let stock = Stock {
            spent_minor,
            ..stock(&["A-1"])
        };
        let choice = chosen(&it, &stock);
        assert_eq!(
            choice.verdict(),
            Some(reason.map_or(
                OfferVerdict::Given(Discount::Percent(10)),
                OfferVerdict::Withheld,
            ))
        );
    }
}

#[test]
fn another_currency_gets_nothing() {
    let mut it = edited(|offers| {
        offers.monthly_budget = None;
        offers.ladder[0].discount = Discount::Amount(usd("1.00"));
    });
    assert_eq!(withheld(&it), None);
    let contents = &mut it.cart.facts.contents.as_mut().unwrap().value;
    contents.currency = "EUR".parse().unwrap();
    assert_eq!(withheld(&it), Some(Withheld::OtherCurrency));
    let mut budget = moment();
    budget.cart.facts.contents = it.cart.facts.contents.clone();
    assert_eq!(withheld(&budget), Some(Withheld::OtherCurrency));
}

#[test]
fn a_code_is_given_only_while_it_works_long_enough() {
    let it = moment();
    let validity = SignedDuration::from_hours(48);
    let life = it.now.duration_since(noon()) + validity;
    for (ends_in, is_given) in [
        (None, true),
        (Some(life), true),
        (Some(life - SECOND), false),
    ] {
        let stock = Stock {
            codes: vec![pool_code("A-1", ends_in)],
            spent_minor: 0,
        };
        let same_for_all = edited(|offers| {
            offers.ladder[0].source = CodeSource::Fixed {
                code: code("A-1"),
                expires_at: ends_in.map(|life| noon() + life),
            };
        });
        for given in [chosen(&it, &stock), chosen(&same_for_all, &stock)] {
            assert_eq!(given.offer().is_some(), is_given, "{ends_in:?}");
            if !is_given {
                assert_eq!(given, Choice::Withheld(Withheld::NoCode));
            }
        }
    }
    assert_eq!(
        chosen(&it, &Stock::default()),
        Choice::Withheld(Withheld::NoCode)
    );
}

#[test]
fn a_later_try_of_the_stage_has_the_same_code_whatever_the_settings_say_by_then() {
    let mut it = moment();
    let choice = chosen(&it, &stock(&["A-1"]));
    let offer = choice.offer().unwrap().clone();
    it.cart.note_offer(offer.clone());
    it.contact.note_offer(&it.cart.key, &offer);
    assert_eq!(chosen(&it, &stock(&["A-2"])), Choice::Kept(offer.clone()));
    assert_eq!(ask(&facts(&it), &it.policy, it.now), None);
    it.policy = Policy::default();
    assert_eq!(chosen(&it, &stock(&["A-2"])), Choice::Kept(offer.clone()));
    it.now = offer.expires_at.unwrap();
    // No second code either.
    it.policy = moment().policy;
    assert_eq!(withheld(&it), Some(Withheld::NoCode));
}

#[test]
fn what_is_asked_of_the_table_is_what_the_rung_needs() {
    let it = moment();
    let asked = Ask {
        pool: Some("spring".parse().unwrap()),
        usable_until: it.now + SignedDuration::from_hours(48),
        month: Some(cartback::offer::Month::of(
            it.now,
            &it.shop_zone,
            "USD".parse().unwrap(),
        )),
    };
    assert_eq!(ask(&facts(&it), &it.policy, it.now), Some(asked));
    let mut none = it.clone();
    none.policy.offers = None;
    assert_eq!(ask(&facts(&none), &none.policy, none.now), None);
}

proptest::proptest! {
    /// Of any cart no offer takes more than the margin allows, or more than there is.
    #[test]
    fn no_offer_goes_below_the_floor(
        price in 1_i64..1_000_000,
        regular in 0_i64..1_000_000,
        quantity in 1_u32..20,
        percent in 1_u8..=90,
        margin in 1_u8..=100,
        floor in 0_u8..=100,
    ) {
        let floor = floor.min(margin);
        let mut contents = contents("1.00");
        contents.lines[0].price_minor = price;
        contents.lines[0].compare_at_minor = Some(regular);
        contents.lines[0].quantity = quantity;
        contents.total_minor = price * i64::from(quantity);
        let mut offers = offers(POOL).unwrap().policy.offers.unwrap();
        offers.margin_percent = margin;
        offers.margin_floor_percent = floor;
        let cost = Discount::Percent(percent).of(contents.total()).unwrap();
        proptest::prop_assert!(cost.minor * 100 >= contents.total_minor * i64::from(percent));
        proptest::prop_assert!(cost.minor <= contents.total_minor);
        if offers.keeps_floor(&contents, cost) {
            let left = contents.total_minor - cost.minor;
            let goods = price.max(regular) * i64::from(quantity) * i64::from(100 - margin);
            proptest::prop_assert!((left * 100 - goods) >= left * i64::from(floor));
        }
    }
}
