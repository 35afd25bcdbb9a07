//! `cartback why`: a cart's state, timeline and decisions in words, from the local server or the table.

use cartback::ids::{CartId, CartKey, ShopId};
use cartback::ports::CartStore;
use cartback::pulse::PULSE_SPAN;
use cartback::story::{tell, why_held, why_idle};
use cartback_aws::config;
use clap::Args;
use serde_json::{Value, json};

use crate::local::clock::wall_time;
use crate::{Failure, print_line};

#[derive(Args)]
pub(crate) struct Options {
    /// The shop's id, such as `demo`.
    shop: ShopId,
    /// The storefront's id of the cart.
    cart: CartId,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let story = if config::table().is_ok() {
        from_table(&options).await?
    } else {
        from_local(&options)?
    };
    for line in lines(&story) {
        print_line(&line);
    }
    Ok(())
}

async fn from_table(options: &Options) -> Result<Value, Failure> {
    let store = crate::shop::store()?;
    let key = CartKey::new(&options.shop, &options.cart);
    let shop = store.shop(&options.shop).await?;
    let shop = shop.ok_or("there is no such shop in the table; run `cartback shop apply`")?;
    let cart = store.cart(&key).await?.ok_or_else(|| unknown(options))?;
    let contact = match &cart.facts.person {
        Some(person) => store.contact(&person.value.key).await?,
        None => None,
    };
    let history = store.history(&key).await?;
    let now = wall_time();
    let pulse = store.pulse(&options.shop, now - PULSE_SPAN).await?;
    let mut story = serde_json::to_value(tell(&cart, contact.as_ref(), &shop, &history))?;
    story["why_idle"] = json!(why_idle(&cart));
    story["why_held"] = json!(why_held(&cart, &shop, &pulse, now));
    Ok(story)
}

fn from_local(options: &Options) -> Result<Value, Failure> {
    let url = format!(
        "http://127.0.0.1:{}/local/carts/{}/{}",
        options.port, options.shop, options.cart
    );
    match ureq::get(&url).call() {
        Ok(mut response) => Ok(serde_json::from_str(&response.body_mut().read_to_string()?)?),
        Err(ureq::Error::StatusCode(404)) => Err(unknown(options).into()),
        Err(error) => Err(format!(
            "no local Cartback answers on port {} ({error}); start it with `make demo`, or set CARTBACK_TABLE to ask \
             an installation's table",
            options.port
        )
        .into()),
    }
}

fn unknown(options: &Options) -> String {
    format!(
        "shop `{}` has no cart `{}`; give the storefront's own id of the cart",
        options.shop, options.cart
    )
}

fn lines(story: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let state = &story["state"];
    let plan = &state["sequence"];
    let mut lines = vec![
        format!(
            "Cart {} of shop {}: {}",
            text(&state["cart"]),
            text(&state["shop"]),
            text(&state["status"])
        ),
        format!(
            "  contact  {}, consent {}",
            text(&state["contact"]),
            text(&state["consent"])
        ),
        format!("  total    {}", text(&state["total_text"])),
        match plan["due_at"].as_str() {
            Some(due_at) => format!("  next     {} at {due_at}", text(&plan["stage"])),
            None => format!(
                "  next     nothing: {}",
                story["why_idle"].as_str().unwrap_or("the sequence is over")
            ),
        },
    ];
    if let Some(brake) = story["why_held"].as_str() {
        lines.push(format!("  held     {brake}"));
    }
    lines.push("Decisions".to_owned());
    for decision in story["decisions"].as_array().into_iter().flatten() {
        let until = decision["until"]
            .as_str()
            .map(|until| format!(" (until {until})"))
            .unwrap_or_default();
        let (at, stage, verb) = (
            text(&decision["at"]),
            text(&decision["stage"]),
            text(&decision["decision"]),
        );
        lines.push(format!(
            "  {at}  {stage:<9}  {verb:<5}  {}{until}",
            text(&decision["text"])
        ));
    }
    lines.push("Timeline".to_owned());
    for happening in story["timeline"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  {}  {}",
            text(&happening["at"]),
            text(&happening["text"])
        ));
    }
    lines
}
