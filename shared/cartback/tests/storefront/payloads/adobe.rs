//! Adobe Commerce's samples. All must be proven first; what the proven ones become is in `adobe.rs`.

use ::cartback::storefront::adobe::Adobe;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "adobe-commerce",
    storefront: &Adobe,
    topic_header: "",
    samples: &[
        (
            "catalog_product_save_commit_after.json",
            "",
            "to be asked for",
        ),
        (
            "sales_quote_save_after.template.json",
            "",
            "to be asked for",
        ),
    ],
};
