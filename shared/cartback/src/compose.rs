//! From a cart to the mail about it: what the message may say, its links, its headers.

use jiff::Timestamp;

use crate::cart::Cart;
use crate::event::{Contents, LineItem};
use crate::ids::Attempt;
use crate::link::{Link, LinkKeys, Purpose};
use crate::mail::{
    CartView, DeadlineStatement, Final, FollowUp, LineView, Mail, Message, Nudge, RenderError,
    SavingsStatement, render,
};
use crate::shop::{RESTORE_LINK_LIFE, Shop};
use crate::stage::Stage;

/// Why there is no mail to send.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The cart has no contents or no person; the decision should have said so.
    #[error("the cart has nothing to write about, or nobody to write to")]
    Incomplete,
    /// The template failed on this cart.
    #[error("the reminder cannot be rendered")]
    Render(#[from] RenderError),
    /// A fault of ours that this cart brings out.
    #[error("composing the reminder panicked")]
    Panicked,
}

/// The reminder of `stage` about `cart`, as `attempt` sends it.
///
/// # Errors
/// [`ComposeError`]; no later try with the same cart would succeed.
pub fn compose(
    cart: &Cart,
    stage: Stage,
    attempt: Attempt,
    shop: &Shop,
    keys: &LinkKeys,
    now: Timestamp,
) -> Result<Mail, ComposeError> {
    let person = &cart
        .facts
        .person
        .as_ref()
        .ok_or(ComposeError::Incomplete)?
        .value;
    let contents = &cart
        .facts
        .contents
        .as_ref()
        .ok_or(ComposeError::Incomplete)?
        .value;
    let expires_at = now + RESTORE_LINK_LIFE;
    let restore = Link {
        purpose: Purpose::Restore(cart.key.clone()),
        attempt,
        expires_at: Some(expires_at),
    };
    let unsubscribe = Link {
        purpose: Purpose::Unsubscribe(person.key.clone()),
        attempt,
        expires_at: None,
    };
    let view = CartView {
        first_name: person.first_name.clone(),
        restore_url: format!("{}/restore/{}", shop.links_url, keys.sign(&restore)),
        unsubscribe_url: format!("{}/unsubscribe/{}", shop.links_url, keys.sign(&unsubscribe)),
        ..view(contents, shop)
    };
    let headers = headers(&view.unsubscribe_url, shop);
    let rendered = render(&message(stage, view, shop, expires_at), &shop.brand())?;
    Ok(Mail {
        cart: cart.key.clone(),
        contact: person.key.clone(),
        stage,
        attempt,
        from: from_header(shop),
        to: person.email.clone(),
        reply_to: shop.support_email.clone(),
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        headers,
    })
}

/// `contents` as mails and pages show them, without links. Pictures of foreign hosts are left out.
#[must_use]
pub fn view(contents: &Contents, shop: &Shop) -> CartView {
    let lines: Vec<_> = contents
        .lines
        .iter()
        .map(|line| line_view(line, contents, shop))
        .collect();
    CartView {
        first_name: None,
        savings: SavingsStatement::of(&lines),
        lines,
        total: contents.total(),
        restore_url: String::new(),
        unsubscribe_url: String::new(),
    }
}

fn message(stage: Stage, cart: CartView, shop: &Shop, expires_at: Timestamp) -> Message {
    match stage {
        Stage::Nudge => Message::Nudge(Nudge { cart }),
        Stage::FollowUp => Message::FollowUp(FollowUp {
            cart,
            selling_points: shop.selling_points.clone(),
        }),
        Stage::Final => {
            let deadline = Some(DeadlineStatement::link_expiry(expires_at));
            Message::Final(Final { cart, deadline })
        }
    }
}

fn line_view(line: &LineItem, contents: &Contents, shop: &Shop) -> LineView {
    let compare_at = line
        .compare_at_minor
        .filter(|regular| line.price_minor < *regular);
    LineView {
        title: line.title.clone(),
        variant: line.variant.clone(),
        quantity: line.quantity,
        price: contents.money(line.price_minor),
        compare_at_price: compare_at.map(|regular| contents.money(regular)),
        image_url: line.image_url.clone().filter(|url| shop.owns_url(url)),
    }
}

/// RFC 8058 and RFC 2919. SES signs both unsubscribe headers with DKIM.
fn headers(unsubscribe_url: &str, shop: &Shop) -> Vec<(&'static str, String)> {
    let host = url::Url::parse(&shop.links_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    vec![
        ("List-Unsubscribe", format!("<{unsubscribe_url}>")),
        (
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        ),
        (
            "List-Id",
            format!(
                "<cart-reminders.{}.{}>",
                shop.id,
                host.as_deref().unwrap_or("localhost")
            ),
        ),
    ]
}

/// The shop's name as a quoted display name before its address.
fn from_header(shop: &Shop) -> String {
    let name: String = shop
        .name
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '\\'))
        .collect();
    format!("\"{name}\" <{}>", shop.from.expose())
}
