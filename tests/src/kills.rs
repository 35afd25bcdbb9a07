//! The local runner with its data on disk, ended by SIGKILL again and again while shops send events
//! and the clock is turned, and started again. No waiting: a kill comes a number of answers, and of
//! turns of an empty loop, after the start, so that it also meets requests half done.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::{env, fs, process, thread};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Shops that send at the same time.
const N_POSTERS: usize = 3;

/// Lives of one data folder. Mails and carts add up, and with them the time of every start.
const N_LIVES: u32 = 20;

/// What the kills came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Kills.
    pub n_kills: u32,
    /// Kills of a runner that had not said yet that it runs.
    pub n_early: u32,
    /// Requests under way when a kill came: sent, and never answered.
    pub n_unanswered: usize,
    /// Events that were answered with 202.
    pub n_acknowledged: usize,
    /// Mails in the outbox.
    pub n_mails: usize,
    /// Stages presumed sent without a mail: the miss that the demo shop's policy chooses.
    pub n_presumed: usize,
    /// What must not be.
    pub faults: Vec<(Fault, String)>,
}

/// What a kill must not bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An acknowledged event is gone.
    Lost,
    /// A second mail of one cart and stage.
    Second,
    /// A stage without an end.
    Forgotten,
    /// The log says what the outbox does not.
    Untrue,
    /// The clock went back.
    Clock,
}

impl Figures {
    /// How often `fault` was found.
    #[must_use]
    pub fn count(&self, fault: Fault) -> usize {
        self.faults
            .iter()
            .filter(|(kind, _)| *kind == fault)
            .count()
    }

    fn note(&mut self, fault: Fault, text: String) {
        self.faults.push((fault, text));
    }
}

/// Kills the `cartback` at `binary` at least `n_kills` times, at instants that `seed` chooses.
///
/// # Panics
/// When it does not start again, or the machine does not let us start it at all.
#[must_use]
pub fn kill(binary: &Path, n_kills: u32, seed: u64) -> Figures {
    let mut figures = Figures::default();
    for round in 0..n_kills.div_ceil(N_LIVES) {
        let mut rng = Rng::with_seed(seed ^ u64::from(round));
        let folder = env::temp_dir().join(format!("cartback-kills-{}-{round}", process::id()));
        let mut shops = Shops::new(round);
        for _ in 0..N_LIVES {
            shops.live(binary, &folder, &mut rng, &mut figures);
        }
        shops.conclude(binary, &folder, &mut figures);
        // What cannot be removed is left to the machine's own clean-up.
        let _ = fs::remove_dir_all(&folder);
    }
    figures
}

/// What the shops around one data folder know.
struct Shops {
    posters: Vec<Mutex<Poster>>,
    /// The latest time that an answer told, in milliseconds since 1970.
    clock_ms: AtomicI64,
}

/// One shop's carts, in the order in which it sends of them.
struct Poster {
    name: String,
    n_sent: u64,
    /// Not answered yet: sent again after the restart, as storefronts do.
    pending: Option<Event>,
    acknowledged: Vec<Event>,
}

#[derive(Clone)]
struct Event {
    cart: String,
    at: Timestamp,
    body: Value,
}

impl Shops {
    fn new(round: u32) -> Self {
        let poster = |n| Poster {
            name: format!("r{round}-p{n}"),
            n_sent: 0,
            pending: None,
            acknowledged: Vec::new(),
        };
        Self {
            posters: (0..N_POSTERS).map(|n| Mutex::new(poster(n))).collect(),
            clock_ms: AtomicI64::new(0),
        }
    }

    /// One life of the runner, up to its kill.
    fn live(&mut self, binary: &Path, folder: &Path, rng: &mut Rng, figures: &mut Figures) {
        figures.n_kills += 1;
        let mut runner = Runner::start(binary, folder);
        if rng.u8(0..5) == 0 {
            spin(rng.u32(0..100_000));
            figures.n_early += 1;
            return;
        }
        let origin = runner.origin();
        self.see_clock(&origin, figures);
        let n_answers = AtomicU64::new(0);
        let (n_before_kill, n_turns) = (rng.u64(0..60), rng.u32(0..20_000));
        let turns: Vec<u32> = (0..200).map(|_| rng.u32(30..2_400)).collect();
        thread::scope(|scope| {
            for poster in &self.posters {
                let (origin, n_answers) = (&origin, &n_answers);
                let clock_ms = &self.clock_ms;
                scope.spawn(move || {
                    let mut poster = poster.lock().unwrap();
                    while poster.post(origin, clock_ms) {
                        n_answers.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            scope.spawn(|| {
                for advance_s in turns {
                    let order = json!({ "advance_s": advance_s });
                    let Some(turn) = post(&origin, "/local/clock", &order) else {
                        return;
                    };
                    self.clock_ms.fetch_max(time_ms(&turn), Ordering::Relaxed);
                    n_answers.fetch_add(1, Ordering::Relaxed);
                }
            });
            while n_answers.load(Ordering::Relaxed) < n_before_kill {
                thread::yield_now();
            }
            spin(n_turns);
            // The shops and the clock stop when nobody answers any more.
            runner.kill();
        });
        let is_pending = |poster: &&Mutex<Poster>| poster.lock().unwrap().pending.is_some();
        figures.n_unanswered += self.posters.iter().filter(is_pending).count();
    }

    fn see_clock(&self, origin: &str, figures: &mut Figures) {
        let now_ms = time_ms(&get(origin, "/local/clock"));
        let known_ms = self.clock_ms.fetch_max(now_ms, Ordering::Relaxed);
        if now_ms < known_ms {
            let fault = format!("the clock went back by {} ms", known_ms - now_ms);
            figures.note(Fault::Clock, fault);
        }
    }

    /// Lets the last life go on to the end of all stages, and looks at everything.
    fn conclude(self, binary: &Path, folder: &Path, figures: &mut Figures) {
        let mut runner = Runner::start(binary, folder);
        let origin = runner.origin();
        self.see_clock(&origin, figures);
        let to_the_end = json!({ "advance_s": 80 * 3600 });
        post(&origin, "/local/clock", &to_the_end).unwrap();
        let mailed = see_mails(&origin, figures);
        let mut acknowledged: HashMap<String, Vec<Timestamp>> = HashMap::new();
        for poster in self.posters {
            for event in poster.into_inner().unwrap().acknowledged {
                figures.n_acknowledged += 1;
                acknowledged.entry(event.cart).or_default().push(event.at);
            }
        }
        for (cart, events) in acknowledged {
            let story = get(&origin, &format!("/local/carts/demo/{cart}"));
            see_cart(&cart, &events, &story, &mailed, figures);
        }
    }
}

/// The cart and stage of every mail; two of one cart and stage are a fault.
fn see_mails(origin: &str, figures: &mut Figures) -> HashSet<(String, String)> {
    let mut mailed = HashSet::new();
    for mail in get(origin, "/local/mails").as_array().unwrap() {
        let [cart, stage] = ["cart", "stage"].map(|name| mail[name].as_str().unwrap().to_owned());
        figures.n_mails += 1;
        if !mailed.insert((cart.clone(), stage.clone())) {
            figures.note(Fault::Second, format!("{cart} got a second {stage}"));
        }
    }
    mailed
}

fn see_cart(
    cart: &str,
    events: &[Timestamp],
    story: &Value,
    mailed: &HashSet<(String, String)>,
    figures: &mut Figures,
) {
    let timeline = story["timeline"].as_array();
    let told: HashSet<Timestamp> = timeline
        .into_iter()
        .flatten()
        .map(|line| line["at"].as_str().unwrap().parse().unwrap())
        .collect();
    for at in events.iter().filter(|at| !told.contains(at)) {
        figures.note(Fault::Lost, format!("{cart} lost its event of {at}"));
    }
    let sequence = &story["state"]["sequence"];
    if sequence["phase"] != "done" {
        figures.note(
            Fault::Forgotten,
            format!("{cart} was forgotten: {sequence}"),
        );
    }
    for log in sequence["log"].as_array().into_iter().flatten() {
        let stage = log["stage"].as_str().unwrap().to_owned();
        let is_mailed = mailed.contains(&(cart.to_owned(), stage));
        figures.n_presumed += usize::from(log["result"] == "presumed" && !is_mailed);
        if (log["result"] == "sent") != is_mailed {
            figures.note(
                Fault::Untrue,
                format!("{cart} has a log that is not true: {log}"),
            );
        }
    }
}

impl Poster {
    /// Sends the next event, or the one that was not answered; `false` if nobody answers.
    fn post(&mut self, origin: &str, clock_ms: &AtomicI64) -> bool {
        let event = match &self.pending {
            Some(event) => event.clone(),
            None => self.next(clock_ms.load(Ordering::Relaxed)),
        };
        self.pending = Some(event.clone());
        if post(origin, "/shop/events", &event.body).is_none() {
            return false;
        }
        self.pending = None;
        self.acknowledged.push(event);
        true
    }

    /// Two snapshots of each cart, and an order of every third.
    fn next(&mut self, now_ms: i64) -> Event {
        let n = self.n_sent;
        self.n_sent += 1;
        let (cart_n, step) = (n / 3, n % 3);
        let cart = format!("{}-c{cart_n}", self.name);
        // In the past, so that it stays what it is on arrival; and of no other event of this shop.
        let before =
            SignedDuration::from_secs(10) - SignedDuration::from_millis((n % 5_000).cast_signed());
        let at = Timestamp::from_millisecond(now_ms).unwrap() - before;
        let id = format!("{}-e{n}", self.name);
        let body = if step == 2 && cart_n.is_multiple_of(3) {
            json!({ "type": "order.placed", "id": id, "at": at, "cart_id": cart, "order": { "id": cart } })
        } else {
            json!({
                "type": "cart.updated", "id": id, "at": at,
                "cart": { "id": cart, "currency": "USD",
                          "items": [{ "id": "a", "title": "Lantern", "quantity": step + 1, "price": "49.00" }] },
                "contact": { "email": format!("{cart}@example.com") },
                "consent": { "state": "granted", "basis": "express" },
            })
        };
        Event { cart, at, body }
    }
}

/// A running `cartback local`, killed with this value.
struct Runner {
    child: Child,
}

impl Runner {
    fn start(binary: &Path, folder: &Path) -> Self {
        let mut command = Command::new(binary);
        command.args(["local", "--port", "0", "--data"]).arg(folder);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped());
        Self {
            child: child.spawn().unwrap(),
        }
    }

    /// Waits until it runs; where it listens.
    fn origin(&mut self) -> String {
        let mut output = BufReader::new(self.child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("Cartback runs at ");
        let origin = origin.expect("the runner does not start again after a kill");
        origin.to_owned()
    }

    fn kill(&mut self) {
        // On Unix this is SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary called `cartback` in the folder of this program or in the one above, where cargo puts it.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn binary() -> PathBuf {
    let this = env::current_exe().unwrap();
    let name = format!("cartback{}", env::consts::EXE_SUFFIX);
    let folders = this.ancestors().skip(1).take(2);
    let binary = folders
        .map(|folder| folder.join(&name))
        .find(|binary| binary.exists());
    binary.expect("cartback is missing; run `make test` or `make kills`, which build it")
}

/// Lets time pass without waiting for anything.
fn spin(n_turns: u32) {
    for _ in 0..n_turns {
        thread::yield_now();
    }
}

/// The answer to a request; `None` if the runner is gone.
///
/// # Panics
/// When it answers with a failure: a runner that lives takes what we send.
fn post(origin: &str, path: &str, body: &Value) -> Option<Value> {
    match ureq::post(format!("{origin}{path}")).send(body.to_string()) {
        Ok(mut answer) => {
            let text = answer.body_mut().read_to_string().ok()?;
            Some(serde_json::from_str(&text).unwrap_or(Value::Null))
        }
        Err(ureq::Error::StatusCode(status)) => panic!("{path} is answered with {status}"),
        Err(_) => None,
    }
}

fn get(origin: &str, path: &str) -> Value {
    let mut answer = ureq::get(format!("{origin}{path}")).call().unwrap();
    let text = answer
        .body_mut()
        .with_config()
        .limit(u64::MAX)
        .read_to_string();
    serde_json::from_str(&text.unwrap()).unwrap()
}

fn time_ms(answer: &Value) -> i64 {
    let now: Timestamp = answer["now"].as_str().unwrap().parse().unwrap();
    now.as_millisecond()
}
