//! A shop's own messages and templates: files in a folder beside its settings, `my-shop/` beside
//! `my-shop.toml`. Read, checked and compiled here, so that a function only fills them in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use cartback::language::{Wording, messages};
use cartback_wording::{Fault, Language, Messages, compile, known_values, template_faults};
use include_dir::{Dir, include_dir};

use crate::Failure;

/// Cartback's own templates, which a shop's take the place of.
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../shared/cartback/templates");

const STAGES: [&str; 3] = ["nudge", "follow_up", "final"];

/// All of it is stored with the settings, in one item of at most 400 KB.
const MAX_BYTES: usize = 250_000;

/// What the folder beside `settings` holds; nothing if there is none.
///
/// Fails with every fault, each with its file and line.
pub(crate) fn load(settings: &Path) -> Result<Wording, Failure> {
    let folder = settings.with_extension("");
    let mut faults = Vec::new();
    let mut wording = Wording::default();
    for (name, source) in files(&folder.join("messages"))? {
        let file = folder.join("messages").join(&name).display().to_string();
        match own_messages(&file, &name, &source) {
            Ok(language) => {
                wording.messages.insert(language.to_string(), source);
            }
            Err(own) => faults.extend(own),
        }
    }
    let own = files(&folder.join("templates"))?;
    faults.extend(
        own.iter()
            .flat_map(|(name, source)| own_template(&folder, name, source)),
    );
    if faults.is_empty() {
        match compiled(&own) {
            Ok(templates) => wording.templates = templates.into_iter().collect(),
            Err(fault) => faults.push(Fault {
                file: folder.join(&fault.file).display().to_string(),
                ..fault
            }),
        }
    }
    let texts = wording.messages.values().chain(wording.templates.values());
    let n_bytes: usize = texts.map(String::len).sum();
    if MAX_BYTES < n_bytes {
        let folder = folder.display();
        return Err(format!("{folder}: {n_bytes} bytes of messages and templates are too many; keep to what differs, {MAX_BYTES} at most").into());
    }
    if faults.is_empty() {
        return Ok(wording);
    }
    faults.sort();
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    Err(lines.join("\n").into())
}

fn own_messages(file: &str, name: &str, source: &str) -> Result<Language, Vec<Fault>> {
    let language = name
        .strip_suffix(".ftl")
        .and_then(|code| code.parse::<Language>().ok());
    let Some(language) = language else {
        return Err(vec![Fault {
            file: file.to_owned(),
            line: 1,
            what: "name the file by its language: en.ftl, de.ftl, fr.ftl, es.ftl, ja.ftl or ar.ftl"
                .to_owned(),
        }]);
    };
    let own = Messages::read(file, source, language)?;
    let faults = own.override_faults(file, &known()?);
    if faults.is_empty() {
        Ok(language)
    } else {
        Err(faults)
    }
}

fn own_template(folder: &Path, name: &str, source: &str) -> Vec<Fault> {
    let file = folder.join("templates").join(name).display().to_string();
    if TEMPLATES.get_file(name).is_none() {
        let what = "there is no such template to take the place of; docs/mails.md lists them";
        return vec![Fault {
            file,
            line: 1,
            what: what.to_owned(),
        }];
    }
    match known() {
        Ok(messages) => template_faults(&file, source, &messages, &known_values(name)),
        Err(faults) => faults,
    }
}

/// The templates as functions fill them, those that `own` changes.
fn compiled(own: &HashMap<String, String>) -> Result<HashMap<String, String>, Fault> {
    let mut ready: HashMap<_, _> = own.clone();
    ready.retain(|name, _| !name.ends_with(".mjml"));
    if own.keys().any(|name| name.ends_with(".mjml")) {
        let mut all = bundled(&TEMPLATES);
        all.extend(own.clone());
        for stage in STAGES {
            let html = compile(&format!("{stage}/body.mjml"), &all)?;
            ready.insert(format!("{stage}/body.html"), html);
        }
    }
    Ok(ready)
}

fn bundled(folder: &Dir<'_>) -> HashMap<String, String> {
    let mut files = HashMap::new();
    for file in folder.files() {
        let text = file.contents_utf8().unwrap_or_default().to_owned();
        files.insert(file.path().to_string_lossy().into_owned(), text);
    }
    for inner in folder.dirs() {
        files.extend(bundled(inner));
    }
    files
}

fn known() -> Result<Messages, Vec<Fault>> {
    let english = Language::English;
    Messages::read("en.ftl", messages(english), english)
}

/// All files below `folder` by their path from there; none if there is no such folder.
fn files(folder: &Path) -> Result<HashMap<String, String>, Failure> {
    let mut files = HashMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for path in listed(&inner).map_err(|fault| format!("{}: {fault}", inner.display()))? {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                let text = fs::read_to_string(&path);
                let text = text.map_err(|fault| format!("{}: {fault}", path.display()))?;
                files.insert(name, text);
            }
        }
    }
    Ok(files)
}

fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect(),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}
