//! Other programs that a test starts, and ends by their own handle.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio, id};
use std::{env, fs};

use serde_json::{Value, json};

pub(crate) const REMEDY: &str = "run `make test`: it builds the runner and installs the browser";

/// The operator's command, which cargo puts two folders above the tests.
pub(crate) fn cartback() -> PathBuf {
    let this = env::current_exe().unwrap();
    let folder = this.parent().and_then(Path::parent).unwrap();
    let binary = folder.join(format!("cartback{}", env::consts::EXE_SUFFIX));
    assert!(binary.exists(), "{} is missing; {REMEDY}", binary.display());
    binary
}

/// Posts `body` to a runner at `origin`.
pub(crate) fn post(origin: &str, path: &str, body: &Value) {
    let answer = ureq::post(format!("{origin}{path}")).send(body.to_string());
    assert!(answer.unwrap().status().is_success());
}

/// Cart `c1` of a person who agreed to reminders.
pub(crate) fn cart() -> Value {
    json!({
        "type": "cart.updated", "id": "e1",
        "cart": { "id": "c1", "currency": "USD",
                  "items": [{ "id": "a", "title": "Lantern", "quantity": 1, "price": "49.00" }] },
        "contact": { "email": "ada@example.com" },
        "consent": { "state": "granted", "basis": "express" },
    })
}

/// A process of the test's own, which ends with this value.
pub(crate) struct Process {
    child: Child,
    name: String,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts `command` and listens to it.
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child =
            started.unwrap_or_else(|error| panic!("{name} does not start: {error}; {REMEDY}"));
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            name,
            output,
        }
    }

    /// Reads on to the line with `words`; returns what stands behind them.
    pub(crate) fn says(&mut self, words: &str) -> String {
        let mut line = String::new();
        while 0 < self.output.read_line(&mut line).unwrap() {
            if let Some((_, rest)) = line.split_once(words) {
                return rest.trim_end().to_owned();
            }
            line.clear();
        }
        panic!("{} ended without saying `{words}`", self.name)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder of one test's own, gone with the value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// An empty folder; `name` is the test's alone.
    pub(crate) fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("cartback-{name}-{}", id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A file in it with `text`.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.0.join(name);
        fs::write(&file, text).unwrap();
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the machine's own clean-up.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a command that ran to its end came to.
pub(crate) struct Ended {
    pub(crate) is_success: bool,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Runs `cartback` to its end, with nothing set in its environment.
pub(crate) fn run(args: &[&str]) -> Ended {
    run_beside(Path::new("/nowhere"), args)
}

/// The same, where the programs of `tools` are the only ones.
pub(crate) fn run_beside(tools: &Path, args: &[&str]) -> Ended {
    let output = Command::new(cartback())
        .args(args)
        .env_clear()
        .env("PATH", tools)
        .output()
        .unwrap();
    Ended {
        is_success: output.status.success(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder whose `spamassassin` finds the rule `STAND_IN` in every mail that has a subject.
pub(crate) fn spam_filter(folder: &Folder) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;

    let script = r#"#!/bin/sh
while read -r line; do
    case $line in Subject:*) echo "X-Spam-Status: No, score=0.3 required=5.0 tests=STAND_IN autolearn=no" ;; esac
done
"#;
    let file = folder.file("spamassassin", script);
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    folder.0.clone()
}
