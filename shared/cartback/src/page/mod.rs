//! The pages that a shopper's links open. They run no script, load nothing but the shop's pictures,
//! and tell nothing about the person: who holds a link may not be whom it was sent to.

mod preferences;

use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::mail::template::fill;
use crate::mail::view::{BrandShown, CartShown};
use crate::mail::{Brand, LineView, RenderError, SavingsStatement, form_target};
use crate::money::Money;
pub use preferences::preferences;

/// The cart behind a restore link. Has no name and no links: the page shows none.
pub struct RestorePage<'a> {
    /// The shop.
    pub brand: &'a Brand,
    /// Items in the storefront's order; 30 are listed and the others counted.
    pub lines: &'a [LineView],
    /// The sum of all items.
    pub total: Money,
    /// What the shopper saves.
    pub savings: Option<SavingsStatement>,
    /// Where the button posts: a path of this host, or a URL as in a mail.
    pub action: &'a str,
}

impl RestorePage<'_> {
    /// The page: the cart and one button, "Continue to checkout".
    ///
    /// # Errors
    /// [`RenderError`] when a link is unfit, an amount too large, or a template is at fault.
    pub fn html(&self) -> Result<String, RenderError> {
        let cart = Value::from(Serde(CartShown::new(self.lines, self.total, self.savings)?));
        let context =
            context! { brand => shown(self.brand)?, cart, action => target(self.action)? };
        Ok(fill("page/restore.html", &context)?)
    }
}

/// What a restore link shows once its cart is ordered.
///
/// # Errors
/// [`RenderError`] when the home page's URL is unfit or the template is at fault.
pub fn ordered(brand: &Brand) -> Result<String, RenderError> {
    Ok(fill(
        "page/ordered.html",
        &context! { brand => shown(brand)? },
    )?)
}

/// One question and one button, which posts to `action` (a path of this host, or a URL as in a mail).
///
/// # Errors
/// [`RenderError`] when a link is unfit or the template is at fault.
pub fn unsubscribe(brand: &Brand, action: &str) -> Result<String, RenderError> {
    let context = context! { brand => shown(brand)?, action => target(action)? };
    Ok(fill("page/unsubscribe.html", &context)?)
}

/// The confirmation after the button of [`unsubscribe`].
///
/// # Errors
/// [`RenderError`] when the home page's URL is unfit or the template is at fault.
pub fn unsubscribed(brand: &Brand) -> Result<String, RenderError> {
    Ok(fill(
        "page/unsubscribed.html",
        &context! { brand => shown(brand)? },
    )?)
}

/// What any link shows that is expired, forged or unknown. Says the same for each, and no shop.
///
/// # Errors
/// [`RenderError::Template`] when the template is at fault.
pub fn gone() -> Result<String, RenderError> {
    Ok(fill("page/gone.html", &context! {})?)
}

fn shown(brand: &Brand) -> Result<Value, RenderError> {
    Ok(Value::from(Serde(BrandShown::new(brand)?)))
}

fn target(action: &str) -> Result<&str, RenderError> {
    form_target(action).ok_or(RenderError::BadLink("form target"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples;

    fn restore(lines: &[LineView]) -> String {
        let cart = samples::cart_of(lines.to_vec());
        let page = RestorePage {
            brand: &samples::brand(),
            lines: &cart.lines,
            total: cart.total,
            savings: cart.savings,
            action: "/r/token",
        };
        page.html().unwrap()
    }

    #[test]
    fn restore_pages_look_as_reviewed() {
        for (name, cart) in samples::carts() {
            insta::assert_snapshot!(format!("restore_{name}"), restore(&cart.lines));
        }
    }

    #[test]
    fn other_pages_look_as_reviewed() {
        let brand = samples::brand();
        insta::assert_snapshot!("ordered", ordered(&brand).unwrap());
        insta::assert_snapshot!("unsubscribe", unsubscribe(&brand, "/u/token").unwrap());
        insta::assert_snapshot!("unsubscribed", unsubscribed(&brand).unwrap());
        insta::assert_snapshot!("gone", gone().unwrap());
    }

    #[test]
    fn no_page_runs_a_script_or_tells_where_it_was_opened() {
        let brand = samples::brand();
        let pages = [
            restore(&samples::ordinary().lines),
            ordered(&brand).unwrap(),
            unsubscribe(&brand, "/u/token").unwrap(),
            unsubscribed(&brand).unwrap(),
            gone().unwrap(),
        ];
        for page in pages {
            assert!(page.contains(r#"<meta name="referrer" content="no-referrer">"#));
            assert!(page.contains(r#"<meta name="robots" content="noindex, nofollow">"#));
            for forbidden in ["<script", "javascript:", "@import", "url(", "<link", "Ada"] {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
        }
    }

    #[test]
    fn a_form_never_posts_to_a_foreign_scheme() {
        let page = unsubscribe(&samples::brand(), "javascript:alert(1)");
        assert!(matches!(page, Err(RenderError::BadLink("form target"))));
    }
}
