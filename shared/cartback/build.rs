//! Compiles the MJML of the mails to HTML and checks every template, so that a bad one breaks the
//! build and a mail costs one template evaluation. Packs the domains that give addresses away.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use mrml::prelude::parser::ParserOptions;
use mrml::prelude::parser::memory_loader::MemoryIncludeLoader;
use mrml::prelude::render::RenderOptions;

const STAGES: [&str; 3] = ["nudge", "follow_up", "final"];

fn main() {
    println!("cargo::rerun-if-changed=templates");
    if let Err(problem) = build() {
        println!("cargo::error={}", problem.replace('\n', " "));
    }
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script so")]
fn build() -> Result<(), String> {
    let out_dir = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);
    fs::write(out_dir.join("disposable.fst"), disposable_domains()?)
        .map_err(|error| error.to_string())?;
    compile_templates(&out_dir)
}

fn disposable_domains() -> Result<Vec<u8>, String> {
    let domains: BTreeSet<_> = mailchecker::blacklist().into_iter().collect();
    let set = fst::Set::from_iter(domains).map_err(|error| format!("mailchecker: {error}"))?;
    Ok(set.into_fst().into_inner())
}

fn compile_templates(out_dir: &Path) -> Result<(), String> {
    let templates = templates().map_err(|error| format!("templates: {error}"))?;
    for stage in STAGES {
        let name = format!("{stage}/body.mjml");
        let html = html(&name, &templates)?;
        check_tags(&name, &html)?;
        fs::write(out_dir.join(format!("{stage}.html")), html)
            .map_err(|error| error.to_string())?;
    }
    for (name, text) in templates
        .iter()
        .filter(|(name, _)| !name.ends_with(".mjml"))
    {
        check_tags(name, text)?;
    }
    Ok(())
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

fn html(name: &str, templates: &HashMap<String, String>) -> Result<String, String> {
    let mjml = templates
        .get(name)
        .ok_or_else(|| format!("templates/{name} is missing"))?;
    let includes = MemoryIncludeLoader::from(templates.clone());
    let options = ParserOptions {
        include_loader: Box::new(includes),
    };
    let parsed = mrml::parse_with_options(mjml, &options)
        .map_err(|error| format!("templates/{name}: {error}"))?;
    if let Some(warning) = parsed.warnings.first() {
        return Err(format!("templates/{name}: {warning}"));
    }
    // The default fonts are links to Google: a mail makes no request that its shop did not choose.
    let options = RenderOptions {
        disable_comments: true,
        fonts: HashMap::new(),
        ..RenderOptions::default()
    };
    let html = parsed
        .element
        .render(&options)
        .map_err(|error| format!("templates/{name}: {error}"))?;
    // An unknown element is passed through as it stands.
    if let Some(at) = html.find("<mj-") {
        let name_of_element = html[at..].split([' ', '>']).next().unwrap_or_default();
        return Err(format!(
            "templates/{name}: {name_of_element}> is no MJML element here"
        ));
    }
    Ok(html
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n"))
}

fn check_tags(name: &str, template: &str) -> Result<(), String> {
    minijinja::Environment::new()
        .template_from_named_str(name, template)
        .map(drop)
        .map_err(|error| format!("templates/{name}: {error}"))
}
