//! The catalogue's use case: readings of variants are folded into what is stored of each, so that the
//! newest stays in any order of arrival.

use crate::ids::ShopId;
use crate::ports::CartStore;
use crate::product::{Product, ProductReading};
use crate::record::{RecordError, retry};

/// Readings that one message may hold: more than any product has variants.
pub const MAX_READINGS: usize = 500;

/// Variants that are written at once.
const CONCURRENCY: usize = 8;

/// Keeps `readings` of `shop`, each by one write if it tells anything new. How many did.
///
/// # Errors
/// [`RecordError`]; keeping them again is always safe.
pub async fn keep_readings<S: CartStore>(
    store: &S,
    shop: &ShopId,
    readings: &[ProductReading],
) -> Result<usize, RecordError> {
    let mut n_news = 0;
    for some in readings.chunks(CONCURRENCY) {
        let kept = some
            .iter()
            .map(|reading| retry(move || keep(store, shop, reading)));
        let kept = futures_util::future::try_join_all(kept).await?;
        n_news += kept.into_iter().filter(|is_news| *is_news).count();
    }
    Ok(n_news)
}

async fn keep<S: CartStore>(
    store: &S,
    shop: &ShopId,
    reading: &ProductReading,
) -> Result<bool, RecordError> {
    let stored = store.product(shop, &reading.variant).await?;
    let new = || Product::new(shop.clone(), reading.variant.clone());
    let mut product = stored.clone().unwrap_or_else(new);
    product.read(reading);
    if stored.as_ref() == Some(&product) {
        return Ok(false);
    }
    store.put_product(&product).await?;
    Ok(true)
}
