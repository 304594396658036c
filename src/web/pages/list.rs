//! Lists that are shown a page at a time, and what they are searched by.

use crate::{service::Refusal, web::asked::Asked};
use serde::Serialize;

/// How many entries stand on a page.
pub const A_PAGE: u32 = 50;

/// A page of a list, with the number of entries on all of them.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub in_all: u64,
    pub pages: Pages,
    number: u64,
    last: u64,
}

/// Which page of a list it is, and where those beside it are; empty where there are none.
#[derive(Default, Serialize)]
pub struct Pages {
    page: String,
    earlier_page: String,
    later_page: String,
}

impl<T> Listed<T> {
    /// The page that is asked for, of a list at the address `under` that is searched by `filters`; `read`
    /// gives the entries from an offset, so many at most, and how many there are. A page beyond the last is
    /// the first.
    pub fn read(
        asked: &Asked<'_>,
        under: &str,
        filters: &[(&str, &str)],
        read: impl Fn(u32, u32) -> Result<(Vec<T>, u64), Refusal>,
    ) -> Result<Listed<T>, Refusal> {
        let number: u32 = asked.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
        let (mut items, in_all) = read((number - 1).saturating_mul(A_PAGE), A_PAGE)?;
        let last = in_all.div_ceil(A_PAGE.into()).max(1);
        let mut number = u64::from(number);
        if number > last {
            number = 1;
            items = read(0, A_PAGE)?.0;
        }
        let place = |number: u64| address(under, filters, Some(number));
        let pages = Pages {
            page: if last > 1 { format!("Page {number} of {last}") } else { String::new() },
            later_page: if number > 1 { place(number - 1) } else { String::new() },
            earlier_page: if number < last { place(number + 1) } else { String::new() },
        };
        Ok(Listed { items, in_all, pages, number, last })
    }

    /// What the page is called: the list's name, with which page it is where there are several.
    pub fn title(&self, name: &str) -> String {
        match self.last {
            1 => name.to_owned(),
            last => format!("{name} (page {} of {last})", self.number),
        }
    }
}

/// The address of a list that is searched by `filters`, those that are empty left out; of a page of it
/// where one is meant.
pub fn address(under: &str, filters: &[(&str, &str)], page: Option<u64>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(filters.iter().filter(|(_, value)| !value.is_empty()));
    if let Some(page) = page {
        query.append_pair("page", &page.to_string());
    }
    match query.finish() {
        query if query.is_empty() => under.to_owned(),
        query => format!("{under}?{query}"),
    }
}

/// Something to be selected, such as a state to search by.
#[derive(Serialize)]
pub struct Choice {
    value: String,
    words: String,
    is_selected: bool,
}

impl Choice {
    pub fn of(value: impl Into<String>, words: impl Into<String>, selected: &str) -> Choice {
        let value = value.into();
        Choice { is_selected: value == selected, value, words: words.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_what_is_searched_for_and_nothing_empty() {
        assert_eq!(address("/jobs", &[("state", "")], None), "/jobs");
        assert_eq!(address("/jobs", &[("state", "failed")], Some(2)), "/jobs?state=failed&page=2");
        assert_eq!(address("/audit", &[("words", "a&b c"), ("deed", "")], None), "/audit?words=a%26b+c");
    }
}
