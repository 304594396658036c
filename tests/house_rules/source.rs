//! The program's source as words and the paths that they spell, without comments, texts and tests.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// One file under `src`.
pub struct SourceFile {
    /// From `src`, such as `figures/money.rs`.
    pub path: String,
    pub lines: usize,
    /// What the program is built from; empty where the whole file is for tests.
    pub words: Vec<Word>,
}

/// A name, a number or a sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub text: String,
    pub line: usize,
}

/// A path as the code spells it, each branch of a `use` written out: `std::fs`, `crate::store::Store`.
#[derive(Debug, PartialEq)]
pub struct Named {
    pub path: String,
    pub line: usize,
}

/// Every file under `src`, by name.
pub fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let mut for_tests = BTreeSet::new();
    let mut sources: Vec<SourceFile> = files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(file).unwrap();
            let (words, test_modules) = without_tests(words(&text));
            for_tests.extend(test_modules.into_iter().map(|name| module(&path) + "/" + &name));
            SourceFile { path, lines: text.lines().count(), words }
        })
        .collect();
    for source in &mut sources {
        let module = module(&source.path);
        if for_tests.iter().any(|test| within(&module, test)) {
            source.words.clear();
        }
    }
    sources
}

/// Whether a file or module is `place` or lies in it.
pub fn within(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
}

impl SourceFile {
    /// Every path in the code, with `super` and `self` written out from `crate`.
    pub fn paths(&self) -> Vec<Named> {
        let mut named = Vec::new();
        let mut at = 0;
        while at < self.words.len() {
            let before = at.checked_sub(1).map_or("", |before| self.words[before].text.as_str());
            if is_name(&self.words[at].text) && before != "." {
                at = spell(&self.words, at, "", &mut named);
            } else {
                at += 1;
            }
        }
        for name in &mut named {
            name.path = from_crate(&name.path, &module(&self.path));
        }
        named
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The module that a file is: `figures/spc/mod.rs` and `figures/spc.rs` are `figures/spc`.
fn module(path: &str) -> String {
    let path = path.strip_suffix(".rs").unwrap();
    path.strip_suffix("/mod").unwrap_or(path).to_owned()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The words of a file: texts and characters become `""`, comments go, `::` is one word.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            1 + quoted(&rest[1..])
        } else if let Some(length) = raw_text(rest) {
            length
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let found = &rest[..length];
        if !first.is_whitespace() && !found.starts_with("//") {
            let is_text = found.contains('"') || (first == '\'' && found.len() > 1);
            words.push(Word { text: if is_text { "\"\"" } else { found }.to_owned(), line });
        }
        line += found.matches('\n').count();
        rest = &rest[length..];
    }
    words
}

/// The length of a text after its opening quote, with the closing one.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    panic!("a text has no end")
}

/// The length of `r"…"`, `r#"…"#`, `br"…"` and their like, if one stands here.
fn raw_text(text: &str) -> Option<usize> {
    let opening = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = opening.len() - opening.trim_start_matches('#').len();
    let inside = opening[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).expect("a raw text has an end");
    Some(text.len() - inside.len() + length + end.len())
}

/// The length of a character such as `'a'` or `'\n'`; 1 where the mark begins a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text[1..].char_indices();
    match inside.next() {
        Some((_, '\\')) => {
            inside.next();
            1 + inside.find(|&(_, c)| c == '\'').expect("a character has an end").0 + 1
        }
        Some((_, c)) if text[1 + c.len_utf8()..].starts_with('\'') => 2 + c.len_utf8(),
        Some(_) | None => 1,
    }
}

/// The words without each item under `#[cfg(test)]`, and the names of the modules left out that have a
/// file of their own.
fn without_tests(words: Vec<Word>) -> (Vec<Word>, Vec<String>) {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut test_modules = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at..].len() < MARK.len()
            || !words[at..].iter().zip(MARK).all(|(word, mark)| word.text == mark)
        {
            kept.push(words[at].clone());
            at += 1;
            continue;
        }
        let item = at + MARK.len();
        at = item + item_length(&words[item..]);
        let names: Vec<&str> = words[item..at].iter().map(|word| word.text.as_str()).collect();
        if let [.., "mod", name, ";"] = names[..] {
            test_modules.push(name.to_owned());
        }
    }
    (kept, test_modules)
}

/// How many words an item has: to its semicolon or the end of its braces.
fn item_length(words: &[Word]) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" | ")" | "]" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    words.len()
}

/// Spells the path that begins at a word, each of its branches after `before`, and says where it ends.
fn spell(words: &[Word], start: usize, before: &str, named: &mut Vec<Named>) -> usize {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let mut path = format!("{before}{}", text(start));
    let mut at = start + 1;
    while text(at) == "::" {
        if text(at + 1) == "{" {
            at += 2;
            while text(at) != "}" {
                at = if is_name(text(at)) { spell(words, at, &format!("{path}::"), named) } else { at + 1 };
            }
            return at + 1;
        }
        if !is_name(text(at + 1)) {
            break;
        }
        path = format!("{path}::{}", text(at + 1));
        at += 2;
    }
    named.push(Named { path, line: words[start].line });
    at
}

/// `super::document` in `packs/html` is `crate::packs::document`.
fn from_crate(path: &str, module: &str) -> String {
    let mut place: Vec<&str> = module.split('/').collect();
    let mut rest = path;
    if let Some(after) = path.strip_prefix("self::") {
        rest = after;
    } else if !path.starts_with("super::") {
        return path.to_owned();
    }
    while let Some(after) = rest.strip_prefix("super::") {
        place.pop();
        rest = after;
    }
    let place: String = place.iter().map(|room| format!("{room}::")).collect();
    format!("crate::{place}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(path: &str, text: &str) -> Vec<String> {
        let (words, _) = without_tests(words(text));
        let file = SourceFile { path: path.into(), lines: 0, words };
        file.paths().into_iter().map(|named| named.path).collect()
    }

    #[test]
    fn every_branch_of_a_use_is_written_out() {
        let found = paths("plan/mod.rs", "use crate::{a, b::{self, c as d}, e::*};");
        for path in ["crate::a", "crate::b::self", "crate::b::c", "crate::e"] {
            assert!(found.iter().any(|f| f == path), "{path} in {found:?}");
        }
    }

    #[test]
    fn a_path_up_the_house_is_told_from_its_root() {
        assert!(
            paths("figures/spc/mod.rs", "super::super::store::open()").contains(&"crate::store::open".into())
        );
    }

    #[test]
    fn comments_texts_and_tests_do_not_count() {
        let text = r##"
            //! std::fs
            let a = "std::env"; let b = r#"std::io"#; let c = '"'; let d: &'static str = '\'';
            #[cfg(test)] mod tests { use std::net; fn f() { {} } }
            use std::path;
        "##;
        let found = paths("figures/money.rs", text);
        assert!(found.contains(&"std::path".into()), "{found:?}");
        assert!(!found.iter().any(|f| f.starts_with("std::") && f != "std::path"), "{found:?}");
    }
}
