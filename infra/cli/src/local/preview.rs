//! The console's preview: a mail of any stage, language and cart, written anew for each request, so that a
//! change of a file shows at once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use cartback::language::Language;
use cartback::shop::Shop;
use cartback::stage::Stage;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::Problem;
use super::clock::wall_time;
use super::world::World;
use crate::Failure;
use crate::preview::{SAMPLE, cart, mail};

/// What to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    stage: Stage,
    language: Option<String>,
    /// The storefront's id of a cart of the demo shop; a sample by default.
    cart: Option<String>,
}

/// The mail, or what is wrong with the shop's files.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(match render(&world, &wanted).await {
        Ok(shown) => shown,
        Err(failure) => json!({ "fault": failure.to_string() }),
    }))
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

async fn render(world: &World, wanted: &Wanted) -> Result<Value, Failure> {
    let shop = shop(world)?;
    let cart = match &wanted.cart {
        Some(id) => {
            let carts = world.store.carts(&world.shop.id).await?;
            let known = carts.into_iter().find(|cart| cart.id.to_string() == *id);
            known.ok_or("the demo shop has no such cart any more")?
        }
        None => cart(&shop, SAMPLE, this_hour()?)?,
    };
    let mail = mail(&shop, wanted.stage, cart, wanted.language.as_deref())?;
    Ok(json!({
        "subject": mail.subject,
        "from": mail.from,
        "html_bytes": mail.html.len(),
        "html": mail.html,
        "text": mail.text,
    }))
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
