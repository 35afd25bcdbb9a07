//! One world: the true clock, the table, the provider, the dice and the history, shared by all
//! invocations in it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicI64, Ordering as Memory};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use cartback::ports::Write;
use fastrand::Rng;

use crate::deploy::Forms;
use crate::executor::TaskId;
use crate::fault::{Fate, Faults, chance};
use crate::history::{Fact, Line};
use crate::lives::Errand;
use crate::sabotage::Sabotage;
use crate::setting::HOUR_MS;
use crate::store::Table;
use crate::trouble::Trouble;

/// The longest lag of the index, in milliseconds.
const MAX_INDEX_LAG_MS: i64 = 4_000;

/// Everything outside of the use cases.
pub struct World {
    now_ms: AtomicI64,
    state: Mutex<State>,
    /// What is broken on purpose.
    pub sabotage: Option<Sabotage>,
}

/// What changes in a world.
pub struct State {
    /// Whose dice they are.
    pub seed: u64,
    /// The dice.
    pub rng: Rng,
    /// The stored items.
    pub table: Table,
    /// What happened.
    pub history: Vec<Line>,
    /// What goes wrong.
    pub faults: Faults,
    /// Calls of ports so far.
    pub n_calls: u64,
    /// The share of crashes that were injected so far.
    pub n_crashes: u64,
    /// What older versions cannot read, in a world with deploys.
    pub forms: Option<Forms>,
    /// When the table and the provider answer nothing: from, until, in milliseconds since 1970.
    pub blackouts: Vec<(i64, i64)>,
    /// When the provider's events are lost: from, until.
    pub deafness: Vec<(i64, i64)>,
    /// What befalls the shop.
    pub trouble: Option<Trouble>,
    agenda: BinaryHeap<Item>,
    n_items: u64,
    is_doomed: bool,
}

/// What is next to happen.
pub enum Next {
    /// A call of a task comes back.
    Wake(TaskId, Waker),
    /// Someone invokes a function.
    Errand(Box<Errand>),
}

struct Item {
    at_ms: i64,
    seq: u64,
    next: Next,
}

impl World {
    /// An empty world at `start_ms`, whose dice are `seed`'s.
    #[must_use]
    pub fn new(seed: u64, start_ms: i64, faults: Faults, sabotage: Option<Sabotage>) -> Self {
        let state = State {
            seed,
            rng: Rng::with_seed(seed),
            table: Table::default(),
            history: Vec::new(),
            faults,
            n_calls: 0,
            n_crashes: 0,
            forms: None,
            blackouts: Vec::new(),
            deafness: Vec::new(),
            trouble: None,
            agenda: BinaryHeap::new(),
            n_items: 0,
            is_doomed: false,
        };
        Self {
            now_ms: AtomicI64::new(start_ms),
            state: Mutex::new(state),
            sabotage,
        }
    }

    /// The true time, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now_ms.load(Memory::Relaxed)
    }

    /// Lets time pass until `at_ms`.
    pub fn turn_to(&self, at_ms: i64) {
        self.now_ms.fetch_max(at_ms, Memory::Relaxed);
    }

    /// What changes; nobody holds it for longer than one step.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes `fact` into the history.
    pub fn tell(&self, fact: Fact) {
        let at_ms = self.now_ms();
        self.state().history.push(Line { at_ms, fact });
    }

    /// Decides on the next call of a port.
    pub fn fate(&self) -> Fate {
        let now_ms = self.now_ms();
        let mut state = self.state();
        let n = state.n_calls;
        state.n_calls += 1;
        let is_dark = |(from, until): &(i64, i64)| (*from..*until).contains(&now_ms);
        if state.blackouts.iter().any(is_dark) {
            return Fate::Refuse;
        }
        let State { faults, rng, .. } = &mut *state;
        faults.fate(n, rng)
    }

    /// Kills the task that is being polled.
    pub fn doom(&self) {
        self.state().is_doomed = true;
    }

    /// Whether the task that was polled is to die.
    pub fn take_doom(&self) -> bool {
        std::mem::take(&mut self.state().is_doomed)
    }

    /// Counts a killed task.
    pub fn note_crash(&self) {
        self.state().n_crashes += 1;
        self.tell(Fact::Crashed);
    }

    /// Calls back `task` after the time that a call takes.
    pub fn wake_later(&self, task: TaskId, waker: Waker) {
        let now_ms = self.now_ms();
        let mut state = self.state();
        let slow = state.faults.rates.slow;
        let is_freezing = self.sabotage == Some(Sabotage::NoFence);
        let latency_ms = if is_freezing && chance(&mut state.rng, 200) {
            state.rng.i64(0..2 * HOUR_MS)
        } else if chance(&mut state.rng, slow) {
            state.rng.i64(500..30_000)
        } else {
            state.rng.i64(1..20)
        };
        state.plan(now_ms + latency_ms, Next::Wake(task, waker));
    }
}

impl State {
    /// Puts `next` on the agenda.
    pub fn plan(&mut self, at_ms: i64, next: Next) {
        self.n_items += 1;
        let seq = self.n_items;
        self.agenda.push(Item { at_ms, seq, next });
    }

    /// Puts an invocation on the agenda.
    pub fn plan_errand(&mut self, at_ms: i64, errand: Errand) {
        // Boxed, as what is on the agenda is moved about in it.
        self.plan(at_ms, Next::Errand(Box::new(errand)));
    }

    /// When something is next on the agenda.
    #[must_use]
    pub fn next_at_ms(&self) -> Option<i64> {
        self.agenda.peek().map(|item| item.at_ms)
    }

    /// Takes what is next from the agenda.
    pub fn take_next(&mut self) -> Option<Next> {
        self.agenda.pop().map(|item| item.next)
    }

    /// Notes in which form `version` stored what is in `write`.
    pub fn note_form(&mut self, write: &Write, version: usize) {
        let Self { forms, rng, .. } = self;
        if let Some(forms) = forms {
            forms.follow(write, version, rng);
        }
    }

    /// How far the index is behind for one change: mostly a little, sometimes seconds.
    pub fn index_lag_ms(&mut self) -> i64 {
        if chance(&mut self.rng, 500) {
            self.rng.i64(0..MAX_INDEX_LAG_MS)
        } else {
            self.rng.i64(0..50)
        }
    }
}

impl Ord for Item {
    /// The earliest is the greatest, as the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at_ms, other.seq).cmp(&(self.at_ms, self.seq))
    }
}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Item {}
