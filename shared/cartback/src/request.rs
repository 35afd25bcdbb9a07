//! What a storefront asks the operator to do, because a machine should not: hand a person's data over, or
//! erase a whole shop. It is kept until it is done, and told on the bus.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::event::{CartEvent, Change};
use crate::ids::{ContactKey, ShopId};
use crate::ports::CartStore;
use crate::record::RecordError;
use crate::standing::{StandingError, pause};

/// Something that waits for the operator. Names nobody: a person is their key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The shop that asks.
    pub shop: ShopId,
    /// The source's id of the message.
    pub id: String,
    /// When it was asked, by the storefront's clock.
    pub at: Timestamp,
    /// What is asked.
    pub asked: Asked,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Hand over what is held of this person: `cartback export`.
    PersonsData(ContactKey),
    /// Erase everything of the shop: `cartback erase --all`.
    ShopErasure,
}

impl Request {
    /// What `event`, which names this person, asks of the operator of `shop`; `None` if nothing.
    #[must_use]
    pub fn of(event: &CartEvent, shop: &ShopId, named: Option<&ContactKey>) -> Option<Self> {
        let asked = match &event.change {
            Change::DataRequested => Asked::PersonsData(named?.clone()),
            Change::ShopErasureRequested => Asked::ShopErasure,
            Change::CartUpdated(_)
            | Change::ContactIdentified
            | Change::ConsentChanged(_)
            | Change::StepReached { .. }
            | Change::PageReported(_)
            | Change::PushAllowed(_)
            | Change::PaymentFailed
            | Change::PaymentPending
            | Change::OrderPlaced(_)
            | Change::OrderCancelled
            | Change::OrderRefunded(_)
            | Change::CartDeleted
            | Change::CheckoutDeleted
            | Change::ErasureRequested => return None,
        };
        Some(Self {
            shop: shop.clone(),
            id: event.id.clone(),
            at: event.at,
            asked,
        })
    }

    /// What makes it unique within its shop; requests sort by time.
    #[must_use]
    pub fn sort_key(&self) -> String {
        format!("REQUEST#{:.3}#{}", self.at, self.id)
    }
}

/// Keeps `request` for the operator. A shop that asks to be erased gets no reminder out any more.
///
/// # Errors
/// [`RecordError`]; noting it again is always safe.
pub async fn note_request<S: CartStore>(
    store: &S,
    request: &Request,
    now: Timestamp,
) -> Result<(), RecordError> {
    store.put_request(request).await?;
    warn!(shop.id = %request.shop, "Shop {} asks for something; see `cartback export --pending`", request.shop);
    match request.asked {
        Asked::PersonsData(_) => Ok(()),
        Asked::ShopErasure => {
            let reason = "the storefront asks to erase the shop";
            match pause(store, &request.shop, reason, now).await {
                // Nothing is sent there either.
                Ok(()) | Err(StandingError::UnknownShop | StandingError::Restored) => Ok(()),
                Err(StandingError::Read(error)) => Err(error.into()),
                Err(StandingError::Write(error)) => Err(error.into()),
            }
        }
    }
}
