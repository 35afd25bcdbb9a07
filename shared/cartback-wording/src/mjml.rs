//! MJML to HTML, once and before any mail: a mail then costs one template evaluation.

use std::collections::HashMap;

use mrml::prelude::parser::ParserOptions;
use mrml::prelude::parser::memory_loader::MemoryIncludeLoader;
use mrml::prelude::render::RenderOptions;

use crate::{Fault, line_of};

/// Compiles the MJML of `templates[name]`, with its includes from `templates`, to the HTML of a template.
///
/// # Errors
/// What is no MJML, at the line where it stands, or at the first if the compiler does not say.
pub fn compile(name: &str, templates: &HashMap<String, String>) -> Result<String, Fault> {
    let file = format!("templates/{name}");
    let fault = |what: String| Fault::new(&file, 1, what);
    let mjml = templates
        .get(name)
        .ok_or_else(|| fault("the template is missing".to_owned()))?;
    let includes = MemoryIncludeLoader::from(templates.clone());
    let options = ParserOptions {
        include_loader: Box::new(includes),
    };
    let parsed =
        mrml::parse_with_options(mjml, &options).map_err(|error| fault(error.to_string()))?;
    if let Some(warning) = parsed.warnings.first() {
        return Err(fault(warning.to_string()));
    }
    // The default fonts are links to Google: a mail makes no request that its shop did not choose.
    let options = RenderOptions {
        disable_comments: true,
        fonts: HashMap::new(),
        ..RenderOptions::default()
    };
    let rendered = parsed.element.render(&options);
    let html = rendered.map_err(|error| fault(error.to_string()))?;
    // An unknown element is passed through as it stands.
    if let Some(at) = html.find("<mj-") {
        let element = html[at..].split([' ', '>']).next().unwrap_or_default();
        let line = mjml.find(element).map_or(1, |at| line_of(mjml, at));
        let what = format!("{element}> is no MJML element here");
        return Err(Fault::new(&file, line, what));
    }
    let html = tidied(&html);
    // MJML copies some values into attributes, and escapes what it finds there.
    if let Err(error) = minijinja::Environment::empty().template_from_named_str(name, &html) {
        return Err(fault(error.to_string()));
    }
    Ok(html)
}

/// `html` in lines of a sensible length, as SMTP takes no more than 998 bytes, and with a preview text that
/// does not look like white on white.
fn tidied(html: &str) -> String {
    let mut html = html.replace(
        "color:#ffffff;line-height:1px",
        "color:#18181b;line-height:1px",
    );
    // Between these tags and inside of any tag a line break means nothing.
    for tag in ["<table", "<tr", "<td", "<div", "<!--[if"] {
        html = html.replace(tag, &format!("\n{tag}"));
    }
    html = html.replace(" style=\"", "\nstyle=\"");
    let lines = html.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
