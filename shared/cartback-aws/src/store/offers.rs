//! Codes and budgets in the table: an item for each code, which the due index lists while nobody has
//! it, and one for each month's sum. Both change in the reservation's transaction alone.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use cartback::ids::ShopId;
use cartback::offer::{Ask, Claim, Month, OfferCode, PoolCode, PoolName, Spend, Stock};
use cartback::ports::{ReadError, WriteError};
use futures_util::future::{try_join, try_join_all};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::item::{self, Item, Key};
use super::write::unfit;
use super::{DUE_INDEX, DynamoStore, unavailable};

/// Free codes that are read at a time: enough that carts which are decided on together seldom reach for
/// the same one.
const MAX_CODES: i32 = 25;

/// How long a code is kept after its end. A month's sum stays: it is twelve small items a year.
const LIFE: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Codes that are put at once.
const CONCURRENCY: usize = 25;

/// The end of a code that has none, to the millisecond in which ends are kept.
const NEVER: Timestamp = Timestamp::constant(253_402_207_200, 0);

const CODE: &str = "CODE#";

/// What is left of a pool, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolState {
    /// Which.
    pub pool: PoolName,
    /// Codes that nobody has, the ended ones too.
    pub n_free: usize,
    /// Codes that carts have.
    pub n_claimed: usize,
    /// When the last free code ends; `None` if one never does, or none is free.
    pub last_end: Option<Timestamp>,
}

impl DynamoStore {
    /// A query of the index, and one read of the month's sum.
    pub(super) async fn read_offer_stock(
        &self,
        shop: &ShopId,
        ask: &Ask,
    ) -> Result<Stock, ReadError> {
        let codes = async {
            match &ask.pool {
                Some(pool) => self.free_codes(shop, pool, ask.usable_until).await,
                None => Ok(Vec::new()),
            }
        };
        let spent = async {
            match &ask.month {
                Some(month) => self.spent(shop, month).await,
                None => Ok(0),
            }
        };
        let (codes, spent_minor) = try_join(codes, spent).await?;
        Ok(Stock { codes, spent_minor })
    }

    /// How many of `codes` were not known.
    pub(super) async fn add_codes(
        &self,
        shop: &ShopId,
        codes: &[PoolCode],
    ) -> Result<usize, WriteError> {
        let mut n_new = 0;
        for some in codes.chunks(CONCURRENCY) {
            let stored = try_join_all(some.iter().map(|code| self.add_code(shop, code))).await?;
            n_new += stored.into_iter().filter(|is_new| *is_new).count();
        }
        Ok(n_new)
    }

    /// The shop's pools by name. Reads all of their codes: for an operator.
    ///
    /// # Errors
    /// As every read.
    pub async fn pools(&self, shop: &ShopId) -> Result<Vec<PoolState>, ReadError> {
        let items = self
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :code)")
            .expression_attribute_values(":pk", item::text(&item::offers_pk(shop)))
            .expression_attribute_values(":code", item::text(CODE))
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = items.collect::<Result<_, _>>().await.map_err(unavailable)?;
        let mut pools: Vec<PoolState> = Vec::new();
        for item in &items {
            let code = read_code(item)?;
            // Codes of one pool lie together.
            if pools.last().is_none_or(|last| last.pool != code.pool) {
                pools.push(PoolState {
                    pool: code.pool.clone(),
                    n_free: 0,
                    n_claimed: 0,
                    last_end: Some(Timestamp::MIN),
                });
            }
            if let Some(pool) = pools.last_mut() {
                if item.contains_key("claimed_by") {
                    pool.n_claimed += 1;
                } else {
                    pool.n_free += 1;
                    let known = pool.last_end.zip(code.expires_at);
                    pool.last_end = known.map(|(known, end)| known.max(end));
                }
            }
        }
        for pool in &mut pools {
            pool.last_end = pool.last_end.filter(|end| *end != Timestamp::MIN);
        }
        Ok(pools)
    }

    /// What `claim` adds to a reservation's transaction.
    pub(super) fn claim_actions(
        &self,
        claim: &Claim,
    ) -> Result<Vec<TransactWriteItem>, WriteError> {
        let shop = claim.cart.shop();
        let code = claim.code.as_ref().map(|(pool, code)| {
            let by = format!("{}#{}", claim.cart, claim.stage);
            self.take_code(&code_key(shop, pool, code), &by)
        });
        let spend = match &claim.spend {
            Some(spend) if spend.limit.minor < spend.amount_minor => {
                return Err(WriteError::Conflict);
            }
            spend => spend.as_ref().map(|spend| self.take_of_budget(shop, spend)),
        };
        let updates = [code, spend].into_iter().flatten();
        updates
            .map(|update| {
                Ok(TransactWriteItem::builder()
                    .update(update.map_err(unfit)?)
                    .build())
            })
            .collect()
    }

    fn take_code(&self, key: &Key, by: &str) -> Result<Update, BuildError> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression("SET claimed_by = :by REMOVE due_shard, due_at")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(claimed_by)")
            .expression_attribute_values(":by", item::text(by))
            .build()
    }

    fn take_of_budget(&self, shop: &ShopId, spend: &Spend) -> Result<Update, BuildError> {
        let room = spend.limit.minor - spend.amount_minor;
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(budget_key(shop, &spend.month).attributes()))
            .update_expression("ADD spent :amount")
            .condition_expression("attribute_not_exists(spent) OR spent <= :room")
            .expression_attribute_values(":amount", item::number(spend.amount_minor))
            .expression_attribute_values(":room", item::number(room))
            .build()
    }

    async fn add_code(&self, shop: &ShopId, code: &PoolCode) -> Result<bool, WriteError> {
        let key = code_key(shop, &code.pool, &code.code);
        let mut item = item::item(&key, code).map_err(unfit)?;
        let end = code.expires_at.unwrap_or(NEVER);
        item.insert("due_shard".to_owned(), item::text(&shard(shop, &code.pool)));
        item.insert("due_at".to_owned(), item::millis(end));
        if let Some(end) = code.expires_at {
            item::expire(&mut item, end, LIFE);
        }
        match self.put(item, Some("attribute_not_exists(pk)"), None).await {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn free_codes(
        &self,
        shop: &ShopId,
        pool: &PoolName,
        usable_until: Timestamp,
    ) -> Result<Vec<PoolCode>, ReadError> {
        let listed = self
            .query()
            .index_name(DUE_INDEX)
            .key_condition_expression("due_shard = :shard AND due_at >= :until")
            .expression_attribute_values(":shard", item::text(&shard(shop, pool)))
            .expression_attribute_values(":until", item::millis(usable_until))
            .limit(MAX_CODES)
            .send()
            .await
            .map_err(unavailable)?;
        // The index has keys and ends only, and that is all there is to a code.
        let codes = listed.items().iter();
        codes.map(|item| read_listed(pool, item)).collect()
    }

    async fn spent(&self, shop: &ShopId, month: &Month) -> Result<i64, ReadError> {
        match self.get(budget_key(shop, month)).await? {
            Some(item) => item::read_number(&item, "spent"),
            None => Ok(0),
        }
    }
}

/// Under which the due index lists a pool's free codes; no stage is called so.
fn shard(shop: &ShopId, pool: &PoolName) -> String {
    format!("offers#{shop}#{pool}")
}

fn code_key(shop: &ShopId, pool: &PoolName, code: &OfferCode) -> Key {
    Key::new(
        item::offers_pk(shop),
        format!("{CODE}{pool}#{}", code.expose()),
    )
}

fn budget_key(shop: &ShopId, month: &Month) -> Key {
    Key::new(item::offers_pk(shop), format!("BUDGET#{}", month.as_str()))
}

/// A code as the index lists it.
fn read_listed(pool: &PoolName, item: &Item) -> Result<PoolCode, ReadError> {
    let corrupt = |fault: &'static str| ReadError::Corrupt(fault.into());
    let sk = item::read_text(item, "sk")?;
    let code = sk.strip_prefix(CODE).and_then(|rest| rest.split_once('#'));
    let (_, code) = code.ok_or_else(|| corrupt("no code in the key"))?;
    let end_ms: i64 = item::read_number(item, "due_at")?;
    let end = Timestamp::from_millisecond(end_ms);
    let end = end.map_err(|error| ReadError::Corrupt(error.into()))?;
    Ok(PoolCode {
        pool: pool.clone(),
        code: code.parse().map_err(|_| corrupt("no code in the key"))?,
        expires_at: Some(end).filter(|end| *end != NEVER),
    })
}

fn read_code(item: &Item) -> Result<PoolCode, ReadError> {
    item::read_body(item)
}
