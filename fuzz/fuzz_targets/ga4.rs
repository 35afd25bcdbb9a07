#![no_main]

cartback_fuzz::storefront!("ga4");
