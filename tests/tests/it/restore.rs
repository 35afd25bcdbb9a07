//! A table restored from a backup knows nothing of what happened since: nobody is mailed by it.

use cartback::decide::{Decision, DeferReason, SkipReason};
use cartback::ports::CartStore;
use cartback::stage::Stage;
use cartback::standing::{StandingError, pause, resume};
use cartback_aws::store::DynamoStore;
use cartback_tests::emulator::Table;
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, cart};
use cartback_tests::samples::{self, shop_id};

#[tokio::test]
async fn a_restored_table_mails_nobody_who_was_in_the_backup() {
    let (table, restored, mut shop) = restored_before_the_nudge().await;
    shop.record(&cart("cart-2", "bob@example.com")).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    let held = (Stage::Nudge, DeferReason::Restored);
    for id in ["cart-1", "cart-2"] {
        assert_eq!(last_reason(&shop, id).await, Ok(held), "{id}");
    }
    resume(&shop.store, &shop_id(), true, shop.now)
        .await
        .unwrap();
    shop.now += shop.step;
    shop.record(&cart("cart-3", "cy@example.com")).await;
    shop.run_hours(30).await;
    let ended = (Stage::Nudge, SkipReason::Restored);
    for id in ["cart-1", "cart-2"] {
        assert_eq!(last_reason(&shop, id).await, Err(ended), "{id}");
        assert_eq!(shop.cart(id).await.sequence.due(), None);
    }
    assert_eq!(shop.outbox.to("cy@example.com").len(), 3);
    assert_eq!(shop.outbox.n_requests(), 3);
    restored.close().await;
    table.close().await;
}

#[tokio::test]
async fn only_a_resume_after_the_restore_lifts_what_the_restore_holds() {
    let (table, restored, shop) = restored_before_the_nudge().await;
    let is_held = async || {
        shop.store
            .pulse(&shop_id(), shop.now)
            .await
            .unwrap()
            .is_of_other_table
    };
    assert!(is_held().await);
    // Settings are applied again, the shop is paused and resumed: none of it says that all is well.
    shop.store.put_shop(&samples::shop()).await.unwrap();
    let refused = [
        pause(&shop.store, &shop_id(), "restore", shop.now).await,
        resume(&shop.store, &shop_id(), false, shop.now).await,
    ];
    for answer in refused {
        assert!(matches!(answer, Err(StandingError::Restored)), "{answer:?}");
    }
    assert!(is_held().await);
    resume(&shop.store, &shop_id(), true, shop.now)
        .await
        .unwrap();
    assert!(!is_held().await);
    restored.close().await;
    table.close().await;
}

/// A shop on a table that was restored from a backup made before Ada's nudge left.
async fn restored_before_the_nudge() -> (Table, Table, Installation<DynamoStore>) {
    let table = Table::open().await;
    let mut shop = Installation::on(table.store.clone(), &samples::shop()).await;
    shop.record(&cart("cart-1", ADA)).await;
    let restored = table.restored().await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    let mut after = Installation::on(restored.store.clone(), &samples::shop()).await;
    after.now = shop.now;
    (table, restored, after)
}

/// The stage and the reason of the last decision on the cart: to defer, or else to skip.
async fn last_reason(
    shop: &Installation<DynamoStore>,
    id: &str,
) -> Result<(Stage, DeferReason), (Stage, SkipReason)> {
    match shop.decisions(id).await.pop().unwrap() {
        (stage, Decision::Defer { reason, .. }) => Ok((stage, reason)),
        (stage, Decision::Skip { reason }) => Err((stage, reason)),
        (_, Decision::Send) => panic!("{id} was mailed"),
    }
}
