//! Links and figures of a page, read off its markup.

/// Where the page's links lead.
pub fn links_of(html: &str) -> impl Iterator<Item = &str> {
    html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// The figures that the page shows as links to their working: the id and the words of each. The links
/// begin with `before`, or stand beside it.
pub fn figures_of(html: &str, before: &str) -> Vec<(String, String)> {
    let of_link = |rest: &str| {
        let rest = rest.strip_prefix("class=\"figure\" ").unwrap_or(rest).strip_prefix("href=\"")?;
        let (id, rest) = rest.strip_prefix(before).or(rest.strip_prefix("figures/"))?.split_once("\">")?;
        let (inside, _) = rest.split_once("</a>")?;
        Some((id.to_owned(), words(inside)))
    };
    html.split("<a ").skip(1).filter_map(of_link).collect()
}

/// The words of some markup.
fn words(markup: &str) -> String {
    let mut words = String::new();
    let mut rest = markup;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    words.push_str(rest);
    words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").trim().to_owned()
}
