//! Plays many worlds on all processors and adds up what the checker says.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use cartback::policy::OnUnknown;
use cartback_simulation::checker::check;
use cartback_simulation::fault::Fate;
use cartback_simulation::lives::live;
use cartback_simulation::report::{Promise, Report};
use cartback_simulation::sabotage::Sabotage;
use cartback_simulation::schedules::{N_COURSES, n_calls, pairs, play, singles, triple};
use cartback_simulation::setting::Setting;
use cartback_simulation::weather::Weather;
use fastrand::Rng;

/// Shoppers of one world: enough that their carts meet in one tick, few enough to fit a cache.
pub(crate) const N_SHOPPERS: usize = 100;

/// Small worlds in which every single fault is played.
const N_SINGLE_SEEDS: u64 = 100;

/// Parts into which the pairs of one world are cut.
const N_SHARES: usize = 16;

/// Worlds in which a sabotage must show.
const N_SABOTAGED: u64 = 200;

/// What many worlds came to.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) report: Report,
    pub(crate) n_schedules: u64,
    pub(crate) n_carts: u64,
    pub(crate) n_calls: u64,
    pub(crate) n_crashes: u64,
    pub(crate) n_unreadable: u64,
}

impl Figures {
    pub(crate) const PROMISES: [(&'static str, Promise); 13] = [
        ("duplicates", Promise::Duplicate),
        ("mails without a reservation", Promise::Unreserved),
        ("losses", Promise::Loss),
        ("mails after order", Promise::AfterOrder),
        ("mails after stop or erasure", Promise::AfterStop),
        ("mails for an older cart", Promise::OlderCart),
        ("out of window", Promise::OutOfWindow),
        ("over cap or within gap", Promise::OverCap),
        ("in quiet hours", Promise::QuietHours),
        ("while braked", Promise::WhileBraked),
        ("withheld for no reason", Promise::Withheld),
        ("offers given wrongly", Promise::Offer),
        ("worlds without an end", Promise::Endless),
    ];

    pub(crate) fn add(&mut self, other: Self) {
        self.report.add(other.report);
        self.n_schedules += other.n_schedules;
        self.n_carts += other.n_carts;
        self.n_calls += other.n_calls;
        self.n_crashes += other.n_crashes;
        self.n_unreadable += other.n_unreadable;
    }

    pub(crate) fn n_duplicates(&self) -> u64 {
        self.report.count(Promise::Duplicate)
    }

    /// Stages of which at least one mail was accepted.
    pub(crate) fn n_mailed(&self) -> u64 {
        self.report.n_mails - self.n_duplicates()
    }

    pub(crate) fn n_other_violations(&self) -> u64 {
        self.report.n_broken() - self.n_duplicates()
    }

    /// With two decimals.
    pub(crate) fn duplicates_per_10k(&self) -> String {
        let hundredths = self.n_duplicates() * 1_000_000 / self.n_mailed().max(1);
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// Every single fault, under both policies.
pub(crate) fn play_singles() -> Figures {
    println!(
        "every single fault: seeds 0 to {}, both policies",
        N_SINGLE_SEEDS - 1
    );
    let mut all = Figures::default();
    for on_unknown in [OnUnknown::Resend, OnUnknown::Presume] {
        let figures = on_all_processors(N_SINGLE_SEEDS, |seed| {
            let setting = Setting::new(on_unknown);
            play_each(seed, &setting, singles(n_calls(seed, &setting)))
        });
        all.add(figures);
    }
    all
}

/// Every pair of faults, of as many seeds as give `n_least` schedules.
pub(crate) fn play_pairs(n_least: u64) -> Figures {
    let setting = Setting::new(OnUnknown::Resend);
    let (mut n_seeds, mut n_schedules) = (0, 0);
    // Every course of the small world at least, however many calls it takes.
    while n_schedules < n_least || n_seeds < N_COURSES {
        n_schedules += u64::try_from(pairs(n_calls(n_seeds, &setting)).count()).unwrap_or(0);
        n_seeds += 1;
    }
    println!("every pair of faults: seeds 0 to {}", n_seeds - 1);
    // A world of many calls has many times the pairs of a small one, and must not be the last to end.
    on_all_processors(n_seeds * N_SHARES as u64, |share| {
        let seed = share / N_SHARES as u64;
        let first = usize::try_from(share % N_SHARES as u64).unwrap_or(0);
        let pairs = pairs(n_calls(seed, &setting));
        play_each(seed, &setting, pairs.skip(first).step_by(N_SHARES))
    })
}

/// Three faults at random, in `n_schedules` schedules.
pub(crate) fn play_triples(n_schedules: u64) -> Figures {
    const PER_SEED: u64 = 500;
    let n_seeds = n_schedules / PER_SEED;
    println!(
        "{n_schedules} triples of faults: seeds 0 to {}",
        n_seeds - 1
    );
    on_all_processors(n_seeds, |seed| {
        let setting = Setting::new(OnUnknown::Resend);
        let n_calls = n_calls(seed, &setting);
        let mut rng = Rng::with_seed(seed);
        let scripts = (0..PER_SEED).map(|_| triple(n_calls, &mut rng));
        play_each(seed, &setting, scripts)
    })
}

/// Whole lives of `n_carts` carts.
pub(crate) fn live_all(
    n_carts: u64,
    on_unknown: OnUnknown,
    weather: fn(usize) -> Weather,
) -> Figures {
    // Each world has 1.5 carts for each of its shoppers, give or take a hundredth.
    let n_worlds = n_carts * 2 / 3 / N_SHOPPERS as u64 * 101 / 100;
    println!("lives of {n_carts} carts under {on_unknown:?}: seeds 0 to {n_worlds}");
    on_all_processors(n_worlds + 1, |seed| {
        let setting = Setting::new(on_unknown);
        let weather = weather(N_SHOPPERS);
        let run = live(seed, &setting, &weather, None);
        let report = check(&run.history, &setting.promises(&weather));
        if report.n_broken() != 0 && weather.rates.lost_evidence == 0 {
            println!("seed {seed}: {:?}", report.first);
        }
        Figures {
            report,
            n_schedules: 1,
            n_carts: run.n_carts,
            n_calls: run.n_calls,
            n_crashes: run.n_crashes,
            n_unreadable: run.n_unreadable,
        }
    })
}

/// Breaks the protocol in every known way; how many of them the checker noticed, of how many.
pub(crate) fn break_it() -> (usize, usize) {
    let setting = Setting::new(OnUnknown::Resend);
    let mut n_caught = 0;
    for sabotage in Sabotage::ALL {
        let caught = (0..N_SABOTAGED).find_map(|seed| {
            let weather = sabotage.weather(N_SHOPPERS);
            let run = live(seed, &setting, &weather, Some(sabotage));
            let first = check(&run.history, &setting.promises(&weather)).first?;
            // Where the whole protocol breaks a promise as well, the sabotage has shown nothing.
            let control = live(seed, &setting, &weather, None);
            let control = check(&control.history, &setting.promises(&weather));
            (control.n_broken() == 0).then_some((seed, first))
        });
        match caught {
            Some((seed, first)) => {
                n_caught += 1;
                let promise = first.split(' ').next().unwrap_or_default();
                println!("sabotage {sabotage:?}: {promise}, seed {seed}");
            }
            None => println!("sabotage {sabotage:?}: NOT noticed"),
        }
    }
    (n_caught, Sabotage::ALL.len())
}

fn play_each(
    seed: u64,
    setting: &Setting,
    scripts: impl Iterator<Item = Vec<(u64, Fate)>>,
) -> Figures {
    let mut figures = Figures::default();
    for script in scripts {
        let outcome = play(seed, setting, &script, None);
        if outcome.report.n_broken() != 0 {
            println!("seed {seed}, {script:?}: {:?}", outcome.report.first);
        }
        figures.report.add(outcome.report);
        figures.n_schedules += 1;
        figures.n_calls += outcome.n_calls;
        figures.n_crashes += outcome.n_crashes;
    }
    figures
}

/// Adds up what `work` makes of the seeds below `n_seeds`, and shows how far it is.
fn on_all_processors(n_seeds: u64, work: impl Fn(u64) -> Figures + Sync) -> Figures {
    let next = AtomicU64::new(0);
    let sum = Mutex::new(Figures::default());
    let n_threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if n_seeds <= seed {
                        return;
                    }
                    let figures = work(seed);
                    if let Ok(mut sum) = sum.lock() {
                        sum.add(figures);
                    }
                    if seed.is_multiple_of((n_seeds / 4).max(1)) && seed != 0 {
                        println!("  {} %", seed * 100 / n_seeds);
                    }
                }
            });
        }
    });
    sum.into_inner().unwrap_or_default()
}
