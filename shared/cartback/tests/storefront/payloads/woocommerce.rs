//! WooCommerce's samples.

use ::cartback::storefront::woocommerce::WooCommerce;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "woocommerce",
    storefront: &WooCommerce,
    topic_header: "x-wc-webhook-topic",
    samples: &[
        (
            "coupon-created.with-headers.json",
            "",
            "ignored: a coupon says nothing about a cart",
        ),
        (
            "coupon-deleted.with-headers.json",
            "",
            "ignored: a coupon says nothing about a cart",
        ),
        (
            "customer-created.json",
            "customer.created",
            "ignored: WooCommerce keeps no consent with its customers",
        ),
        ("order-created.json", "order.created", "order.placed"),
        ("order-updated.json", "order.updated", "order.placed"),
    ],
};
