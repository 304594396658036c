//! Commentary on a month's exceptions: what is still to be explained, writing, changing and closing.

use super::publication::{drawn, first_fault};
use crate::{
    service::{
        FieldFault, Refusal,
        commentary::{CommentaryShown, Exception, SUMMARY, Written},
    },
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, READERS, Route},
        words,
    },
};
use chrono::Datelike;
use serde::Serialize;

const HERE: Allows = Allows::InArea(READERS);

pub const ROUTES: &[Route] = &[
    Route::get("/areas/{area}/{month}/commentary", HERE, list),
    Route::get("/areas/{area}/{month}/commentary/{*subject}", HERE, one),
    Route::post("/areas/{area}/{month}/commentary/write", HERE, write),
    Route::post("/areas/{area}/{month}/commentary/close", HERE, close),
];

/// An exception as a page shows it.
#[derive(Serialize)]
struct Shown {
    subject: String,
    place: String,
    name: String,
    finding: String,
    is_exception: bool,
    is_summary: bool,
    may_write: bool,
    said: Option<Said>,
}

#[derive(Serialize)]
struct Said {
    month: String,
    cause: String,
    action: String,
    action_by: String,
    owner: String,
    written_by: String,
    written_at: String,
    closes: bool,
    is_carried: bool,
}

impl Said {
    fn of(held: CommentaryShown) -> Said {
        Said {
            month: held.as_at.name(),
            cause: held.cause,
            action: held.action,
            action_by: held.action_by.map(words::day).unwrap_or_default(),
            owner: held.owner,
            written_by: held.written_by,
            written_at: words::moment(held.written_at),
            closes: held.closes,
            is_carried: held.is_carried,
        }
    }
}

impl Shown {
    fn of(exception: Exception, under: &str) -> Shown {
        Shown {
            place: format!("{under}/{}", exception.subject),
            is_summary: exception.subject == SUMMARY,
            subject: exception.subject,
            name: exception.name,
            finding: exception.finding,
            is_exception: exception.is_exception,
            may_write: exception.may_write,
            said: exception.commentary.map(Said::of),
        }
    }
}

fn list(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct List {
        month: String,
        unanswered: usize,
        count: usize,
        /// Why nobody can write; empty where some can.
        closed: String,
        exceptions: Vec<Shown>,
    }
    let place = asked.place("commentary")?;
    let exceptions = asked.service.exceptions(asked.who()?, asked.area_code(), place.month)?;
    let under = under(asked)?;
    let page = List {
        month: place.month.name(),
        closed: asked.service.commentary_closed(asked.area_code(), place.month)?.unwrap_or_default(),
        unanswered: exceptions.iter().filter(|exception| exception.is_unanswered()).count(),
        count: exceptions.iter().filter(|exception| exception.is_exception).count(),
        exceptions: exceptions.into_iter().map(|exception| Shown::of(exception, &under)).collect(),
    };
    asked.page(&Page::new("commentary/list", format!("Commentary, {}", page.month)).at(place), &page)
}

/// What was filled in.
#[derive(Serialize)]
struct Filled {
    cause: String,
    action: String,
    day: String,
    month: String,
    year: String,
    owner: String,
    reason: String,
    /// The number of the commentary that the form was opened on; empty for none.
    replaces: String,
}

fn one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    one_page(asked, asked.param("subject"), None, Vec::new(), "")
}

fn one_page(
    asked: &Asked<'_>,
    subject: &str,
    filled: Option<Filled>,
    faults: Vec<FieldFault>,
    conflict: &str,
) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct OnePage {
        month: String,
        under: String,
        about: Shown,
        history: Vec<Said>,
        filled: Filled,
        conflict: String,
        /// Why nobody can write; empty where some can.
        closed: String,
        faults: Vec<FieldFault>,
        cause_error: String,
        action_error: String,
        action_by_error: String,
        owner_error: String,
        reason_error: String,
    }
    let place = asked.place("commentary")?;
    let (who, area) = (asked.who()?, asked.area_code());
    let (exception, history) = asked.service.commentary_history(who, area, place.month, subject)?;
    let mut filled = filled.unwrap_or_else(|| filled_from(&exception));
    if !conflict.is_empty() {
        // Sending it once more means: in the place of what was written meanwhile, which stands above.
        filled.replaces = exception.last.map(|last| last.to_string()).unwrap_or_default();
    }
    let under = under(asked)?;
    let page = OnePage {
        month: place.month.name(),
        about: Shown::of(exception, &under),
        history: history.into_iter().map(Said::of).collect(),
        filled,
        conflict: conflict.to_owned(),
        closed: asked.service.commentary_closed(area, place.month)?.unwrap_or_default(),
        cause_error: first_fault(&faults, "cause"),
        action_error: first_fault(&faults, "action"),
        action_by_error: first_fault(&faults, "action_by"),
        owner_error: first_fault(&faults, "owner"),
        reason_error: first_fault(&faults, "reason"),
        faults,
        under: under.clone(),
    };
    let title = format!("Commentary: {}", page.about.name);
    let shell = Page::new("commentary/one", title).at(place).under(under, "Commentary");
    let answer = drawn(asked, shell, &page, &page.faults)?;
    Ok(if conflict.is_empty() { answer } else { answer.status(409) })
}

fn filled_from(exception: &Exception) -> Filled {
    let held = exception.commentary.as_ref();
    let day = held.and_then(|held| held.action_by);
    let text = |of: fn(&CommentaryShown) -> &String| held.map(|held| of(held).clone()).unwrap_or_default();
    Filled {
        cause: text(|held| &held.cause),
        action: text(|held| &held.action),
        owner: text(|held| &held.owner),
        day: day.map(|day| day.day().to_string()).unwrap_or_default(),
        month: day.map(|day| day.month().to_string()).unwrap_or_default(),
        year: day.map(|day| day.year().to_string()).unwrap_or_default(),
        reason: String::new(),
        replaces: exception.last.map(|last| last.to_string()).unwrap_or_default(),
    }
}

fn filled_in(asked: &Asked<'_>) -> Filled {
    let field = |name: &str| asked.field(name).to_owned();
    Filled {
        cause: field("cause"),
        action: field("action"),
        day: field("action_day"),
        month: field("action_month"),
        year: field("action_year"),
        owner: field("owner"),
        reason: field("reason"),
        replaces: field("replaces"),
    }
}

impl Filled {
    fn written(&self) -> Written {
        let parts = [&self.year, &self.month, &self.day];
        let action_by = match parts.iter().all(|part| part.is_empty()) {
            true => String::new(),
            false => parts.map(String::as_str).join("-"),
        };
        Written {
            cause: self.cause.clone(),
            action: self.action.clone(),
            action_by,
            owner: self.owner.clone(),
        }
    }

    fn seen(&self) -> Result<Option<u32>, Refusal> {
        match self.replaces.as_str() {
            "" => Ok(None),
            number => number.parse().map(Some).map_err(|_| Refusal::Absent),
        }
    }
}

fn write(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (filled, subject) = (filled_in(asked), asked.field("subject"));
    let about = (asked.area_code(), asked.month()?, subject);
    let who = (asked.who()?, &asked.asking);
    let done = asked.service.write_commentary(who, about, &filled.written(), filled.seen()?);
    answered(asked, subject, filled, done)
}

fn close(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (filled, subject) = (filled_in(asked), asked.field("subject"));
    let about = (asked.area_code(), asked.month()?, subject);
    let who = (asked.who()?, &asked.asking);
    let seen = filled.seen()?.ok_or(Refusal::Absent)?;
    let done = asked.service.close_commentary(who, about, &filled.reason, seen);
    let (exception, _) = asked.service.commentary_history(asked.who()?, about.0, about.1, subject)?;
    let kept = Filled { reason: filled.reason, ..filled_from(&exception) };
    answered(asked, subject, kept, done)
}

/// Back to the list; or the form again with what was written, where it could not be kept.
fn answered(
    asked: &Asked<'_>,
    subject: &str,
    filled: Filled,
    done: Result<u32, Refusal>,
) -> Result<Answer, Refusal> {
    match done {
        Ok(_) => Ok(Answer::see_other(under(asked)?)),
        Err(Refusal::Invalid(faults)) => one_page(asked, subject, Some(filled), faults, ""),
        Err(Refusal::Conflict(what)) => one_page(asked, subject, Some(filled), Vec::new(), &what),
        Err(refusal) => Err(refusal),
    }
}

fn under(asked: &Asked<'_>) -> Result<String, Refusal> {
    Ok(format!("/areas/{}/{}/commentary", asked.area_code(), asked.month()?))
}
