//! One function as Lambda runs it: a process that asks a Runtime API on loopback for its events. All that
//! is measured is the process's own CPU time, which other work on the machine barely changes.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::{get, post};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

use crate::machine::now;

/// The function's time-out in the template.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Longer than any function may take here, on the busiest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a function is started: its name, program, arguments and environment.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// As the tables call it.
    pub(crate) name: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// All of its environment but what Lambda adds.
    pub(crate) environment: Vec<(String, String)>,
}

/// A running function.
pub(crate) struct Function {
    child: Child,
    api: Arc<RuntimeApi>,
    events: mpsc::Sender<String>,
    asked: mpsc::Receiver<Duration>,
    answers: mpsc::Receiver<(Duration, Result<String, String>)>,
    /// CPU time when it last asked for an event.
    idle_at: Duration,
    server: tokio::task::JoinHandle<()>,
}

/// One invocation.
pub(crate) struct Invocation {
    /// The JSON that the function answered.
    pub(crate) answer: String,
    /// CPU time of the process since its start, at the answer.
    pub(crate) total_cpu: Duration,
    /// CPU time from the event to the next question, logs and all.
    pub(crate) cpu: Duration,
}

struct RuntimeApi {
    pid: AtomicU32,
    n_events: AtomicU64,
    events: Mutex<mpsc::Receiver<String>>,
    asked: mpsc::Sender<Duration>,
    answers: mpsc::Sender<(Duration, Result<String, String>)>,
}

impl Launch {
    /// Starts it, and waits until it has initialised itself and asks for its first event.
    pub(crate) async fn start(&self) -> Function {
        let (events, event_queue) = mpsc::channel(1);
        let (asked_sender, asked) = mpsc::channel(4);
        let (answer_sender, answers) = mpsc::channel(4);
        let api = Arc::new(RuntimeApi {
            pid: AtomicU32::new(0),
            n_events: AtomicU64::new(0),
            events: Mutex::new(event_queue),
            asked: asked_sender,
            answers: answer_sender,
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failure))
            .route("/2018-06-01/runtime/init/error", post(init_failure))
            .with_state(Arc::clone(&api));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .env_clear()
            .envs(self.environment.iter().cloned())
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", &self.name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdout(Stdio::null())
            .stderr(crate::machine::errors())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.command[0]));
        api.pid.store(child.id(), Ordering::Release);
        let mut function = Function {
            child,
            api,
            events,
            asked,
            answers,
            idle_at: Duration::ZERO,
            server,
        };
        function.wait_until_idle().await;
        function
    }
}

impl Function {
    /// CPU time of the process up to its last question.
    pub(crate) fn cpu(&self) -> Duration {
        self.idle_at
    }

    /// Hands it one event, and waits until it asks for the next.
    pub(crate) async fn invoke(&mut self, event: &str) -> Invocation {
        let before = self.idle_at;
        self.events.send(event.to_owned()).await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        let (total_cpu, answer) = answer.expect("the function answers in time").unwrap();
        let answer = answer.unwrap_or_else(|fault| panic!("the function failed: {fault}"));
        self.wait_until_idle().await;
        Invocation {
            answer,
            total_cpu,
            cpu: self.idle_at - before,
        }
    }

    /// The most memory that it ever held, in kilobytes.
    pub(crate) fn peak_rss_kb(&self) -> u64 {
        let pid = self.api.pid.load(Ordering::Acquire);
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.unwrap().parse().unwrap()
    }

    async fn wait_until_idle(&mut self) {
        let end = Instant::now() + PATIENCE;
        loop {
            tokio::select! {
                asked = self.asked.recv() => {
                    self.idle_at = asked.unwrap();
                    return;
                }
                () = tokio::time::sleep(Duration::from_millis(100)) => {
                    let ended = self.child.try_wait().unwrap();
                    assert!(ended.is_none(), "the function ended: {ended:?}; BENCH_VERBOSE=1 shows what it says");
                    assert!(Instant::now() < end, "the function does not ask for an event");
                }
            }
        }
    }
}

/// Ends it, as Lambda does: without asking.
impl Drop for Function {
    fn drop(&mut self) {
        self.server.abort();
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl RuntimeApi {
    /// User and system time of the process, to the nanosecond, threads that have ended included. The kernel adds a thread's
    /// time when it stops to run, so this waits until all of them have.
    async fn cpu(&self) -> Duration {
        while self.pid.load(Ordering::Acquire) == 0 {
            // It may ask before the one who started it has noted who it is.
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            if self.threads().iter().all(|stat| !stat.contains(") R ")) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let pid = i32::try_from(self.pid.load(Ordering::Acquire)).unwrap();
        let clock = clock_getcpuclockid(Pid::from_raw(pid)).unwrap();
        clock.now().unwrap().into()
    }

    /// What the kernel says of each thread.
    fn threads(&self) -> Vec<String> {
        let pid = self.pid.load(Ordering::Acquire);
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        let texts = tasks.map(|task| fs::read_to_string(task?.path().join("stat")));
        // A thread may end while we look.
        texts.filter_map(Result::ok).collect()
    }
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> (HeaderMap, String) {
    api.asked.send(api.cpu().await).await.unwrap();
    let Some(event) = api.events.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let id = api.n_events.fetch_add(1, Ordering::Relaxed);
    let deadline = now().as_millisecond() + i64::try_from(TIMEOUT.as_millis()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        (
            "lambda-runtime-aws-request-id",
            &format!("00000000-0000-4000-8000-{id:012}"),
        ),
        ("lambda-runtime-deadline-ms", &deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:bench",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
        ),
    ] {
        headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
    (headers, event)
}

async fn answer(
    State(api): State<Arc<RuntimeApi>>,
    Path(_): Path<String>,
    body: String,
) -> StatusCode {
    api.answers.send((api.cpu().await, Ok(body))).await.unwrap();
    StatusCode::ACCEPTED
}

async fn failure(
    State(api): State<Arc<RuntimeApi>>,
    Path(_): Path<String>,
    body: String,
) -> StatusCode {
    api.answers
        .send((api.cpu().await, Err(body)))
        .await
        .unwrap();
    StatusCode::ACCEPTED
}

async fn init_failure(body: String) -> StatusCode {
    eprintln!("the function did not start: {body}");
    StatusCode::ACCEPTED
}
