//! Commerce Layer's sample.

use ::cartback::storefront::commercelayer::CommerceLayer;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "commercelayer",
    storefront: &CommerceLayer,
    topic_header: "x-commercelayer-topic",
    samples: &[(
        "orders.create.json",
        "",
        "cart.updated contact.identified checkout.step_reached",
    )],
};
