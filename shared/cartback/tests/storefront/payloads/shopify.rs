//! Shopify's samples.

use ::cartback::storefront::Parsed;
use ::cartback::storefront::shopify::Shopify;

use super::{Folder, parsed};
use crate::shared;

const CHECKOUT: &str = "cart.updated contact.identified checkout.step_reached";

pub(super) const FOLDER: Folder = Folder {
    name: "shopify",
    storefront: &Shopify,
    topic_header: "x-shopify-topic",
    samples: &[
        (
            "abandoned-checkouts-list.2026-04.json",
            "checkouts/update",
            CHECKOUT,
        ),
        (
            "app-uninstalled.2024-10.json",
            "",
            "ignored: the operator removes a shop by hand",
        ),
        ("carts-create.2024-10.json", "", "cart.updated"),
        ("carts-create.2026-04.json", "carts/create", "cart.updated"),
        ("carts-update.2024-10.json", "", "cart.updated"),
        ("checkouts-create.2024-10.json", "", CHECKOUT),
        (
            "checkouts-create.2026-04.json",
            "checkouts/create",
            CHECKOUT,
        ),
        ("checkouts-delete.2024-10.json", "", "checkout.deleted"),
        ("checkouts-update.2024-10.json", "", CHECKOUT),
        (
            "customers-data_request.2026-04.json",
            "customers/data_request",
            "data.requested",
        ),
        (
            "customers-redact.2026-04.json",
            "customers/redact",
            "erasure.requested",
        ),
        (
            "customers-update.2024-10.json",
            "",
            "ignored: the customer has not decided about e-mail",
        ),
        (
            "customers_email_marketing_consent-update.2024-10.json",
            "",
            "ignored: the customer has no e-mail address",
        ),
        (
            "customers_email_marketing_consent-update.2026-04.json",
            "customers_email_marketing_consent/update",
            "ignored: the customer has not decided about e-mail",
        ),
        (
            "customers_marketing_consent-update.2024-10.json",
            "",
            "ignored: consent to text messages says nothing about e-mail",
        ),
        (
            "order.matches-abandoned-checkout.json",
            "orders/create",
            "order.placed",
        ),
        (
            "orders-cancelled.2024-10.json",
            "",
            "order.placed order.cancelled",
        ),
        ("orders-create.2024-10.json", "", "order.placed"),
        (
            "orders-create.2026-04.json",
            "orders/create",
            "order.placed",
        ),
        ("orders-paid.2024-10.json", "", "order.placed"),
        (
            "refunds-create.2024-10.json",
            "",
            "ignored: a refund names no cart; orders/updated tells of it with its order",
        ),
        (
            "shop-redact.2026-04.json",
            "shop/redact",
            "shop.erasure_requested",
        ),
    ],
};

#[test]
fn the_order_of_an_abandoned_checkout_names_its_cart() {
    let Some(folder) = shared("payloads/shopify") else {
        return;
    };
    let read = |file: &str, topic: &str| parsed(&FOLDER, &folder.join(file), topic).unwrap();
    let checkout = read("abandoned-checkouts-list.2026-04.json", "checkouts/update");
    let order = read("order.matches-abandoned-checkout.json", "orders/create");
    let (Parsed::Events(checkout), Parsed::Events(order)) = (checkout, order) else {
        panic!()
    };
    assert!(
        order[0]
            .carts
            .iter()
            .any(|cart| checkout[0].carts.contains(cart))
    );
}
