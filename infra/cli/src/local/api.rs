//! JSON for the console, for scripts and for tests: the clock, the mails, the carts, the shop.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use cartback::ids::{CartId, CartKey, ContactKey, InvalidId, ShopId};
use cartback::ports::CartStore;
use cartback::pulse::PULSE_SPAN;
use cartback::session::Session;
use cartback::standing;
use cartback::storefront::browser::Browser;
use cartback::storefront::cartback::Cartback;
use cartback::storefront::secret::Secret;
use cartback::storefront::{self, Storefront, standard_webhooks};
use cartback::story::{self, tell};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::clock::wall_time;
use super::gateway;
use super::world::World;
use crate::{Failure, offers, privacy};

/// The page asks for a new one every ten minutes.
const SESSION_LIFE: SignedDuration = SignedDuration::from_mins(30);

type Shared = State<Arc<World>>;

/// Where the clock is to be turned: one of the three.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TurnOrder {
    advance_s: Option<i64>,
    to: Option<Timestamp>,
    #[serde(default)]
    next_due: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseOrder {
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResumeOrder {
    #[serde(default)]
    after_restore: bool,
}

/// A fault as the local routes tell it.
pub(crate) struct Problem(StatusCode, String);

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.0.canonical_reason().unwrap_or("Problem");
        let body = json!({ "type": "about:blank", "title": title, "status": self.0.as_u16(), "detail": self.1 });
        (self.0, Json(body)).into_response()
    }
}

pub(crate) async fn clock(State(world): Shared) -> Json<Value> {
    Json(json!({ "now": world.clock.peek() }))
}

pub(crate) async fn turn_clock(State(world): Shared, body: Bytes) -> Result<Json<Value>, Problem> {
    let wrong = |fault: String| Problem(StatusCode::BAD_REQUEST, fault);
    let order: TurnOrder = serde_json::from_slice(&body).map_err(|fault| {
        wrong(format!(
            "{fault}; send {{\"advance_s\": 3600}} or {{\"to\": \"<RFC 3339>\"}}"
        ))
    })?;
    let now = world.clock.peek();
    let to = match order {
        TurnOrder {
            advance_s: Some(seconds),
            to: None,
            next_due: false,
        } => {
            let forward = (0..=90 * 24 * 3600)
                .contains(&seconds)
                .then(|| SignedDuration::from_secs(seconds));
            let forward = forward.ok_or_else(|| {
                wrong("advance_s: send 0 to 7776000 seconds, forward only".into())
            })?;
            now.checked_add(forward)
                .map_err(|fault| wrong(fault.to_string()))?
        }
        TurnOrder {
            advance_s: None,
            to: Some(to),
            next_due: false,
        } if now <= to => to,
        TurnOrder {
            advance_s: None,
            to: Some(_),
            next_due: false,
        } => {
            return Err(wrong(format!(
                "to: the clock only goes forward; it is {now}"
            )));
        }
        TurnOrder {
            advance_s: None,
            to: None,
            next_due: true,
        } => {
            let next = world.next_due().await?;
            next.ok_or_else(|| {
                Problem(
                    StatusCode::CONFLICT,
                    "nothing is due; fill a cart in the demo shop".into(),
                )
            })?
        }
        _ => return Err(wrong("send one of advance_s, to and next_due".into())),
    };
    Ok(Json(
        serde_json::to_value(world.turn(to).await?).map_err(Failure::from)?,
    ))
}

pub(crate) async fn mails(State(world): Shared) -> Result<Json<Value>, Problem> {
    let carts = world
        .store
        .carts(&world.shop.id)
        .await
        .map_err(Failure::from)?;
    let ids: HashMap<String, CartId> = carts
        .into_iter()
        .map(|cart| (cart.key.to_string(), cart.id))
        .collect();
    let mut mails = world.outbox.mails().await?;
    for mail in &mut mails {
        if let Some(id) = ids.get(&mail.cart) {
            mail.cart = id.to_string();
        }
    }
    Ok(Json(serde_json::to_value(mails).map_err(Failure::from)?))
}

pub(crate) async fn facts(State(world): Shared) -> Result<Json<Value>, Problem> {
    Ok(Json(
        serde_json::to_value(world.facts().await?).map_err(Failure::from)?,
    ))
}

pub(crate) async fn carts(
    State(world): Shared,
    Path(shop): Path<String>,
) -> Result<Json<Value>, Problem> {
    known_shop(&world, &shop)?;
    let mut carts = world
        .store
        .carts(&world.shop.id)
        .await
        .map_err(Failure::from)?;
    carts.sort_by_key(|cart| std::cmp::Reverse(cart.facts.last_activity_at()));
    let mut states = Vec::new();
    for cart in &carts {
        let contact = world.contact(cart).await?;
        states.push(story::state(cart, contact.as_ref(), &world.shop));
    }
    Ok(Json(json!({ "carts": states })))
}

pub(crate) async fn cart(
    State(world): Shared,
    Path((shop, cart)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let shop = known_shop(&world, &shop)?;
    let unknown = || {
        Problem(
            StatusCode::NOT_FOUND,
            "the shop has no such cart; give the storefront's own id".into(),
        )
    };
    let id: CartId = cart.parse().map_err(|_| unknown())?;
    let key = CartKey::new(&shop, &id);
    let cart = world.cart(&key).await?.ok_or_else(unknown)?;
    let contact = world.contact(&cart).await?;
    let history = world.store.history(&key).await.map_err(Failure::from)?;
    let story = tell(&cart, contact.as_ref(), &world.shop, &history);
    let now = world.clock.peek();
    let pulse = world.store.pulse(&shop, now - PULSE_SPAN).await;
    let pulse = pulse.map_err(Failure::from)?;
    let mut body = serde_json::to_value(story).map_err(Failure::from)?;
    body["why_held"] = json!(story::why_held(&cart, &world.shop, &pulse, now));
    body["why_idle"] = json!(story::why_idle(&cart));
    Ok(Json(body))
}

pub(crate) async fn shop(
    State(world): Shared,
    Path(shop): Path<String>,
) -> Result<Json<Value>, Problem> {
    known_shop(&world, &shop)?;
    let secrets: HashMap<_, _> = storefront::ALL
        .into_iter()
        .filter_map(|storefront| Some((storefront.name(), secret(&world, storefront)?)))
        .collect();
    Ok(Json(json!({
        "shop": world.shop,
        "secrets": secrets,
    })))
}

pub(crate) async fn pause(
    State(world): Shared,
    Path(shop): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let shop = known_shop(&world, &shop)?;
    let order: PauseOrder = read(&body, r#"{"reason": "..."}"#)?;
    let now = world.clock.now();
    let paused = standing::pause(&world.store, &shop, &order.reason, now).await;
    paused.map_err(Failure::from)?;
    Ok(Json(json!({ "paused": order.reason })))
}

pub(crate) async fn resume(
    State(world): Shared,
    Path(shop): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let shop = known_shop(&world, &shop)?;
    let order: ResumeOrder = read(&body, r#"{"after_restore": false}"#)?;
    let now = world.clock.now();
    let resumed = standing::resume(&world.store, &shop, order.after_restore, now).await;
    resumed.map_err(Failure::from)?;
    Ok(Json(json!({ "resumed_at": now })))
}

pub(crate) async fn erase(
    State(world): Shared,
    Path(shop): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let (shop, person) = person_of(&world, &shop, &body)?;
    let now = world.clock.now();
    Ok(Json(
        privacy::erase(&world.store, &shop, person.as_ref(), now).await?,
    ))
}

pub(crate) async fn export(
    State(world): Shared,
    Path(shop): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let (shop, person) = person_of(&world, &shop, &body)?;
    Ok(Json(
        privacy::export(&world.store, &shop, person.as_ref()).await?,
    ))
}

pub(crate) async fn offers(
    State(world): Shared,
    Path(shop): Path<String>,
) -> Result<Json<Value>, Problem> {
    let shop = known_shop(&world, &shop)?;
    Ok(Json(offers::show(&world.store, &shop).await?))
}

pub(crate) async fn import_offers(
    State(world): Shared,
    Path(shop): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let shop = known_shop(&world, &shop)?;
    let order = read(&body, r#"{"codes": [{"pool": "spring", "code": "A-1"}]}"#)?;
    Ok(Json(offers::import(&world.store, &shop, &order).await?))
}

fn person_of(
    world: &World,
    shop: &str,
    body: &Bytes,
) -> Result<(ShopId, Option<ContactKey>), Problem> {
    let shop = known_shop(world, shop)?;
    let subject = read(body, r#"{"email": "..."}"#)?;
    let person = privacy::person(&shop, &world.ingest.pepper, &subject)?;
    Ok((shop, person))
}

fn read<T: serde::de::DeserializeOwned>(body: &Bytes, example: &str) -> Result<T, Problem> {
    let wrong = |fault| Problem(StatusCode::BAD_REQUEST, format!("{fault}; send {example}"));
    serde_json::from_slice(body).map_err(wrong)
}

/// Plays the demo shop's backend: signs the event and sends it to the public door.
pub(crate) async fn shop_event(State(world): Shared, body: Bytes) -> Result<Response, Problem> {
    let secret =
        secret(&world, &Cartback).ok_or_else(|| Failure::from("the demo shop has no secret"))?;
    let at = wall_time();
    let id = format!("shop-{}", world.clock.now().as_millisecond());
    let unreadable = || {
        Problem(
            StatusCode::BAD_REQUEST,
            "the event is not UTF-8 text".into(),
        )
    };
    let signature = standard_webhooks::sign(secret, &id, at, &body).ok_or_else(unreadable)?;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", at.as_second().to_string()),
        ("webhook-signature", signature),
    ] {
        headers.insert(name, HeaderValue::from_str(&value).map_err(Failure::from)?);
    }
    Ok(gateway::invoke(
        &world,
        "POST",
        &Uri::try_from(format!("/events/{}", world.shop.id)).map_err(Failure::from)?,
        &headers,
        &body,
    )
    .await?)
}

/// Plays the demo shop's backend: lets the page tell of its cart for half an hour.
pub(crate) async fn shop_session(
    State(world): Shared,
    Path(cart): Path<String>,
) -> Result<String, Problem> {
    let secret = secret(&world, &Browser).and_then(|secret| secret.text().split_once(':'));
    let (_, key) = secret.ok_or_else(|| Failure::from("the demo shop has no browser secret"))?;
    let cart = cart
        .parse()
        .map_err(|fault: InvalidId| Problem(StatusCode::BAD_REQUEST, fault.to_string()))?;
    // By the machine's clock: the one turned by hand may run away from an open page.
    let expires_at = wall_time() + SESSION_LIFE;
    Ok(Session { cart, expires_at }.mint(key.as_bytes()))
}

/// The demo shop's secret for messages of `storefront`.
fn secret<'a>(world: &'a World, storefront: &dyn Storefront) -> Option<&'a Secret> {
    let secrets = world.secrets.shops.get(&world.shop.id)?;
    secrets.webhooks(storefront).first()
}

fn known_shop(world: &World, shop: &str) -> Result<ShopId, Problem> {
    let id = shop.parse().ok().filter(|id| *id == world.shop.id);
    id.ok_or_else(|| {
        Problem(
            StatusCode::NOT_FOUND,
            format!("there is no shop `{shop}` here; the demo shop is `demo`"),
        )
    })
}
