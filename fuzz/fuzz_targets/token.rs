//! Links of mails and sessions of pages: nothing made up opens anything.
#![no_main]

use cartback::link::{LinkKey, LinkKeys};
use cartback::storefront::browser::Browser;
use cartback::storefront::secret::Secret;
use cartback::storefront::{Message, Storefront};
use http::HeaderMap;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let now = Timestamp::constant(1_782_907_200, 0);
    let key = LinkKey {
        id: 1,
        secret: vec![7; 32],
    };
    if let (Ok(keys), Ok(token)) = (LinkKeys::new(vec![key]), std::str::from_utf8(data)) {
        assert!(keys.open(token, now).is_err());
    }
    let headers = HeaderMap::new();
    let message = Message {
        headers: &headers,
        body: data,
    };
    let secret = Secret("pk_demo:of-a-page-of-the-fuzzing-".to_owned());
    assert!(Browser.verify(&[secret], message, &[now]).is_err());
});
