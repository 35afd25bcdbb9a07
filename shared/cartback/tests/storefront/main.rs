//! The storefront edge from outside: signatures, our own format, Shopify's, and the documents of
//! both.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod signature;

use std::path::{Path, PathBuf};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder or file of the samples that are kept outside the repository; `None` where they are not.
#[expect(clippy::print_stdout, reason = "a test that was left out says so")]
fn shared(path: &str) -> Option<PathBuf> {
    let beside =
        std::env::var_os("CARTBACK_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let found = Some(beside.join(path)).filter(|path| path.exists());
    if found.is_none() {
        println!("left out: no {path} in CARTBACK_SHARED or beside the project");
    }
    found
}
