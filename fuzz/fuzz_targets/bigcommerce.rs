#![no_main]

cartback_fuzz::storefront!("bigcommerce");
