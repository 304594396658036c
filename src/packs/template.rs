//! Templates: handlebars over a pack's words, giving the markup that [`markup`] reads.
//!
//! A report is the template `pack`, which takes in the sections in their order. Any of the built-in
//! files can be replaced by a file of the same name in a folder, and new ones added to it.
//!
//! `{{plural count "is" "are"}}` gives the first word for one and the second for any other number.
//!
//! [`markup`]: super::markup

use super::{
    compose::Composed,
    document::Document,
    markup::{self, FigureIds},
};
use handlebars::{Context, Handlebars, RenderErrorReason, handlebars_helper};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The built-in board pack, in the order in which a board reads it.
const BOARD_PACK: [(&str, &str); 15] = [
    ("pack", include_str!("../../report-templates/board-pack/pack.hbs")),
    ("cover", include_str!("../../report-templates/board-pack/cover.hbs")),
    ("summary", include_str!("../../report-templates/board-pack/summary.hbs")),
    ("revisions", include_str!("../../report-templates/board-pack/revisions.hbs")),
    ("commentary", include_str!("../../report-templates/board-pack/commentary.hbs")),
    ("scorecard", include_str!("../../report-templates/board-pack/scorecard.hbs")),
    ("charts", include_str!("../../report-templates/board-pack/charts.hbs")),
    ("pooled-budget", include_str!("../../report-templates/board-pack/pooled-budget.hbs")),
    ("schemes", include_str!("../../report-templates/board-pack/schemes.hbs")),
    ("variances", include_str!("../../report-templates/board-pack/variances.hbs")),
    ("risk-share", include_str!("../../report-templates/board-pack/risk-share.hbs")),
    ("contract", include_str!("../../report-templates/board-pack/contract.hbs")),
    ("incentive", include_str!("../../report-templates/board-pack/incentive.hbs")),
    ("data-quality", include_str!("../../report-templates/board-pack/data-quality.hbs")),
    ("method", include_str!("../../report-templates/board-pack/method.hbs")),
];

const STYLE: &str = include_str!("../../report-templates/board-pack/style.css");
/// The template that takes in all others.
const ROOT: &str = "pack";
/// The file in a templates folder that replaces the page's style.
const STYLE_FILE: &str = "style.css";

handlebars_helper!(plural: |count: u64, one: str, many: str| if count == 1 { one } else { many });

/// The templates of a report, read and ready.
pub struct Templates {
    registry: Handlebars<'static>,
    style: String,
    folder: Option<Folder>,
}

/// A folder of templates, as it was read.
struct Folder {
    path: PathBuf,
    files: FolderFiles,
}

/// The files that replace built-in ones, by name without ending, and the page's style where there is one.
#[derive(PartialEq)]
struct FolderFiles {
    templates: Vec<(String, String)>,
    style: Option<String>,
}

/// What is wrong in a template, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {message}")]
pub struct TemplateFault {
    /// The template's file, such as `summary.hbs`.
    pub file: String,
    pub line: u32,
    pub message: String,
}

/// A folder of templates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    #[error("the templates folder {folder} cannot be read: {source}")]
    Unreadable { folder: String, source: io::Error },
    #[error(transparent)]
    Fault(#[from] TemplateFault),
}

impl Templates {
    /// The built-in board pack.
    pub fn built_in() -> Templates {
        Templates::with(None).expect("the built-in templates are sound")
    }

    /// The built-in board pack, with the files of `folder` in the place of those of the same name.
    pub fn from_folder(folder: &Path) -> Result<Templates, TemplatesError> {
        let files = files_of(folder)?;
        Ok(Templates::with(Some(Folder { path: folder.to_owned(), files }))?)
    }

    /// The templates as their folder has them now; none where nothing has changed there since.
    pub fn read_again(&self) -> Result<Option<Templates>, TemplatesError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let files = files_of(&folder.path)?;
        if files == folder.files {
            return Ok(None);
        }
        Ok(Some(Templates::with(Some(Folder { path: folder.path.clone(), files }))?))
    }

    fn with(folder: Option<Folder>) -> Result<Templates, TemplateFault> {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_helper("plural", Box::new(plural));
        let built_in = BOARD_PACK.iter().map(|(name, source)| (*name, *source));
        let overrides = folder.iter().flat_map(|folder| &folder.files.templates);
        let replacing = overrides.map(|(name, source)| (name.as_str(), source.as_str()));
        for (name, source) in built_in.chain(replacing) {
            registry.register_template_string(name, with_places(name, source)).map_err(|error| {
                TemplateFault {
                    file: file_of(name),
                    line: error.pos().map_or(1, |(line, _)| line as u32),
                    message: format!(
                        "it cannot be read. Close every {{{{#if}}}}, {{{{#each}}}} and {{{{#unless}}}} with {{{{/if}}}}, {{{{/each}}}} \
                         and {{{{/unless}}}}, and every {{{{ with }}}} ({})",
                        error.reason()
                    ),
                }
            })?;
        }
        let style = folder.as_ref().and_then(|folder| folder.files.style.clone());
        Ok(Templates { registry, style: style.unwrap_or_else(|| STYLE.to_owned()), folder })
    }

    /// How many built-in files the folder replaces, or adds to.
    pub fn replaced(&self) -> usize {
        let files = self.folder.as_ref().map(|folder| &folder.files);
        files.map_or(0, |files| files.templates.len() + usize::from(files.style.is_some()))
    }

    /// The page's style sheet.
    pub fn style(&self) -> &str {
        &self.style
    }

    /// Fills the templates with one area's pack.
    pub fn document(&self, composed: &Composed<'_>) -> Result<Document, TemplateFault> {
        self.filled(composed, FigureIds::LeftOut)
    }

    /// The same document with the id of its figure on every cell and tile that shows one, for pages
    /// on which a reader can ask how a figure was worked out.
    pub fn document_with_figures(&self, composed: &Composed<'_>) -> Result<Document, TemplateFault> {
        self.filled(composed, FigureIds::Given)
    }

    fn filled(&self, composed: &Composed<'_>, ids: FigureIds) -> Result<Document, TemplateFault> {
        let context = Context::wraps(&composed.words).expect("words are plain values");
        let markup = self.registry.render_with_context(ROOT, &context).map_err(|error| {
            let file = file_of(error.template_name.as_deref().unwrap_or(ROOT));
            TemplateFault { file, line: error.line_no.unwrap_or(1) as u32, message: said(error.reason()) }
        })?;
        markup::read(&markup, composed, ids)
    }
}

/// What a folder holds that replaces something built in.
fn files_of(folder: &Path) -> Result<FolderFiles, TemplatesError> {
    let unreadable = |source| TemplatesError::Unreadable { folder: folder.display().to_string(), source };
    let mut files = FolderFiles { templates: Vec::new(), style: None };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(".hbs") {
            files.templates.push((name.to_owned(), fs::read_to_string(&path).map_err(unreadable)?));
        } else if name == STYLE_FILE {
            files.style = Some(fs::read_to_string(&path).map_err(unreadable)?);
        }
    }
    files.templates.sort();
    Ok(files)
}

fn file_of(name: &str) -> String {
    format!("{name}.hbs")
}

fn said(reason: &RenderErrorReason) -> String {
    match reason {
        RenderErrorReason::MissingVariable(Some(name)) => {
            format!("there is no value called \"{name}\". See the values in the README's list for templates")
        }
        RenderErrorReason::PartialNotFound(name) => {
            format!(
                "there is no template called \"{name}\". Name one of the files in the folder, without .hbs"
            )
        }
        RenderErrorReason::HelperNotFound(name) => {
            format!("there is no helper called \"{name}\". See what templates may use in the README")
        }
        other => {
            format!("it cannot be filled in. Compare it with the built-in template of its name ({other})")
        }
    }
}

/// Gives every element of a template an attribute `at` with its file and line, so that a fault in
/// what the template gives can be told where it was written.
fn with_places(name: &str, source: &str) -> String {
    let mut marked = String::with_capacity(source.len() * 5 / 4);
    let mut line = 1u32;
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let skipped = ["{{!--", "{{", "<!--"]
            .iter()
            .zip(["--}}", "}}", "-->"])
            .find(|(open, _)| rest.starts_with(*open));
        let taken = if let Some((open, close)) = skipped {
            rest[open.len()..].find(close).map_or(rest.len(), |end| open.len() + end + close.len())
        } else if next == '<' && rest[1..].starts_with(|c: char| c.is_ascii_lowercase()) {
            let end = rest[1..]
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .map_or(rest.len(), |end| end + 1);
            marked.push_str(&rest[..end]);
            marked.push_str(&format!(" at=\"{name}.hbs:{line}\""));
            rest = &rest[end..];
            continue;
        } else {
            next.len_utf8()
        };
        line += rest[..taken].matches('\n').count() as u32;
        marked.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_element_knows_its_file_and_line() {
        let marked = with_places("s", "<p>{{a}}</p>\n{{!-- <b> --}}<ul>\n  <li class=\"x\">1 < 2</li></ul>");
        assert_eq!(
            marked,
            "<p at=\"s.hbs:1\">{{a}}</p>\n{{!-- <b> --}}<ul at=\"s.hbs:2\">\n  <li at=\"s.hbs:3\" class=\"x\">1 < 2</li></ul>"
        );
    }

    #[test]
    fn one_is_singular_and_every_other_number_plural() {
        let templates = Templates::built_in();
        let said = |count: u64| {
            let template = "{{count}} of 12 measures {{plural count \"is\" \"are\"}} off plan";
            templates.registry.render_template(template, &BTreeMap::from([("count", count)])).unwrap()
        };
        assert_eq!(said(1), "1 of 12 measures is off plan");
        assert_eq!([said(0), said(2)].map(|said| said.contains("are")), [true, true]);
    }

    #[test]
    fn a_template_that_cannot_be_read_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("summary.hbs"), "<p>\n{{#if fund}}</p>").unwrap();
        let Err(TemplatesError::Fault(fault)) = Templates::from_folder(folder.path()) else {
            panic!("it is read")
        };
        assert_eq!(fault.file, "summary.hbs");
    }

    #[test]
    fn a_folder_is_read_again_only_where_something_changed_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let (summary, style) = (folder.path().join("summary.hbs"), folder.path().join("style.css"));
        let templates = Templates::from_folder(folder.path()).unwrap();
        assert!(templates.read_again().unwrap().is_none());
        fs::write(&summary, "<p>{{#if}}</p>").unwrap();
        assert!(templates.read_again().is_err(), "a broken one is told of, and is not taken up");
        fs::write(&summary, "<p>Mended</p>").unwrap();
        fs::write(&style, "p { color: red }").unwrap();
        let mended = templates.read_again().unwrap().unwrap();
        assert_eq!(mended.style(), "p { color: red }");
        assert!(mended.read_again().unwrap().is_none());
        fs::remove_file(&style).unwrap();
        assert_eq!(mended.read_again().unwrap().unwrap().style(), STYLE);
        assert!(Templates::built_in().read_again().unwrap().is_none());
    }
}
