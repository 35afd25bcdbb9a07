//! Snipcart's samples, once they are proven.

use ::cartback::storefront::snipcart::Snipcart;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "snipcart",
    storefront: &Snipcart,
    topic_header: "",
    samples: &[
        ("order.completed.json", "", "order.placed"),
        (
            "order.status.changed.json",
            "",
            "ignored: it names no order, or not when that was placed",
        ),
    ],
};
