//! Lists, a page at a time.

use super::documented::{Kind, MOST, Parameter};
use crate::{
    service::Refusal,
    web::{answer::Answer, asked::Asked},
};
use schemars::JsonSchema;
use serde::Serialize;

/// Part of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct List<T> {
    pub items: Vec<T>,
    /// The cursor of the next part; null at the end. The header `Link` leads there.
    pub next: Option<String>,
}

/// How many items are given where nobody says.
const USUAL_LIMIT: usize = 50;

pub const LIMIT: Parameter = Parameter::optional(
    "limit",
    Kind::Whole { least: 1, most: 200 },
    "How many items to give at most; 50 where it is left out.",
);
pub const CURSOR: Parameter = Parameter::optional(
    "cursor",
    Kind::Whole { least: 0, most: MOST },
    "Where to go on: what the part before gave as next.",
);
/// The parameters of a list that is only paged.
pub const PAGED: &[Parameter] = &[LIMIT, CURSOR];

impl Asked<'_> {
    /// How many items are wanted.
    pub fn limit(&self) -> usize {
        self.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL_LIMIT)
    }

    /// Where to go on; 0 at the beginning.
    pub fn cursor(&self) -> usize {
        self.query("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0)
    }

    /// A part of a list that only grows at its end.
    pub fn list<T: Serialize>(&self, whole: impl IntoIterator<Item = T>) -> Result<Answer, Refusal> {
        let (limit, start) = (self.limit(), self.cursor());
        let mut rest = whole.into_iter().skip(start);
        let items: Vec<T> = rest.by_ref().take(limit).collect();
        let next = rest.next().map(|_| (start + limit).to_string());
        Ok(self.part(items, next))
    }

    /// A part of a list whose latest stand first. The cursor counts from its end, so that what comes while
    /// somebody reads neither moves nor repeats anything.
    pub fn latest_first<T: Serialize, I>(
        &self,
        whole: impl IntoIterator<IntoIter = I>,
    ) -> Result<Answer, Refusal>
    where
        I: ExactSizeIterator<Item = T>,
    {
        let whole = whole.into_iter();
        let older = match self.cursor() {
            0 => whole.len(),
            older => older.min(whole.len()),
        };
        let come_since = whole.len() - older;
        let items: Vec<T> = whole.skip(come_since).take(self.limit()).collect();
        let next = older.checked_sub(items.len()).filter(|older| *older > 0).map(|older| older.to_string());
        Ok(self.part(items, next))
    }

    /// A part of a list, with a link to the next.
    pub fn part<T: Serialize>(&self, items: Vec<T>, next: Option<String>) -> Answer {
        let link = next.as_ref().map(|next| {
            let kept = self.query.iter().filter(|(name, _)| name != "cursor");
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(kept).append_pair("cursor", next);
            format!("<{}?{}>; rel=\"next\"", self.raw.path, query.finish())
        });
        let answer = Answer::json(&List { items, next });
        match link {
            Some(link) => answer.with("link", link),
            None => answer,
        }
    }
}
