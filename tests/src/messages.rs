//! Storefront messages in our own format, as `docs/events.md` describes it. They happen when they
//! arrive; a test that wants another time sets `at`.

use serde_json::{Value, json};

/// The address of the person that most tests are about.
pub const ADA: &str = "ada@example.com";

/// What the items of the sample carts are called.
pub const TITLE: &str = "Linen shirt";

/// A cart of two items for 98.00 USD, of someone unknown.
#[must_use]
pub fn anonymous_cart(cart: &str) -> Value {
    let item = json!({ "id": "shirt-m", "title": TITLE, "quantity": 2, "price": "49.00" });
    json!({
        "type": "cart.updated",
        "cart": {
            "id": cart,
            "currency": "USD",
            "items": [item],
            "checkout_url": "https://shop.example/checkout/secret-of-the-cart",
        },
    })
}

/// The same of the person at `email`, who never said anything about reminders.
#[must_use]
pub fn unasked_cart(cart: &str, email: &str) -> Value {
    let mut message = anonymous_cart(cart);
    message["contact"] = json!({ "email": email, "name": "Ada" });
    message
}

/// The same of a person who agreed to reminders.
#[must_use]
pub fn cart(cart: &str, email: &str) -> Value {
    let mut message = unasked_cart(cart, email);
    message["consent"] = json!({ "state": "granted", "basis": "express" });
    message
}

/// An order of the cart, by someone not named.
#[must_use]
pub fn order(cart: &str) -> Value {
    let order = json!({ "id": "1001", "total": "98.00", "currency": "USD" });
    json!({ "type": "order.placed", "cart_id": cart, "order": order })
}

/// An order of the cart by the person at `email`.
#[must_use]
pub fn order_by(cart: &str, email: &str) -> Value {
    let mut message = order(cart);
    message["order"]["email"] = json!(email);
    message
}

/// The person at `email` asks to be forgotten.
#[must_use]
pub fn erasure(email: &str) -> Value {
    json!({ "type": "erasure.requested", "contact": { "email": email } })
}

/// The person at `email` says `state` to reminders.
#[must_use]
pub fn consent(email: &str, state: &str, basis: &str) -> Value {
    let consent = json!({ "state": state, "basis": basis });
    json!({ "type": "consent.changed", "contact": { "email": email }, "consent": consent })
}
