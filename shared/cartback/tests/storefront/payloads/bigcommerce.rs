//! BigCommerce's samples: its webhooks, and what its API replies.

use ::cartback::storefront::bigcommerce::BigCommerce;

use super::{Folder, outcome};
use crate::{headers, next, reply, shared};

pub(super) const FOLDER: Folder = Folder {
    name: "bigcommerce",
    storefront: &BigCommerce,
    topic_header: "",
    samples: &[
        ("cart-get.json", "", "refused: scope: is missing"),
        ("checkout-get.json", "", "refused: scope: is missing"),
        ("store.cart.abandoned.json", "", "to be asked for"),
        ("store.cart.converted.json", "", "order.placed"),
        (
            "store.cart.created.json",
            "",
            "ignored: store/cart/updated comes with it",
        ),
        ("store.cart.updated.json", "", "to be asked for"),
        ("store.order.created.json", "", "to be asked for"),
        ("store.order.statusUpdated.json", "", "to be asked for"),
        ("store.subscriber.created.json", "", "to be asked for"),
    ],
};

#[test]
fn the_collected_replies_make_a_cart_with_its_person_and_step() {
    let Some(folder) = shared("payloads/bigcommerce") else {
        return;
    };
    let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
    let replies = [
        reply(200, &read("cart-get.json")),
        reply(200, &read("checkout-get.json")),
    ];
    let access = serde_json::json!({ "store_hash": "{store_hash}", "access_token": "hush" });
    let notice = read("store.cart.updated.json");
    let told = next(&BigCommerce, &access, &headers(&[]), &notice, &replies).unwrap();
    let events = crate::recorded(told);
    let expected = "cart.updated contact.identified checkout.step_reached";
    assert_eq!(
        outcome(Ok(::cartback::storefront::Parsed::Events(events))),
        expected
    );
}
