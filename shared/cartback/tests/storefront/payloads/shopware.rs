//! Shopware's sample, which is the call to a payment app and no webhook.

use ::cartback::storefront::shopware::Shopware;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "shopware",
    storefront: &Shopware,
    topic_header: "",
    samples: &[(
        "order.payment-pay.json",
        "",
        "refused: data.event: is missing",
    )],
};
