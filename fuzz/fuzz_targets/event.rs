//! Our own events: bytes become events or a fault that names its place and repeats nothing.
#![no_main]

use cartback::money::Currency;
use cartback::storefront::cartback::Cartback;
use cartback::storefront::{Message, Parsed, Reception, Storefront};
use http::HeaderMap;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let headers = HeaderMap::new();
    let received_at = Timestamp::constant(1_782_907_200, 0);
    let reception = Reception {
        received_at,
        currency: Currency::USD,
    };
    let message = Message {
        headers: &headers,
        body: data,
    };
    match Cartback.parse(message, reception) {
        Ok(Parsed::Events(events)) => assert!(events.iter().all(|event| event.at <= received_at)),
        Ok(_) => {}
        Err(fault) => assert!(!fault.fault.is_empty()),
    }
});
