//! A shop's pulse in the table: one item of plain counters for each hour, one for the standing. And
//! which table this is, so that a restored backup is not taken for the table it was made of.

use cartback::ids::ShopId;
use cartback::ports::{ReadError, Source, WriteError};
use cartback::pulse::{Counts, Pulse, hour_of};
use cartback::standing::Standing;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::item::{self, Item, Key};
use super::{DynamoStore, unavailable};
use crate::failure::Doubt;

/// How long an hour's counts are kept: twice what a sweep reads.
const HOUR_LIFE: SignedDuration = SignedDuration::from_hours(60 * 24);

const STANDING: &str = "PULSE#STANDING";
const HOURS: &str = "PULSE#HOUR#";

impl DynamoStore {
    /// One `UpdateItem` with `ADD`: one write unit, and no version that writers could lose to each other.
    pub(super) async fn add_counts(
        &self,
        shop: &ShopId,
        at: Timestamp,
        counts: &Counts,
    ) -> Result<(), WriteError> {
        let hour = hour_of(at);
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(hour_key(shop, hour).attributes()))
            .set_return_consumed_capacity(self.wanted_capacity())
            .expression_attribute_values(":end", item::number((hour + HOUR_LIFE).as_second()));
        let mut adds = Vec::new();
        let mut copy = counts.clone();
        for (name, n) in copy.named().filter(|(_, n)| **n != 0) {
            adds.push(format!("{name} :{name}"));
            request = request.expression_attribute_values(format!(":{name}"), item::number(*n));
        }
        let mut update = "SET expires_at = :end".to_owned();
        if let Some(told_at) = counts.told_at {
            update.push_str(", told_at = :told_at");
            request = request.expression_attribute_values(":told_at", item::millis(told_at));
        }
        if !adds.is_empty() {
            update = format!("{update} ADD {}", adds.join(", "));
        }
        let doubt = Doubt::default();
        let request = request.update_expression(update).customize();
        match request.interceptor(doubt.clone()).send().await {
            Ok(output) => {
                self.meter(output.consumed_capacity());
                Ok(())
            }
            Err(error) => Err(super::write::classify(error, false, &doubt)),
        }
    }

    /// One query over the hours and the standing, and one look at which table this is.
    pub(super) async fn read_pulse(
        &self,
        shop: &ShopId,
        since: Timestamp,
    ) -> Result<Pulse, ReadError> {
        let query = self
            .query()
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", item::text(&Key::shop(shop).pk))
            .expression_attribute_values(":first", item::text(&hour_key(shop, hour_of(since)).sk))
            .expression_attribute_values(":last", item::text(STANDING));
        let pages = query.into_paginator().send();
        let pages: Vec<_> = pages.collect::<Result<_, _>>().await.map_err(unavailable)?;
        let items: Vec<&Item> = pages.iter().flat_map(|page| page.items()).collect();
        for page in &pages {
            self.meter_read(page.consumed_capacity());
        }
        let mut pulse = Pulse::default();
        for item in items {
            let sk = item::read_text(item, "sk")?;
            if let Some(hour) = sk.strip_prefix(HOURS) {
                let hour = format!("{hour}:00:00Z").parse();
                let hour = hour.map_err(|error: jiff::Error| ReadError::Corrupt(error.into()))?;
                pulse.hours.insert(hour, read_counts(item)?);
            } else {
                if item.contains_key("body") {
                    pulse.standing = item::read_body(item)?;
                }
                let table_id = item::read_text(item, "table_id")?;
                pulse.is_of_other_table = table_id != self.table_id().await.map_err(unavailable)?;
            }
        }
        Ok(pulse)
    }

    pub(super) async fn store_standing(
        &self,
        shop: &ShopId,
        standing: &Standing,
    ) -> Result<(), WriteError> {
        let mut item = item::item(&standing_key(shop), standing).map_err(super::write::unfit)?;
        let table_id = self.table_id().await.map_err(WriteError::Unavailable)?;
        item.insert("table_id".to_owned(), item::text(&table_id));
        self.put(item, None, None).await
    }

    /// Remembers that the shop was set up in this table, unless it is known to be of another one.
    pub(super) async fn claim(&self, shop: &ShopId) -> Result<(), WriteError> {
        let table_id = self.table_id().await.map_err(WriteError::Unavailable)?;
        let doubt = Doubt::default();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(standing_key(shop).attributes()))
            .update_expression("SET table_id = if_not_exists(table_id, :id)")
            .expression_attribute_values(":id", item::text(&table_id))
            .customize();
        match request.interceptor(doubt.clone()).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(super::write::classify(error, false, &doubt)),
        }
    }

    /// What tells this table from every other, of the same name too. Asked each time: a table that was
    /// deleted and restored keeps its name, and a warm environment would not notice.
    async fn table_id(&self) -> Result<String, Source> {
        let answer = self.client.describe_table().table_name(&self.table).send();
        let table = answer.await?.table;
        let id = table.and_then(|table| table.table_id);
        id.ok_or_else(|| "the table has no id".into())
    }
}

fn hour_key(shop: &ShopId, hour: Timestamp) -> Key {
    let hour = hour.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H");
    Key::new(Key::shop(shop).pk, format!("{HOURS}{hour}"))
}

fn standing_key(shop: &ShopId) -> Key {
    Key::new(Key::shop(shop).pk, STANDING)
}

fn read_counts(item: &Item) -> Result<Counts, ReadError> {
    let mut counts = Counts::default();
    // What was never added is not there.
    for (name, n) in counts.named() {
        if item.contains_key(name) {
            *n = item::read_number(item, name)?;
        }
    }
    if item.contains_key("told_at") {
        let told_at = Timestamp::from_millisecond(item::read_number(item, "told_at")?);
        counts.told_at = Some(told_at.map_err(|error| ReadError::Corrupt(error.into()))?);
    }
    Ok(counts)
}
