//! Adobe Commerce's samples. All must be proven first: here a key of the tests
//! does it. What is asked then is in `adobe.rs`.

use ::cartback::storefront::adobe::Adobe;

use super::Folder;

pub(super) const FOLDER: Folder = Folder {
    name: "adobe-commerce",
    storefront: &Adobe,
    topic_header: "",
    samples: &[
        ("catalog_product_save_commit_after.json", "", "1 products"),
        (
            "sales_quote_save_after.template.json",
            "",
            // It names the types of the fields and no project.
            "refused: it is not for this shop",
        ),
    ],
};
