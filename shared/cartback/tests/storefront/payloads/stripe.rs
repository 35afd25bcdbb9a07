//! Stripe's samples; the last is a bare session without its event.

use ::cartback::storefront::stripe::Stripe;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "stripe",
    storefront: &Stripe,
    topic_header: "",
    samples: &[
        (
            "checkout.session.completed.2020-08-27.json",
            "",
            "order.placed",
        ),
        (
            "checkout.session.completed.2022-11-15.json",
            "",
            "order.placed",
        ),
        (
            "checkout.session.object.json",
            "",
            "refused: type: is missing; send Stripe's event",
        ),
    ],
};
