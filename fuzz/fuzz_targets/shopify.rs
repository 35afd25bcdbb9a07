#![no_main]

cartback_fuzz::storefront!("shopify");
