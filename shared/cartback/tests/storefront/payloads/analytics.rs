//! Samples of CloudEvents, GA4 and Segment.

use ::cartback::storefront::cloudevents::CloudEvents;
use ::cartback::storefront::ga4::Ga4;
use ::cartback::storefront::segment::Segment;

use super::Folder;

pub(super) const CLOUDEVENTS: Folder = Folder {
    name: "cloudevents",
    storefront: &CloudEvents,
    topic_header: "",
    samples: &[(
        "structured.json-data.json",
        "",
        "refused: data.type: is no event type; send cart.updated, contact.identified, consent.changed, \
         checkout.step_reached, payment.failed, payment.pending, order.placed, order.cancelled, cart.deleted or \
         erasure.requested",
    )],
};

pub(super) const GA4: Folder = Folder {
    name: "ga4",
    storefront: &Ga4,
    topic_header: "",
    samples: &[
        (
            "add_payment_info.json",
            "",
            "cart.updated checkout.step_reached",
        ),
        (
            "add_shipping_info.json",
            "",
            "cart.updated checkout.step_reached",
        ),
        ("add_to_cart.json", "", "page.reported"),
        (
            "begin_checkout.json",
            "",
            "cart.updated checkout.step_reached",
        ),
        ("purchase.json", "", "order.placed"),
    ],
};

pub(super) const SEGMENT: Folder = Folder {
    name: "segment",
    storefront: &Segment,
    topic_header: "",
    samples: &[
        ("cart-viewed.json", "", "cart.updated"),
        (
            "checkout-started.json",
            "",
            "cart.updated checkout.step_reached",
        ),
        ("checkout-step-completed.json", "", "checkout.step_reached"),
        ("order-completed.json", "", "order.placed"),
        ("payment-info-entered.json", "", "checkout.step_reached"),
        ("product-added.json", "", "page.reported"),
    ],
};
