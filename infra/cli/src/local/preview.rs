//! The console's preview: a mail of any stage, language and cart, written anew for each request, so that a
//! change of a file shows at once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use cartback::language::Language;
use cartback::mail::Mail;
use cartback::shop::Shop;
use cartback::stage::Stage;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::api::Problem;
use super::clock::wall_time;
use super::world::World;
use crate::preview::{Look, SAMPLE, cart, mail};
use crate::{Failure, spam};

/// What to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    stage: Stage,
    language: Option<String>,
    /// The storefront's id of a cart of the demo shop; a sample by default.
    cart: Option<String>,
    /// Whether to show an example of an offer.
    #[serde(default)]
    offer: bool,
}

/// The mail, or what is wrong with the shop's files.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(match write(&world, &wanted).await {
        Ok((_, mail, note)) => json!({
            "subject": mail.subject,
            "from": mail.from,
            "html_bytes": mail.html.len(),
            "html": mail.html,
            "text": mail.text,
            "note": note,
        }),
        Err(failure) => json!({ "fault": failure.to_string() }),
    }))
}

/// What SpamAssassin makes of the same mail, or how to have it asked. Takes seconds, so the page asks for
/// it beside the mail.
pub(crate) async fn score(
    State(world): State<Arc<World>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let (shop, mail, _) = write(&world, &wanted).await?;
    let judged = spawn_blocking(move || {
        let score = spam::judge(&mail, &shop);
        score.unwrap_or_else(|failure| failure.to_string())
    });
    Ok(Json(
        json!({ "score": judged.await.map_err(Failure::from)? }),
    ))
}

/// What can be chosen.
pub(crate) async fn choices(State(world): State<Arc<World>>) -> Result<Json<Value>, Problem> {
    let carts = world
        .store
        .carts(&world.shop.id)
        .await
        .map_err(Failure::from)?;
    let shown = carts.iter().filter(|cart| cart.facts.is_mailable());
    let ids: Vec<_> = shown.map(|cart| cart.id.to_string()).collect();
    let languages = Language::ALL
        .map(|language| json!({ "code": language.code(), "name": language.own_name() }));
    let file = world
        .previewed
        .as_ref()
        .map(|file| file.display().to_string());
    Ok(Json(
        json!({ "languages": languages, "carts": ids, "file": file }),
    ))
}

/// The shop, its mail, and what to say of the offer that was asked for.
async fn write(
    world: &World,
    wanted: &Wanted,
) -> Result<(Shop, Mail, Option<&'static str>), Failure> {
    let shop = shop(world)?;
    let cart = match &wanted.cart {
        Some(id) => {
            let carts = world.store.carts(&world.shop.id).await?;
            let known = carts.into_iter().find(|cart| cart.id.to_string() == *id);
            known.ok_or("the demo shop has no such cart any more")?
        }
        None => cart(&shop, SAMPLE, this_hour()?)?,
    };
    let look = Look {
        stage: wanted.stage,
        language: wanted.language.as_deref(),
        has_offer: wanted.offer,
    };
    let (mail, note) = mail(&shop, cart, &look)?;
    Ok((shop, mail, note))
}

/// The page asks each second, and draws again only what has changed.
fn this_hour() -> Result<Timestamp, Failure> {
    let hour = TimestampRound::new().smallest(Unit::Hour);
    Ok(wall_time().round(hour.mode(RoundMode::Trunc))?)
}

/// The settings file that is previewed, read anew, or else the demo shop.
fn shop(world: &World) -> Result<Shop, Failure> {
    match &world.previewed {
        Some(file) => crate::shop::load(file),
        None => Ok(world.shop.clone()),
    }
}
