//! Checks all that shoppers read, and compiles the MJML of the mails: a message that a translation lacks,
//! a value that a template cannot have or a sentence that no message file has breaks the build. Packs the
//! domains that give addresses away.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use cartback_wording::{
    Fault, Language, Messages, compile, known_values, template_faults, translation_faults,
    visible_text,
};

const STAGES: [&str; 3] = ["nudge", "follow_up", "final"];

fn main() {
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=messages");
    match build() {
        Ok(faults) => {
            for fault in faults {
                println!("cargo::error={}", fault.to_string().replace('\n', " "));
            }
        }
        Err(error) => println!("cargo::error={error}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script so")]
fn build() -> Result<Vec<Fault>, Box<dyn std::error::Error>> {
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out_dir.join("disposable.fst"), disposable_domains()?)?;
    let (english, mut faults) = messages()?;
    let templates = templates()?;
    for stage in STAGES {
        match compile(&format!("{stage}/body.mjml"), &templates) {
            Ok(html) => fs::write(out_dir.join(format!("{stage}.html")), html)?,
            Err(fault) => faults.push(fault),
        }
    }
    for (name, source) in &templates {
        let file = format!("templates/{name}");
        faults.extend(template_faults(
            &file,
            source,
            &english,
            &known_values(name),
        ));
        // Sentences belong into message files, where they are translated.
        let text = visible_text(source);
        if let Some(at) = text.lines().position(speaks) {
            faults.push(Fault {
                file,
                line: at + 1,
                what: "the template has a text of its own; put it into the messages".to_owned(),
            });
        }
    }
    faults.sort();
    Ok(faults)
}

fn disposable_domains() -> Result<Vec<u8>, fst::Error> {
    let domains: BTreeSet<_> = mailchecker::blacklist().into_iter().collect();
    Ok(fst::Set::from_iter(domains)?.into_fst().into_inner())
}

/// Whether the line says something: entities are signs, and a custom property of CSS is none of it.
fn speaks(line: &str) -> bool {
    let is_style = line.trim_start().starts_with("--");
    let mut parts = line.split('&');
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once(';').map_or(part, |(_, rest)| rest));
    let mut texts = std::iter::once(first).chain(rest);
    !is_style && texts.any(|text| text.contains(char::is_alphabetic))
}

fn messages() -> io::Result<(Messages, Vec<Fault>)> {
    let mut faults = Vec::new();
    let mut english = Messages::default();
    for language in Language::ALL {
        let file = format!("messages/{language}.ftl");
        match Messages::read(&file, &fs::read_to_string(&file)?, language) {
            Ok(messages) if language == Language::English => english = messages,
            Ok(messages) => faults.extend(translation_faults(&english, &messages, &file)),
            Err(own) => faults.extend(own),
        }
    }
    Ok((english, faults))
}

/// All templates by their path below `templates/`.
fn templates() -> io::Result<HashMap<String, String>> {
    let mut templates = HashMap::new();
    for folder in fs::read_dir("templates")? {
        let folder = folder?;
        for file in fs::read_dir(folder.path())? {
            let file = file?;
            let name = Path::new(&folder.file_name()).join(file.file_name());
            templates.insert(
                name.to_string_lossy().into_owned(),
                fs::read_to_string(file.path())?,
            );
        }
    }
    Ok(templates)
}
