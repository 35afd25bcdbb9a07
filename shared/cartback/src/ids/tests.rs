//! Names and keys: what reads as one, and that stored ones stay what they are.

use super::*;

fn shop() -> ShopId {
    "demo".parse().unwrap()
}

#[test]
fn keys_read_back_as_themselves() {
    let cart = CartKey::new(&shop(), &"c/1".parse().unwrap());
    assert_eq!(cart.to_string().parse(), Ok(cart.clone()));
    let attempt = Attempt::new(7, &cart, 3, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(attempt.to_string().parse(), Ok(attempt));
    assert_eq!(Attempt::from_bytes(attempt.to_bytes()), attempt);
}

#[test]
fn one_person_has_one_key_in_each_shop_and_pepper() {
    let key = |pepper: &[u8], shop: &str, address: &str| {
        ContactKey::new(
            &Pepper(pepper.to_vec()),
            &shop.parse().unwrap(),
            &address.parse().unwrap(),
        )
    };
    let ada = key(b"p", "demo", "ada@example.com");
    assert_eq!(ada, key(b"p", "demo", " ADA@example.com"));
    assert_ne!(ada, key(b"p", "other", "ada@example.com"));
    assert_ne!(ada, key(b"q", "demo", "ada@example.com"));
}

#[test]
fn shop_and_cart_id_never_run_together() {
    let key = |shop: &str, cart: &str| CartKey::new(&shop.parse().unwrap(), &cart.parse().unwrap());
    assert_ne!(key("a", "b1"), key("ab", "1"));
}

#[test]
fn carts_spread_evenly_over_shards() {
    let mut counts = [0_u32; 16];
    for n in 0..16_000 {
        let cart = CartKey::new(&shop(), &format!("cart-{n}").parse().unwrap());
        counts[usize::from(cart.shard(16))] += 1;
    }
    assert!(
        counts.iter().all(|count| (850..1150).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn attempts_of_two_invocations_differ() {
    let cart = CartKey::new(&shop(), &"c".parse().unwrap());
    let at = jiff::Timestamp::UNIX_EPOCH;
    assert_ne!(Attempt::new(1, &cart, 1, at), Attempt::new(2, &cart, 1, at));
    assert_ne!(Attempt::new(1, &cart, 1, at), Attempt::new(1, &cart, 2, at));
}

#[test]
fn names_are_taken_up_to_their_length_in_their_letters() {
    for (text, is_shop, is_cart) in [
        ("", false, false),
        ("a", true, true),
        ("shop-1", true, true),
        ("Shop", false, true),
        ("shop_1", false, true),
        ("gid://shopify/Cart/1?key=x", false, true),
        ("a b", false, false),
        ("a\n", false, false),
        ("é", false, false),
        ("~!", false, true),
        (&"a".repeat(40), true, true),
        (&"a".repeat(41), false, true),
        (&"a".repeat(128), false, true),
        (&"a".repeat(129), false, false),
    ] {
        assert_eq!(text.parse::<ShopId>().is_ok(), is_shop, "{text}");
        assert_eq!(text.parse::<CartId>().is_ok(), is_cart, "{text}");
    }
}

#[test]
fn nothing_but_a_key_reads_as_a_key() {
    let digest = "0123456789abcdefghjkmnpqrs";
    for (text, is_key) in [
        (format!("demo_{digest}"), true),
        (format!("demo{digest}"), false),
        (format!("_{digest}"), false),
        (format!("Demo_{digest}"), false),
        (format!("demo_{}", digest.to_uppercase()), false),
        (format!("demo_{}", &digest[1..]), false),
        (format!("demo_{digest}0"), false),
        (format!("demo_{}-", &digest[1..]), false),
        (format!("demo__{}", &digest[1..]), false),
        (String::new(), false),
    ] {
        assert_eq!(text.parse::<CartKey>().is_ok(), is_key, "{text}");
        assert_eq!(text.parse::<ContactKey>().is_ok(), is_key, "{text}");
        let stored = serde_json::from_value::<CartKey>(text.clone().into());
        assert_eq!(stored.is_ok(), is_key, "{text}");
    }
}

#[test]
fn stored_keys_stay_what_they_are() {
    // A change of any of these orphans what is stored.
    let cart = CartKey::new(&shop(), &"c1".parse().unwrap());
    assert_eq!(cart.to_string(), "demo_18z2kvj3jt0nqyb3sjjbb2pp3x");
    let contact = ContactKey::new(
        &Pepper(vec![1; 32]),
        &shop(),
        &"ada@example.com".parse().unwrap(),
    );
    assert_eq!(contact.to_string(), "demo_5y6x8vmxj9webjd0m9aw0abcpv");
    assert_eq!(
        ContactKey::nobody(&shop()).to_string(),
        "demo_00000000000000000000000000"
    );
    assert_eq!((cart.shard(16), cart.shard(1), cart.shard(0)), (8, 0, 0));
    assert_eq!((cart.shop(), contact.shop()), (&shop(), &shop()));
}

#[test]
fn attempts_sort_by_time() {
    let cart = CartKey::new(&shop(), &"c".parse().unwrap());
    let attempt = |ms| Attempt::new(1, &cart, 1, jiff::Timestamp::from_millisecond(ms).unwrap());
    assert!(attempt(1_000) < attempt(1_001));
    assert_eq!(attempt(0).to_bytes()[..6], [0; 6]);
    assert_eq!(attempt(258).to_bytes()[..6], [0, 0, 0, 0, 1, 2]);
    assert!("not a ulid".parse::<Attempt>().is_err());
}

#[test]
fn secrets_are_not_printed() {
    assert_eq!(format!("{:?}", Pepper(vec![1, 2, 3])), "Pepper(***)");
}
