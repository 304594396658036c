//! A style sheet made to speak of one part of a page alone.

/// The sheet with every rule held to what stands within `scope`, such as `.paper`.
///
/// Custom properties of `:root` stay as they are; rules of the whole page (`html`, `body`, `@page`) are
/// left out, for the page has its own.
pub fn scoped(sheet: &str, scope: &str) -> String {
    let mut out = String::with_capacity(sheet.len() * 5 / 4);
    rules(&without_comments(sheet), scope, &mut out);
    out
}

fn rules(sheet: &str, scope: &str, out: &mut String) {
    let mut rest = sheet;
    while let Some(open) = rest.find('{') {
        let Some(close) = closing(&rest[open..]).map(|at| open + at) else { return };
        let (head, body) = (rest[..open].trim(), &rest[open + 1..close]);
        rest = &rest[close + 1..];
        if head.starts_with("@media") || head.starts_with("@supports") {
            out.push_str(head);
            out.push_str(" {\n");
            rules(body, scope, out);
            out.push_str("}\n");
        } else if !head.starts_with('@') {
            rule(head, body, scope, out);
        }
    }
}

fn rule(head: &str, body: &str, scope: &str, out: &mut String) {
    let selectors: Vec<String> = parts(head)
        .into_iter()
        .filter(|selector| !["html", "body"].contains(selector))
        .map(|selector| match selector {
            ":root" => selector.to_owned(),
            _ => format!("{scope} {selector}"),
        })
        .collect();
    if !selectors.is_empty() {
        out.push_str(&selectors.join(", "));
        out.push_str(" {");
        out.push_str(body);
        out.push_str("}\n");
    }
}

/// The selectors of a list, at its own commas and not those within brackets.
fn parts(head: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in head.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(head[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(head[start..].trim());
    parts
}

/// Where the bracket that text begins with is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn without_comments(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(start) = rest.find("/*") {
        out.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::scoped;

    #[test]
    fn every_rule_is_held_to_its_part_of_the_page() {
        let sheet = "/* a, b { } */ :root { --k: 1 }\nhtml { x: y }\nbody, p, :is(th, td):first-child { a: b }\
                     @page broad { size: A4 }\n@media print { h1, .words h1 { c: d } .e { f: g } }";
        assert_eq!(
            scoped(sheet, ".paper"),
            ":root { --k: 1 }\n.paper p, .paper :is(th, td):first-child { a: b }\n@media print {\n\
             .paper h1, .paper .words h1 { c: d }\n.paper .e { f: g }\n}\n"
        );
    }
}
