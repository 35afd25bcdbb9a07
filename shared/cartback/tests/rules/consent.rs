//! Who may be written to: the answer, its basis, and the market's rule.

use cartback::consent::{ConsentBasis, ConsentState};
use cartback::decide::{Decision, SkipReason};
use cartback::policy::{ConsentMode, Market};
use cartback::stage::Stage;

use crate::samples::{Moment, answered, skip};

#[test]
fn consent_is_judged_by_mode_answer_and_basis() {
    use ConsentBasis::{DoubleOptIn, Express, None as NoBasis, SoftOptIn};
    use ConsentState::{Granted, Refused, Unknown};
    // Allowed under `required`, `soft_opt_in` and `opt_out`, in this order.
    let table = [
        (Granted, Express, [true, true, true]),
        (Granted, DoubleOptIn, [true, true, true]),
        (Granted, SoftOptIn, [false, true, true]),
        (Granted, NoBasis, [false, false, true]),
        (Unknown, Express, [false, false, true]),
        (Unknown, DoubleOptIn, [false, false, true]),
        (Unknown, SoftOptIn, [false, true, true]),
        (Unknown, NoBasis, [false, false, true]),
        (Refused, Express, [false; 3]),
        (Refused, DoubleOptIn, [false; 3]),
        (Refused, SoftOptIn, [false; 3]),
        (Refused, NoBasis, [false; 3]),
    ];
    let modes = [
        ConsentMode::Required,
        ConsentMode::SoftOptIn,
        ConsentMode::OptOut,
    ];
    for (state, basis, allowed) in table {
        for (mode, is_allowed) in modes.into_iter().zip(allowed) {
            let mut moment = Moment::due(Stage::Nudge);
            moment.policy.consent = mode;
            answered(&mut moment, state, basis);
            let expected = match (is_allowed, state) {
                (true, _) => Decision::Send,
                (false, Refused) => skip(SkipReason::ConsentRefused),
                (false, Granted | Unknown) => skip(SkipReason::NoConsent),
            };
            assert_eq!(moment.decide(), expected, "{state:?} {basis:?} {mode:?}");
        }
    }
}

#[test]
fn without_any_answer_only_opt_out_markets_are_mailed() {
    for (mode, expected) in [
        (ConsentMode::Required, skip(SkipReason::NoConsent)),
        (ConsentMode::SoftOptIn, skip(SkipReason::NoConsent)),
        (ConsentMode::OptOut, Decision::Send),
    ] {
        let mut moment = Moment::due(Stage::Nudge);
        moment.policy.consent = mode;
        moment.contact.consent = None;
        assert_eq!(moment.decide(), expected, "{mode:?}");
    }
}

#[test]
fn a_market_has_its_own_consent_rule() {
    let no_consent = skip(SkipReason::NoConsent);
    // The shop's rule, the rule in the United States, the person's country.
    for (shop, market, country, expected) in [
        (
            ConsentMode::Required,
            ConsentMode::OptOut,
            Some("US"),
            Decision::Send,
        ),
        (
            ConsentMode::Required,
            ConsentMode::OptOut,
            Some("DE"),
            no_consent,
        ),
        (ConsentMode::Required, ConsentMode::OptOut, None, no_consent),
        (
            ConsentMode::OptOut,
            ConsentMode::Required,
            Some("US"),
            no_consent,
        ),
        (
            ConsentMode::OptOut,
            ConsentMode::Required,
            Some("DE"),
            Decision::Send,
        ),
        (
            ConsentMode::OptOut,
            ConsentMode::Required,
            None,
            Decision::Send,
        ),
    ] {
        let mut moment = Moment::due(Stage::Nudge);
        moment.contact.consent = None;
        moment.policy.consent = shop;
        let rule = Market { consent: market };
        moment.policy.markets.insert("US".to_owned(), rule);
        let person = moment.cart.facts.person.as_mut().unwrap();
        person.value.country = country.map(str::to_owned);
        assert_eq!(moment.decide(), expected, "{shop:?} {market:?} {country:?}");
    }
}
