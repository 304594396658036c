//! Pages of figures as they were drawn: kept for as long as what they show has not changed.
//!
//! A page's own part is kept apart from what stands around it, by its address and by what the reader
//! may be in the area: whoever may be the same there sees the same. An unchanged page has the same
//! `ETag`, and whoever holds it is answered in a line.

use super::{
    Site,
    answer::Answer,
    asked::{Asked, RawRequest},
    dispatch::COOKIE,
    interface::conditional::names,
    page::{Page, Shell},
};
use crate::{
    digest::sha256,
    people::Person,
    service::{Refusal, Who, kept::Kept, live::Version},
};
use std::{
    fmt::Write,
    fs::File,
    io,
    sync::{Arc, LazyLock},
};

/// Bytes of pages kept: about 130 of a small scorecard's size.
const MOST_OF_PAGES: usize = 4 << 20;
/// A page with a longer query is not kept: nobody comes that way often.
const LONGEST_QUERY: usize = 120;

/// How the path of a page ends that is soon drawn from facts in memory.
const QUICK_PAGE: &str = "/scorecard";

/// The pages drawn lately.
pub struct Drawn {
    kept: Kept<Key, Part>,
}

impl Default for Drawn {
    fn default() -> Drawn {
        Drawn::with_room(MOST_OF_PAGES)
    }
}

impl Drawn {
    /// Keeps so many bytes of pages; with none, every page is drawn anew.
    pub fn with_room(most: usize) -> Drawn {
        LazyLock::force(&PROGRAM); // at the start, so that no page waits for it
        Drawn { kept: Kept::new(most) }
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    /// The path and its query.
    place: String,
    reader: String,
}

/// A page's own part, and what it needs around it.
struct Part {
    page: Page,
    html: String,
    tag: String,
    rests_on: RestsOn,
}

/// What must not have changed for a page to be as it was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestsOn {
    /// The facts of its area, and the plan.
    Figures(Version),
    /// Anything that the service knows: its mark.
    Everything(u64),
}

impl Asked<'_> {
    /// Answers with a page of figures: as it was drawn before, where what it rests on is the same.
    pub fn figures_page(
        &self,
        rests_on: RestsOn,
        draw: impl FnOnce() -> Result<(Page, String), Refusal>,
    ) -> Result<Answer, Refusal> {
        let who = self.who()?;
        let key = key(self.raw, &who.person, self.area_code());
        let held = self.site.drawn.kept.get(&key).map(|(_, part)| part);
        let part = match held.filter(|part| part.rests_on == rests_on) {
            Some(part) => part,
            None => {
                let (page, html) = draw()?;
                let tag = tag_of(&key, &html, rests_on);
                let part = Arc::new(Part { page, html, tag, rests_on });
                if self.raw.query.len() <= LONGEST_QUERY {
                    let size = part.html.len() + 512;
                    self.site.drawn.kept.put(key, 0, size, Arc::clone(&part));
                }
                part
            }
        };
        self.site.with_part(&part, self.raw, who, &self.token)
    }
}

impl Site {
    /// The answer to a request for a page of figures, where it is known without asking the store and
    /// without drawing it: who asks, that nothing has changed, and the page. It takes some millionths
    /// of a second and never waits for anything.
    pub fn cached(&self, raw: &RawRequest) -> Option<Answer> {
        self.cached_for(raw).map(|(answer, _)| answer)
    }

    /// As [`cached`](Site::cached), with the id of whoever asks.
    pub(super) fn cached_for(&self, raw: &RawRequest) -> Option<(Answer, u32)> {
        if raw.method != "GET" && raw.method != "HEAD" {
            return None;
        }
        let area_code = raw.path.strip_prefix("/areas/")?.split('/').next()?;
        let token = raw.cookie(COOKIE)?;
        let who = self.service.who_is_known(&sha256(token.as_bytes()))?;
        let (_, part) = self.drawn.kept.get(&key(raw, &who.person, area_code))?;
        let unchanged = match part.rests_on {
            RestsOn::Figures(version) => self.service.version_known(area_code) == Some(version),
            RestsOn::Everything(mark) => self.service.mark() == mark,
        };
        if !unchanged {
            return None;
        }
        let answer = self.with_part(&part, raw, &who, token).ok()?;
        Some((answer, who.person.id))
    }

    /// Whether a page can be drawn without asking the store, in some ten-thousandths of a second.
    pub fn draws_from_memory(&self, raw: &RawRequest) -> bool {
        let quick = raw.method == "GET" && raw.path.ends_with(QUICK_PAGE);
        let area_code = raw.path.strip_prefix("/areas/").and_then(|rest| rest.split('/').next());
        let (true, Some(area_code), Some(token)) = (quick, area_code, raw.cookie(COOKIE)) else {
            return false;
        };
        self.service.version_known(area_code).is_some()
            && self.service.who_is_known(&sha256(token.as_bytes())).is_some()
    }

    fn with_part(&self, part: &Part, raw: &RawRequest, who: &Who, token: &str) -> Result<Answer, Refusal> {
        let around = self.pages.around(&Shell::of(self, Some(who), token, &part.page))?;
        let tag = format!("\"{}-{}\"", part.tag, around.tag);
        let is_held = raw.header("if-none-match").is_some_and(|held| names(held, &tag));
        let answer = match is_held {
            true => Answer { status: 304, ..Answer::default() },
            false => around.page(&part.html, &around.mask_of(&raw.path, &raw.query, &tag)),
        };
        // Kept by the reader's own browser, which asks each time whether it is still right.
        Ok(answer.with("etag", tag).with("cache-control", "private, no-cache".into()))
    }
}

/// It changes with what the page is drawn from, or else with its words; it need not be hard to guess.
fn tag_of(key: &Key, html: &str, rests_on: RestsOn) -> String {
    let mut sum = flate2::Crc::new();
    let of_facts = match rests_on {
        RestsOn::Figures(Version(version)) => {
            // The same program draws the same page of the same facts.
            for part in [&PROGRAM.to_be_bytes(), key.place.as_bytes(), b" ", key.reader.as_bytes()] {
                sum.update(part);
            }
            version
        }
        RestsOn::Everything(_) => {
            sum.update(html.as_bytes());
            html.len() as u64 // the same page may well be drawn again
        }
    };
    format!("{:08x}{of_facts:016x}", sum.sum())
}

/// The checksum of the program's own file: another program may draw a page otherwise.
static PROGRAM: LazyLock<u32> = LazyLock::new(|| {
    let read = || {
        let mut file = flate2::CrcReader::new(File::open(std::env::current_exe()?)?);
        io::copy(&mut file, &mut io::sink())?;
        Ok::<u32, io::Error>(file.crc().sum())
    };
    read().unwrap_or_else(|error| {
        tracing::warn!(%error, "the program cannot read its own file: pages are drawn anew after each start");
        std::process::id()
    })
});

fn key(raw: &RawRequest, person: &Person, area_code: &str) -> Key {
    let mut place = String::with_capacity(raw.path.len() + raw.query.len() + 1);
    place.push_str(&raw.path);
    if !raw.query.is_empty() {
        place.push('?');
        place.push_str(&raw.query);
    }
    Key { place, reader: reader(person, area_code) }
}

/// What somebody may be in the area, in a line.
fn reader(person: &Person, area_code: &str) -> String {
    let mut words = String::new();
    let here =
        person.roles.iter().filter(|held| held.area_code.as_deref().is_none_or(|code| code == area_code));
    for held in here {
        let partner = held.partner_id.as_deref().unwrap_or_default();
        write!(words, "{:?} {partner};", held.role).expect("a string takes any text");
    }
    words
}
