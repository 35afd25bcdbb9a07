//! Plays worlds: storefronts deliver and repeat, ticks sweep, events come back, people react. Every
//! invocation goes through the real use cases.

mod errands;

use cartback::stage::Stage;
use fastrand::Rng;
use jiff::Timestamp;

use crate::deploy::{Deploys, Forms};
use crate::executor::Executor;
use crate::fault::Faults;
use crate::history::{Fact, Line};
use crate::people::{Delivery, Shopper};
use crate::sabotage::Sabotage;
use crate::setting::{HOUR_MS, MINUTE_MS, START_MS, Setting};
use crate::trouble::Trouble;
use crate::weather::Weather;
use crate::world::{Next, World};
pub use errands::Errand;

/// Clocks of two environments differ from the true one by at most this much.
pub const MAX_SKEW_MS: i64 = 5_000;

/// Steps after which a world is taken for endless.
const MAX_STEPS: u64 = 5_000_000;

/// What one world came to.
#[derive(Debug, Default)]
pub struct Run {
    /// What happened, in order.
    pub history: Vec<Line>,
    /// Calls of ports.
    pub n_calls: u64,
    /// Invocations killed.
    pub n_crashes: u64,
    /// Reads of items in a form newer than the reader's version.
    pub n_unreadable: u64,
    /// Carts that storefronts told of.
    pub n_carts: u64,
}

/// Plays the world of `seed` to its end.
#[must_use]
pub fn live(seed: u64, setting: &Setting, weather: &Weather, sabotage: Option<Sabotage>) -> Run {
    let faults = Faults {
        script: Vec::new(),
        rates: weather.rates,
    };
    let mut rng = Rng::with_seed(seed ^ 0x5eed);
    let mut deliveries = Vec::new();
    let mut n_carts = 0;
    for n in 0..weather.n_shoppers {
        let n_own = match rng.u8(0..10) {
            0..7 => 1,
            7 | 8 => 2,
            _ => 4,
        };
        n_carts += n_own;
        Shopper {
            setting,
            seed,
            n,
            rng: &mut rng,
            deliveries: &mut deliveries,
        }
        .live(n_own);
    }
    let world = World::new(seed, START_MS, faults, sabotage);
    let mut play = Play::new(&world, setting);
    if weather.has_outages {
        play.plan_outages(&mut rng);
    }
    if weather.has_deploys {
        play.deploys = Deploys::at_random(&mut rng);
        world.state().forms = Some(Forms::default());
    }
    if weather.has_deafness {
        play.plan_deafness(&mut rng);
    }
    if weather.has_trouble {
        let trouble = Trouble::at_random(&mut rng);
        world.state().trouble = Some(trouble);
        world.tell(Fact::Troubled(trouble));
    }
    let run = play.run(deliveries);
    Run {
        n_carts: u64::try_from(n_carts).unwrap_or(u64::MAX),
        ..run
    }
}

/// A world being played.
pub struct Play<'w> {
    world: &'w World,
    setting: &'w Setting,
    executor: Executor<'w, Errand>,
    /// When the schedule pauses: from, until.
    pauses: Vec<(i64, i64)>,
    deploys: Deploys,
    /// Two or three environments work at each tick of each stage.
    pub(crate) is_crowded: bool,
    last_tick_ms: i64,
    /// Steps that it may take.
    pub(crate) n_steps: u64,
}

impl<'w> Play<'w> {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(world: &'w World, setting: &'w Setting) -> Self {
        Self {
            world,
            setting,
            executor: Executor::new(world),
            pauses: Vec::new(),
            deploys: Deploys::default(),
            is_crowded: false,
            last_tick_ms: START_MS,
            n_steps: MAX_STEPS,
        }
    }

    fn plan_outages(&mut self, rng: &mut Rng) {
        for _ in 0..rng.u8(0..3) {
            let from_ms = START_MS + rng.i64(0..10 * 24 * HOUR_MS);
            self.pauses
                .push((from_ms, from_ms + rng.i64(0..9 * HOUR_MS)));
        }
        for _ in 0..rng.u8(0..3) {
            let from_ms = START_MS + rng.i64(0..10 * 24 * HOUR_MS);
            let until_ms = from_ms + rng.i64(0..20 * MINUTE_MS);
            self.world.state().blackouts.push((from_ms, until_ms));
        }
    }

    /// A rule switched off, a queue that nobody reads: hours, up to two days.
    fn plan_deafness(&self, rng: &mut Rng) {
        for _ in 0..3 {
            let from_ms = START_MS + rng.i64(0..10 * 24 * HOUR_MS);
            let until_ms = from_ms + rng.i64(HOUR_MS..48 * HOUR_MS);
            self.world.state().deafness.push((from_ms, until_ms));
        }
    }

    /// Delivers all messages, and goes on until nothing is left to do.
    ///
    /// # Panics
    /// Never: the agenda holds what its time was read of.
    #[must_use]
    pub fn run(mut self, deliveries: Vec<Delivery>) -> Run {
        for Delivery { at_ms, events } in deliveries {
            let message = Errand::Message { events };
            self.world.state().plan_errand(at_ms, message);
        }
        for step in 0.. {
            if self.n_steps < step {
                self.world.tell(Fact::Endless);
                break;
            }
            let next_ms = self.world.state().next_at_ms();
            match (self.next_tick_ms(), next_ms) {
                (Some(tick_ms), next_ms) if next_ms.is_none_or(|next_ms| tick_ms < next_ms) => {
                    self.world.turn_to(tick_ms);
                    self.tick(tick_ms);
                }
                (_, Some(next_ms)) => {
                    self.world.turn_to(next_ms);
                    let next = self.world.state().take_next();
                    self.step(next.unwrap());
                }
                (_, None) => break,
            }
        }
        drop(self.executor);
        let mut state = self.world.state();
        Run {
            history: std::mem::take(&mut state.history),
            n_calls: state.n_calls,
            n_crashes: state.n_crashes,
            n_unreadable: state.forms.as_ref().map_or(0, |forms| forms.n_unreadable),
            n_carts: 0,
        }
    }

    fn step(&mut self, next: Next) {
        let ended = match next {
            Next::Wake(task, waker) => self.executor.resume(task, waker),
            Next::Errand(errand) => self.start(*errand),
        };
        if let Some((errand, end)) = ended {
            self.conclude(errand, end);
        }
    }

    /// The next full minute at which a tick finds something. Ticks that would find nothing are left out.
    fn next_tick_ms(&self) -> Option<i64> {
        let now_ms = self.world.now_ms();
        let due_ms = self.world.state().table.next_due_ms(now_ms)?;
        let at_ms = due_ms.max(self.last_tick_ms + 1).max(now_ms);
        let at_ms = (at_ms + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS;
        let is_paused = |(from, until): &&(i64, i64)| (*from..*until).contains(&at_ms);
        let resumed_ms = self.pauses.iter().find(is_paused).map(|(_, until)| *until);
        Some(resumed_ms.map_or(at_ms, |until| {
            until + MINUTE_MS - until.rem_euclid(MINUTE_MS)
        }))
    }

    /// Ticks all stages; some ticks come twice, and two environments work at the same time.
    fn tick(&mut self, at_ms: i64) {
        self.last_tick_ms = at_ms;
        let mut state = self.world.state();
        for stage in Stage::ALL {
            let n_workers = match state.rng.u8(0..10) {
                0 if self.is_crowded => 3,
                _ if self.is_crowded => 2,
                0..3 => 2,
                _ => 1,
            };
            for _ in 0..n_workers {
                let delay_ms = if state.rng.bool() {
                    state.rng.i64(0..10)
                } else {
                    state.rng.i64(0..1_500)
                };
                let mut meant_ms = at_ms;
                if self.world.sabotage == Some(Sabotage::OldTickTrusted) {
                    meant_ms -= 5 * HOUR_MS;
                }
                state.plan_errand(at_ms + delay_ms, Errand::Tick { stage, meant_ms });
            }
        }
    }
}

pub(crate) fn timestamp(at_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(at_ms).unwrap()
}

#[cfg(test)]
mod tests;
