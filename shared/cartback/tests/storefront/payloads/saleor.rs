//! Saleor's samples.

use ::cartback::storefront::saleor::Saleor;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "saleor",
    storefront: &Saleor,
    topic_header: "saleor-event",
    samples: &[
        // Asked for while somebody waits; its checkout reads like that of any other event.
        (
            "checkout.list-payment-gateways.json",
            "checkout_updated",
            "cart.updated contact.identified checkout.step_reached",
        ),
        ("order-cancelled.json", "", "order.placed order.cancelled"),
        ("order-created.json", "", "order.placed"),
    ],
};
