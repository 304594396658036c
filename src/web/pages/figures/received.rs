//! A return as it was taken in: its file, who sent it, who accepted it and when.

use super::moved::AllMoved;
use crate::{
    digest::hex,
    figures::facts::Source,
    packs::compose::value::{Show, Value},
    service::Refusal,
    store::Provenance,
    web::{answer::Answer, asked::Asked, drawn::RestsOn, page::Page, words::moment},
};
use serde::Serialize;

/// A return's provenance as pages show it.
#[derive(Serialize)]
pub struct Shown {
    pub number: u32,
    pub place: String,
    pub return_type: &'static str,
    pub file_name: String,
    pub sha256: String,
    pub size: String,
    pub rows: u32,
    pub accepted: u32,
    pub received_at: String,
    /// Who sent it, and when; empty where an operator took it in.
    pub sent_by: String,
    pub sent_at: String,
    pub accepted_by: String,
    pub accepted_at: String,
    /// The return that took its place altogether; nought where none did.
    pub replaced_by: u32,
    pub replaces: u32,
    /// Where the file is; empty for whoever may not have it.
    pub file: String,
    /// The return as it was sent and looked at; empty for whoever may not see it.
    pub as_sent: String,
}

impl Shown {
    pub fn of(asked: &Asked<'_>, one: &Provenance, replaced_by: Option<u32>) -> Result<Shown, Refusal> {
        let (submission, sent) = (&one.submission, one.sent.as_ref());
        let place = format!("/areas/{}/{}/received/{}", asked.area_code(), asked.month()?, submission.number);
        let may_have = asked.who()?.may_have_original(asked.area_code(), one);
        let by_operator = submission.sent_by.clone().unwrap_or_default();
        Ok(Shown {
            number: submission.number,
            return_type: submission.return_type.name(),
            file_name: submission.file_name.clone(),
            sha256: hex(&submission.sha256),
            size: Value::Whole(submission.byte_count.cast_signed()).shown(Show::Plain),
            rows: submission.rows,
            accepted: submission.accepted,
            received_at: moment(submission.received_at),
            sent_by: sent.map_or(by_operator, |sent| sent.sent_by.clone()),
            sent_at: sent.map(|sent| moment(sent.sent_at)).unwrap_or_default(),
            accepted_by: sent.map(|sent| sent.accepted_by.clone()).unwrap_or_default(),
            accepted_at: sent.map(|sent| moment(sent.accepted_at)).unwrap_or_default(),
            replaced_by: replaced_by.unwrap_or_default(),
            replaces: submission.replaces.unwrap_or_default(),
            as_sent: sent
                .filter(|_| may_have)
                .map(|sent| format!("/areas/{}/{}/returns/{}", asked.area_code(), sent.as_at, sent.number))
                .unwrap_or_default(),
            file: if may_have { format!("{place}/file") } else { String::new() },
            place,
        })
    }
}

pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("returns")?;
    let number = asked.number("number")?;
    let received = asked.service.received(asked.area_code())?;
    let one = received.iter().find(|one| one.submission.number == number).ok_or(Refusal::Absent)?;
    let replaced_by = received.iter().find(|later| later.submission.replaces == Some(number));
    let shown = Shown::of(asked, one, replaced_by.map(|later| later.submission.number))?;
    let page = Page::new("figures/received", format!("Submission {number} as it was taken in"))
        .under(place.address(), "Overview")
        .at(place);
    asked.page(&page, &shown)
}

/// A row of a return, and the figures that it reaches.
pub fn row(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("returns")?;
    let (number, at) = (asked.number("number")?, asked.number("row")?);
    let mark = asked.service.mark();
    asked.figures_page(RestsOn::Everything(mark), || {
        let source = Source { submission: number, row: at };
        let reached = asked.service.reached(asked.area_code(), place.month, source)?;
        let figures = format!("{}/figures/", place.address());
        let of_return = format!("{}/received/{number}", place.address());
        let row = RowPage {
            number,
            at,
            return_type: reached.row.return_type.name(),
            period: reached.row.period,
            subject: reached.row.subject,
            says: reached.row.says,
            file_name: reached.row.file.map(|file| file.file_name).unwrap_or_default(),
            // A figure without the row is on no page; as it is, it is explained on its own.
            moved: AllMoved::of(&reached.figures, "", |id| format!("{figures}{id}")).without_before(),
            of_return: of_return.clone(),
        };
        let part = asked.site.pages.part("figures/row", &row)?;
        let page = Page::new("figures/row", format!("Row {at} of submission {number}"))
            .under(of_return, format!("Submission {number}"))
            .at(place.clone());
        Ok((page, part))
    })
}

#[derive(Serialize)]
struct RowPage {
    number: u32,
    at: u32,
    return_type: &'static str,
    period: String,
    subject: String,
    says: String,
    file_name: String,
    of_return: String,
    moved: AllMoved,
}

pub fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (name, bytes) = asked.service.original(asked.who()?, asked.area_code(), asked.number("number")?)?;
    Ok(Answer::download("application/octet-stream", &name, bytes))
}
