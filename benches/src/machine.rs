//! The machine and the moment of a run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;

/// The one place where the benches read the clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A function as `cargo lambda build` left it, to be deployed.
pub(crate) fn deployed(name: &str) -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    let target = binary.parent().and_then(Path::parent).unwrap();
    existing(target.join("lambda").join(name).join("bootstrap"))
}

/// A program that was built beside this one.
pub(crate) fn neighbour(name: &str) -> PathBuf {
    existing(std::env::current_exe().unwrap().with_file_name(name))
}

fn existing(program: PathBuf) -> PathBuf {
    let path = program.display();
    assert!(
        program.exists(),
        "{path} is missing; `make bench` builds it"
    );
    program
}

/// What the processes say on their standard error: nothing, or all of it with `BENCH_VERBOSE`.
pub(crate) fn errors() -> Stdio {
    if std::env::var_os("BENCH_VERBOSE").is_some() {
        Stdio::inherit()
    } else {
        Stdio::null()
    }
}

/// Commit, date, processor and load, a line each.
pub(crate) fn description(load_before: &str) -> Vec<String> {
    vec![
        format!("commit {}", commit()),
        format!("{}", now().strftime("%Y-%m-%d %H:%M UTC")),
        format!("{}, {} processors", processor(), processors()),
        format!("load {} before, {} after (one minute)", load_before, load()),
    ]
}

/// How many processes wanted a processor in the last minute, on average.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(root())
            .output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_default();
    // The results themselves are written after the commit that they measure.
    let changed =
        git(&["status", "--porcelain", "--", ".", ":!docs/benchmarks.md"]).unwrap_or_default();
    if changed.is_empty() {
        commit
    } else {
        format!("{commit} with changes")
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|model| model.trim_start_matches(['\t', ' ', ':']));
    model.unwrap_or("a processor without a name").to_owned()
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
