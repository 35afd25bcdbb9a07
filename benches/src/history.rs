//! Whether a cart with many events makes the next one dearer.

use std::time::Duration;

use cartback::ports::CartStore;
use cartback_tests::samples::shop;

use crate::cloud::Cloud;
use crate::events;
use crate::lambda::Launch;
use crate::machine::deployed;
use crate::table::{Section, micros, plain};

/// Carts that get events in turn.
const N_CARTS: u32 = 5;

/// Rounds over which the cost of the last event is taken.
const WINDOW: usize = 10;

/// Sends the same carts more and more events, and looks at what the last ones cost.
pub(crate) async fn measure(longest: usize) -> Section {
    let mut section = Section::new(
        "Growth of a cart",
        "Ingest's warm CPU for an event of a cart that already has this many.",
        &["events of the cart", "µs an event", "to the first"],
    );
    let cloud = Cloud::open().await;
    cloud.store.put_shop(&shop()).await.unwrap();
    let launch = Launch {
        name: "ingest".to_owned(),
        command: vec![deployed("ingest").display().to_string()],
        environment: cloud.environment(),
    };
    let mut function = launch.start().await;
    // Warm, on carts that are not counted.
    for _ in 0..50 {
        function.invoke(&events::of_function("ingest")).await;
    }
    let mut first = None;
    let mut recent = Vec::new();
    for n_events in 1..=longest {
        let mut cost = Duration::ZERO;
        for cart in 0..N_CARTS {
            let event = events::signed(&events::cart(&format!("long-{cart}")));
            cost += function.invoke(&event.to_string()).await.cpu;
        }
        recent.push(cost / N_CARTS);
        if [2, 10, 100, 1_000].contains(&n_events) {
            eprintln!("events of a cart: {n_events} of {longest}");
            let window = &recent[recent.len().saturating_sub(WINDOW).max(1)..];
            let cost = window.iter().sum::<Duration>() / u32::try_from(window.len()).unwrap();
            let to_first = cost.as_secs_f64() / first.get_or_insert(cost).as_secs_f64();
            section.row(&[
                n_events.to_string(),
                plain(micros(cost)),
                format!("{to_first:.2} x"),
            ]);
        }
    }
    section
}
