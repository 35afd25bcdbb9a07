#![no_main]

cartback_fuzz::storefront!("segment");
