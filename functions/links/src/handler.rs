//! `/restore/{token}`, `/reason/{token}/{answer}`, `/unsubscribe/{token}` and `/preferences/{token}`. GET shows, POST acts; a link scanner that only
//! follows links changes nothing.

use cartback::cart::{Cart, CartStatus};
use cartback::compose::{brand_for, threshold};
use cartback::language::Locale;
use cartback::link::LinkKeys;
use cartback::mail::{Brand, OfferStatement, RenderError};
use cartback::page::{self, RestorePage};
use cartback::ports::CartStore;
use cartback::preferences::{self, Preferences, Wish};
use cartback::reading::view;
use cartback::reason::Answer;
use cartback::record::RecordError;
use cartback::shop::Shop;
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
            ["reason", token, answer] => ask_reason(links, token, answer, call).await,
            _ => gone(call),
        },
        ("POST", path) => match path.as_slice() {
            ["restore", token] => go_on(links, token, call).await,
            ["unsubscribe", token] => unsubscribe(links, token, call).await,
            ["preferences", token] => grant_wish(links, token, call).await,
            ["reason", token, answer] => keep_reason(links, token, answer, call).await,
            _ => gone(call),
        },
        _ => gone(call),
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
        Some(visit) => cart_page(&visit, token, call),
        None => gone(call),
    }
}

fn cart_page(visit: &Visit, token: &str, call: &Call) -> Result<Response, LinkError> {
    let brand = brand_of(&visit.cart, &visit.shop, visit.chosen.as_deref(), call);
    if visit.cart.facts.status() == CartStatus::Ordered {
        return Ok(html(200, page::ordered(&brand)?));
    }
    let Some(contents) = &visit.cart.facts.contents else {
        return gone(call);
    };
    let cart = view(contents, &visit.shop, &visit.readings, call.received_at);
    let person = visit.cart.facts.person.as_ref();
    let country = person.and_then(|person| person.value.country.as_deref());
    let action = format!("{}/restore/{token}", visit.shop.links_url);
    let page = RestorePage {
        brand: &brand,
        cart: &cart,
        threshold: threshold(&cart, country, &visit.shop),
        offer: visit.offer().map(OfferStatement::of),
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
        None => gone(call),
    }
}

async fn ask_unsubscribe<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match visit::unsubscribable(&links.store, &links.keys, token, call.received_at).await? {
        Some((person, shop)) => {
            let told = visit::spoken_by(&links.store, &person).await;
            let brand = brand_in(&shop, told.as_deref(), call);
            let action = format!("{}/unsubscribe/{token}", shop.links_url);
            Ok(html(200, page::unsubscribe(&brand, &action)?))
        }
        None => gone(call),
    }
}

/// The page's button and RFC 8058's one-click POST alike: 200, no login, no redirect.
async fn unsubscribe<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match visit::unsubscribe(&links.store, &links.keys, token, call.received_at).await? {
        Some((person, shop)) => {
            info!(shop.id = %shop.id, "Shopper unsubscribed");
            let told = visit::spoken_by(&links.store, &person).await;
            let brand = brand_in(&shop, told.as_deref(), call);
            Ok(html(200, page::unsubscribed(&brand)?))
        }
        None => gone(call),
    }
}

async fn show_preferences<S: CartStore>(
    links: &Links<S>,
    token: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    match preferences::look(&links.store, &links.keys, token, call.received_at).await? {
        Some(found) => preferences_page(&found, token, None, call),
        None => gone(call),
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
        None => gone(call),
    }
}

fn preferences_page(
    found: &Preferences,
    token: &str,
    done: Option<Wish>,
    call: &Call,
) -> Result<Response, LinkError> {
    let action = format!("{}/preferences/{token}", found.shop.links_url);
    let spoken = found.contact.locale.as_ref().or(found.told.as_ref());
    let brand = brand_in(&found.shop, spoken.map(String::as_str), call);
    let page = page::preferences(found, &brand, &action, done, call.received_at)?;
    Ok(html(200, page))
}

async fn ask_reason<S: CartStore>(
    links: &Links<S>,
    token: &str,
    answer: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    let asked = visit::answerable(&links.store, &links.keys, token, call.received_at).await?;
    match asked.zip(Answer::named(answer)) {
        Some((asked, answer)) => {
            let action = format!("{}/reason/{token}", asked.shop.links_url);
            let brand = brand_of(&asked.cart, &asked.shop, asked.chosen.as_deref(), call);
            Ok(html(200, page::reason(&brand, answer, &action)?))
        }
        None => gone(call),
    }
}

async fn keep_reason<S: CartStore>(
    links: &Links<S>,
    token: &str,
    answer: &str,
    call: &Call,
) -> Result<Response, LinkError> {
    let Some(answer) = Answer::named(answer) else {
        return gone(call);
    };
    match visit::answer(&links.store, &links.keys, token, answer, call.received_at).await? {
        Some(asked) => {
            let id = &asked.cart.key;
            info!(cart.id = %id, ?answer, "Shopper said what was in the way of cart {id}");
            let brand = brand_of(&asked.cart, &asked.shop, asked.chosen.as_deref(), call);
            Ok(html(
                200,
                page::thanks(&brand, &asked.restore_url(&links.keys))?,
            ))
        }
        None => gone(call),
    }
}

/// The shop's brand for the cart's person, in their language and time zone as far as they are known.
fn brand_of(cart: &Cart, shop: &Shop, chosen: Option<&str>, call: &Call) -> Brand {
    let Some(person) = &cart.facts.person else {
        return brand_in(shop, chosen, call);
    };
    let spoken = chosen.or(person.value.locale.as_deref());
    Brand {
        locale: brand_in(shop, spoken, call).locale,
        ..brand_for(shop, &person.value, chosen)
    }
}

/// The shop's brand in the language of the mail by which the shopper came, if it is known and Cartback speaks
/// it, or else in the one that the browser asks for, or else in the shop's own.
fn brand_in(shop: &Shop, spoken: Option<&str>, call: &Call) -> Brand {
    let brand = shop.brand();
    let locale = spoken.and_then(Locale::of).or_else(|| accepted(call));
    Brand {
        locale: locale.map_or(brand.locale, |locale| locale.tag().to_owned()),
        ..brand
    }
}

fn accepted(call: &Call) -> Option<Locale> {
    let header = call.headers.get("accept-language")?;
    Locale::accepted(header.to_str().ok()?)
}

/// One page for every token that opens nothing, so that nobody learns why.
fn gone(call: &Call) -> Result<Response, LinkError> {
    let locale = accepted(call).unwrap_or(Locale::ENGLISH);
    Ok(html(404, page::gone(locale)?))
}
