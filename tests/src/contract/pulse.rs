//! What a store must do with a shop's counts and its standing.

use cartback::ids::Attempt;
use cartback::ports::CartStore;
use cartback::pulse::Counts;
use cartback::stage::Stage;
use cartback::standing::{Pause, Standing, StandingError, pause, resume};
use futures_util::future::join_all;

use crate::samples::{NOON, at, cart, shop, shop_id};

/// Every count is a sum of its own; what SES told of last replaces what it told of before.
pub async fn counts_add_up_in_their_hour(store: &impl CartStore) {
    let (shop, cart) = (shop_id(), cart("c1"));
    let attempts = [7, 9].map(|minute| Attempt::new(1, &cart.key, 1, at(minute)));
    let mut all = Counts::default();
    for (n, (_, count)) in (1..).zip(all.named()) {
        *count = n;
    }
    let told = Counts::evidenced(Stage::Final, attempts[1]);
    let additions = [
        all.clone(),
        Counts::evidenced(Stage::FollowUp, attempts[0]),
        told,
        Counts::default(),
        all,
    ];
    let mut sum = Counts::default();
    for counts in &additions {
        store.count(&shop, at(59), counts).await.unwrap();
        sum.add(counts);
    }
    assert_eq!(sum.told_at, Some(at(9)));
    store.count(&shop, at(60), &Counts::order()).await.unwrap();
    let other = "other".parse().unwrap();
    store.count(&other, at(0), &Counts::order()).await.unwrap();
    let pulse = store.pulse(&shop, NOON).await.unwrap();
    let expected = [(at(0), sum), (at(60), Counts::order())];
    assert_eq!(pulse.hours, expected.into());
}

/// Writers of one hour never lose each other's counts.
pub async fn racing_counts_are_all_there(store: &impl CartStore) {
    let shop = shop_id();
    let order = Counts::order();
    let answers = join_all((0..16).map(|minute| store.count(&shop, at(minute), &order))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let pulse = store.pulse(&shop, NOON).await.unwrap();
    assert_eq!(pulse.hours[&NOON].n_orders, 16);
}

/// Not an hour earlier, and not in the middle of one.
pub async fn a_pulse_begins_with_the_hour_that_was_asked_for(store: &impl CartStore) {
    let shop = shop_id();
    let hours = [-24 * 60, -60, 0, 60, 24 * 60].map(at);
    for hour in hours {
        store.count(&shop, hour, &Counts::order()).await.unwrap();
    }
    for (since, first) in [
        (-24 * 60, 0),
        (-24 * 60 + 59, 0),
        (-24 * 60 + 60, 1),
        (30, 2),
    ] {
        let pulse = store.pulse(&shop, at(since)).await.unwrap();
        let read: Vec<_> = pulse.hours.into_keys().collect();
        assert_eq!(read, hours[first..], "{since}");
    }
}

/// The operator's last word counts.
pub async fn a_standing_replaces_what_was_there_and_leaves_the_counts(store: &impl CartStore) {
    store.put_shop(&shop()).await.unwrap();
    store
        .count(&shop_id(), NOON, &Counts::order())
        .await
        .unwrap();
    let pulse = store.pulse(&shop_id(), NOON).await.unwrap();
    assert_eq!(pulse.standing, Standing::default());
    pause(store, &shop_id(), "Ünsinn \"#/", NOON).await.unwrap();
    let paused = Pause {
        at: NOON,
        reason: "Ünsinn \"#/".to_owned(),
    };
    let pulse = store.pulse(&shop_id(), NOON).await.unwrap();
    assert_eq!(pulse.standing.paused, Some(paused));
    resume(store, &shop_id(), false, at(1)).await.unwrap();
    let pulse = store.pulse(&shop_id(), NOON).await.unwrap();
    let resumed = Standing {
        resumed_at: Some(at(1)),
        ..Standing::default()
    };
    assert_eq!(pulse.standing, resumed);
    assert_eq!(pulse.hours.len(), 1);
    assert!(!pulse.is_of_other_table);
    let nobody = "nobody".parse().unwrap();
    let refused = pause(store, &nobody, "", NOON).await;
    assert!(matches!(refused, Err(StandingError::UnknownShop)));
}
