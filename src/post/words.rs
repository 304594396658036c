//! The words of letters: plain text from `report-templates/post`, carried in the program.
//!
//! The first line of a template is the title; the text follows after an empty line.

use handlebars::Handlebars;
use rust_embed::RustEmbed;
use serde::Serialize;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "report-templates/post"]
struct Sources;

/// A letter's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub title: String,
    pub body: String,
}

static TEMPLATES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    // It is no HTML.
    registry.register_escape_fn(handlebars::no_escape);
    for file in Sources::iter() {
        let Some(name) = file.strip_suffix(".hbs") else { continue };
        let source = Sources::get(&file).expect("a listed file is there");
        let source = std::str::from_utf8(&source.data).expect("a template is text");
        registry.register_template_string(name, source).expect("the built-in letters are sound");
    }
    registry
});

/// Writes the words of a letter, such as `pack-released`, with its values.
///
/// # Errors
/// Says in words what is wrong: the template is at fault, or a value is missing.
pub fn written(template: &str, values: &impl Serialize) -> Result<Words, String> {
    let text = TEMPLATES.render(template, values).map_err(|error| error.to_string())?;
    let (title, body) = text.split_once('\n').unwrap_or((&text, ""));
    Ok(Words { title: title.trim().to_owned(), body: format!("{}\n", body.trim()) })
}
