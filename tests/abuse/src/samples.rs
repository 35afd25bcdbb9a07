//! The samples of messages and replies that lie beside the adapters, as a start for whoever wants to break them.

use std::path::{Path, PathBuf};

use crate::genuine::NOW;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder() -> PathBuf {
    root().join("shared/cartback/fixtures/storefront")
}

pub(crate) fn sample_text(path: &str) -> String {
    std::fs::read_to_string(folder().join(path)).unwrap_or_default()
}

/// Every sample of a storefront, in the order of their names; keys and signatures are none.
pub(crate) fn samples(name: &str) -> Vec<Vec<u8>> {
    files(name, |file| !file.starts_with("reply-"))
}

/// What the storefront answers in our samples, if it is asked.
#[must_use]
pub fn replies(name: &str) -> Vec<Vec<u8>> {
    files(name, |file| file.starts_with("reply-"))
}

fn files(name: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder().join(name)).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
        .iter()
        .filter(|file| {
            let name = file
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let is_key = name.starts_with("jwks") || name.starts_with("test-key");
            let is_json = !name.ends_with(".pem") && name != "signatures.txt";
            is_json && !is_key && is_wanted(name)
        })
        .filter_map(|file| std::fs::read(file).ok())
        .collect()
}

pub(crate) fn own_examples() -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(root().join("docs/events.md")).unwrap_or_default();
    text.split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|block| block.contains("\"type\": \""))
        .map(|block| block.as_bytes().to_vec())
        .collect()
}

pub(crate) fn sent_now(sample: &[u8]) -> Option<Vec<u8>> {
    let mut sample: serde_json::Value = serde_json::from_slice(sample).ok()?;
    sample["timestamp"] = NOW.as_second().into();
    Some(sample.to_string().into_bytes())
}

pub(crate) fn after_line(sample: &[u8]) -> Option<Vec<u8>> {
    let end = sample.iter().position(|byte| *byte == b'\n')?;
    Some(sample[end + 1..].to_vec())
}
