//! `/restore/{token}`, `/unsubscribe/{token}` and `/preferences/{token}`. GET shows, POST acts; a link scanner that only
//! follows links changes nothing.

use cartback::cart::CartStatus;
use cartback::compose::view;
use cartback::link::LinkKeys;
use cartback::mail::RenderError;
use cartback::page::{self, RestorePage};
use cartback::ports::CartStore;
use cartback::preferences::{self, Preferences, Wish};
use cartback::record::RecordError;
use cartback::visit::{self, Visit};
use cartback_aws::gateway::{Call, Response, page as html, see_other, unavailable};
use tracing::{error, info};

/// What every request needs.
pub struct Links<S> {
    /// The table.
    pub store: S,
    /// Keys that check the tokens.
    pub keys: LinkKeys,
}

/// Why a page could not be shown.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// Answers one request.
pub async fn handle<S: CartStore>(links: &Links<S>, call: &Call) -> Response {
    let answer = match call.route() {
        ("GET" | "HEAD", path) => match path.as_slice() {
            ["restore", token] => show_cart(links, token, call).await,
            ["unsubscribe", token] => ask_unsubscribe(links, token, call).await,
            ["preferences", token] => show_preferences(links, token, call).await,
            _ => gone(),
        },
        ("POST", path) => match path.as_slice() {
            ["restore", token] => go_on(links, token, call).await,
            ["unsubscribe", token] => unsubscribe(links, token, call).await,
            ["preferences", token] => grant_wish(links, token, call).await,
            _ => gone(),
        },
        _ => gone(),
    };
    answer.unwrap_or_else(|fault| {
        error!(%fault, "Link not served");
        unavailable()
    })
}

async fn show_cart<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match visit::look(&links.store, &links.keys, token, call.received_at).await? {
        Some(visit) => cart_page(&visit, token),
        None => gone(),
    }
}

fn cart_page(visit: &Visit, token: &str) -> Result<Response, LinkError> {
    let brand = visit.shop.brand();
    if visit.cart.facts.status() == CartStatus::Ordered {
        return Ok(html(200, page::ordered(&brand)?));
    }
    let Some(contents) = &visit.cart.facts.contents else {
        return gone();
    };
    let view = view(&contents.value, &visit.shop);
    let action = format!("{}/restore/{token}", visit.shop.links_url);
    let page = RestorePage {
        brand: &brand,
        lines: &view.lines,
        total: view.total,
        savings: view.savings,
        action: &action,
    };
    Ok(html(200, page.html()?))
}

async fn go_on<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match visit::restore(&links.store, &links.keys, token, call.received_at).await? {
        Some(visit) => {
            info!(cart.id = %visit.cart.key, "Shopper came back to cart {}", visit.cart.key);
            Ok(see_other(&visit.checkout_url()))
        }
        None => gone(),
    }
}

async fn ask_unsubscribe<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match visit::unsubscribable(&links.store, &links.keys, token, call.received_at).await? {
        Some((_, shop)) => {
            let action = format!("{}/unsubscribe/{token}", shop.links_url);
            Ok(html(200, page::unsubscribe(&shop.brand(), &action)?))
        }
        None => gone(),
    }
}

/// The page's button and RFC 8058's one-click POST alike: 200, no login, no redirect.
async fn unsubscribe<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match visit::unsubscribe(&links.store, &links.keys, token, call.received_at).await? {
        Some(shop) => {
            info!(shop.id = %shop.id, "Shopper unsubscribed");
            Ok(html(200, page::unsubscribed(&shop.brand())?))
        }
        None => gone(),
    }
}

async fn show_preferences<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match preferences::look(&links.store, &links.keys, token, call.received_at).await? {
        Some(found) => preferences_page(&found, token, None, call),
        None => gone(),
    }
}

async fn grant_wish<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    let Some(wish) = Wish::read(&call.body) else {
        return show_preferences(links, token, call).await;
    };
    let (store, keys) = (&links.store, &links.keys);
    match preferences::grant(store, keys, token, wish, call.received_at).await? {
        Some(found) => {
            info!(shop.id = %found.shop.id, ?wish, "Shopper changed their preferences");
            preferences_page(&found, token, Some(wish), call)
        }
        None => gone(),
    }
}

fn preferences_page(
    found: &Preferences,
    token: &str,
    done: Option<Wish>,
    call: &Call,
) -> Result<Response, LinkError> {
    let action = format!("{}/preferences/{token}", found.shop.links_url);
    let page = page::preferences(found, &action, done, call.received_at)?;
    Ok(html(200, page))
}

/// One page for every token that opens nothing, so that nobody learns why.
fn gone() -> Result<Response, LinkError> {
    Ok(html(404, page::gone()?))
}
