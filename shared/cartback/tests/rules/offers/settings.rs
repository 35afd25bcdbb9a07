//! A shop's rules for offers, read and refused.

use super::*;

#[test]
fn settings_that_cannot_be_meant_are_refused_by_name() {
    let cases = [
        (
            "margin_percent = 50",
            "margin_percent = 0",
            "margin_percent",
        ),
        (
            "margin_floor_percent = 20",
            "margin_floor_percent = 51",
            "margin_floor_percent",
        ),
        ("\"10.00 USD\"", "\"0.00 USD\"", "monthly_budget"),
        (
            "margin_percent = 50",
            "margin_percent = 50\nper_person = 0",
            "per_person",
        ),
        (
            "margin_percent = 50",
            "margin_percent = 50\npause_days = 29",
            "pause_days",
        ),
        (
            "margin_percent = 50",
            "margin_percent = 50\nvalidity = \"23h\"",
            "validity",
        ),
        ("\"discount\"", "\"dis count\"", "code_parameter"),
        ("percent = 10", "percent = 91", "percent"),
        (
            "percent = 10",
            "percent = 10\namount = \"1.00 USD\"",
            "either `percent` or `amount`",
        ),
        ("percent = 10", "", "either `percent` or `amount`"),
        ("percent = 10", "amount = \"0.00 USD\"", "amount"),
        ("pool = \"spring\"", "", "either a `code` or a `pool`"),
        ("pool = \"spring\"", "pool = \"Spring\"", "pool"),
        ("pool = \"spring\"", "code = \"A B\"", "code"),
        (
            "pool = \"spring\"",
            "pool = \"spring\"\nexpires_at = \"2026-12-31T00:00:00Z\"",
            "expires_at",
        ),
    ];
    assert!(offers(POOL).is_ok());
    for (from, to, named) in cases {
        // Only the first: the floor's name ends like the margin's.
        let text = POOL.replacen(from, to, 1);
        assert_ne!(text, POOL, "{from}");
        let fault = offers(&text).unwrap_err().to_string();
        assert!(fault.contains(named), "{named}: {fault}");
    }
    let bare = with("color = \"#000000\"");
    assert_eq!(Shop::load(&bare).unwrap().policy.offers, None);
}

#[test]
fn settings_read_back_from_the_table_as_they_were() {
    let shop = offers(POOL).unwrap();
    let json = serde_json::to_string(&shop).unwrap();
    assert_eq!(serde_json::from_str::<Shop>(&json).unwrap(), shop);
}
