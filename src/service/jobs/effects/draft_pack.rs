//! Makes the pack of the month before, and tells the area's managers what stands in its way.
//!
//! Nothing is prepared in anybody's name: two people still put the pack forward and approve it.

use super::{
    super::{Fault, worker::Task},
    NO_AREA,
};
use crate::{
    figures::period::Month,
    schedule::london,
    service::{Refusal, post::told::new_messages},
    store::{Outcome, hex},
};
use chrono::{Datelike, NaiveDateTime};

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let (service, area_code) = (task.service, task.area_code());
    let Some(as_at) = month_before(task.claimed.due_at) else {
        return Err(Fault::Wrong("There is no month before".into()));
    };
    let made = match service.make_pack(area_code, as_at) {
        Ok(made) => made,
        Err(Refusal::Absent) => {
            let why = match service.area(area_code) {
                Ok(_) => format!("{} is outside the months of the plan", as_at.name()),
                Err(_) => NO_AREA.to_owned(),
            };
            return task.unchanged(&why);
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let blockers = service.blockers(area_code, as_at)?;
    let words: Vec<String> = blockers.into_iter().map(|blocker| blocker.words).collect();
    let told = service.tell_pack_drafted(area_code, as_at, &words, service.time()?)?;
    let blockers = words.len();
    let words = format!(
        "Drafted the pack for {} ({}); {} in its way; {} made",
        as_at.name(),
        &hex(&made.pack.manifest().sha256)[..12],
        super::counted(blockers, "thing stands", "things stand"),
        super::counted(told.len(), "message", "messages"),
    );
    task.end(Outcome::Changed(words), &new_messages(&told))
}

/// The month before the one in which the slot is due, by a clock in England.
fn month_before(due_at: NaiveDateTime) -> Option<Month> {
    let day = london::day_in_london(due_at);
    Some(Month::new(day.year(), day.month().cast_signed())?.plus(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_before_is_that_of_a_clock_in_england() {
        let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        assert_eq!(month_before(time("2026-01-16 06:00")).unwrap().to_string(), "2025-12");
        // Half past midnight on 1 July.
        assert_eq!(month_before(time("2026-06-30 23:30")).unwrap().to_string(), "2026-06");
    }
}
