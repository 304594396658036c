//! What an area's people put in their calendars: meetings, days on which returns are due, and times of
//! release.

use crate::{
    figures::{agreement::AreaPlan, facts::ReturnType, period::Month},
    people::Role,
    post::ics::{Calendar, Event, When},
    schedule::london,
    service::{Refusal, Service, Who, live::PlanNow},
};
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use std::collections::BTreeMap;

/// For so many months from the present one on, days on which returns are due are told.
const MONTHS: i32 = 3;

/// Those who know of every partner's returns, not of their own alone.
const KNOW_ALL: &[Role] =
    &[Role::PooledBudgetManager, Role::BoardMember, Role::AllianceMember, Role::Auditor];

impl Service {
    /// The area's calendar, as whoever asks may know of it: the board's meeting, the days on which
    /// returns are due in this month and the next two (a partner's own people see their own), and when
    /// packs were released.
    pub fn calendar(&self, who: &Who, area_code: &str) -> Result<Calendar, Refusal> {
        let packs = self.packs(who, area_code)?;
        let plan = self.plan()?;
        let agreement = plan.area(area_code).ok_or(Refusal::Absent)?;
        let settled_at = self.settled_at(&plan)?;
        let mut events = Vec::new();
        if let Some(day) = agreement.paper.meeting_on {
            events.push(Event {
                id: format!("meeting-{area_code}-{day}@outturn"),
                when: When::Day(day),
                title: format!("{}: the board meets", agreement.area.name),
                text: agreement.paper.purpose.clone(),
                link: self.whole_link(&format!("/areas/{area_code}/packs")),
                settled_at,
            });
        }
        let sees_all = who.person.is_any(KNOW_ALL, area_code);
        let own = who.person.partners_in(area_code);
        let today = london::day_in_london(self.clock.now());
        // A month's returns are due in the month after.
        let last = Month::new(today.year(), today.month().cast_signed()).map(|month| month.plus(-1));
        for month in last.into_iter().flat_map(|last| (0..MONTHS).map(move |later| last.plus(later))) {
            let mut due: BTreeMap<(NaiveDate, ReturnType), Vec<&str>> = BTreeMap::new();
            for owed in &agreement.returns_due {
                let partner = &agreement.partners[owed.partner];
                if sees_all || own.contains(&partner.id.as_str()) {
                    due.entry((owed.due_on(month), owed.return_type)).or_default().push(&partner.name);
                }
            }
            for ((day, return_type), partners) in due {
                events.push(self.day_of_return(agreement, (month, return_type, day), &partners, settled_at));
            }
        }
        for pack in packs {
            let Some(release_at) = pack.release_at else { continue };
            let (as_at, version) = (pack.as_at, pack.version);
            events.push(Event {
                id: format!("release-{area_code}-{as_at}-{version}@outturn"),
                when: When::At(release_at),
                title: format!("{}: the pack for {} is released", agreement.area.name, as_at.name()),
                text: format!("Version {version}, {} edition.", pack.edition),
                link: self.whole_link(&format!("/areas/{area_code}/packs/{as_at}/{version}")),
                settled_at: pack.published_at,
            });
        }
        Ok(Calendar { name: format!("{}: Better Care Fund", agreement.area.name), events })
    }

    /// The day on which one return is due, of which a message tells; none where the plan has no such
    /// return any more. `subject` is the message's.
    pub(super) fn calendar_of_return(
        &self,
        area_code: &str,
        subject: &str,
    ) -> Result<Option<Calendar>, Refusal> {
        let plan = self.plan()?;
        let mut parts = subject.splitn(3, ", ");
        let month = parts.next().and_then(|month| Month::parse(month.as_bytes()));
        let (Some(month), Some(return_type), Some(partner)) = (month, parts.next(), parts.next()) else {
            return Ok(None);
        };
        let Some(agreement) = plan.area(area_code) else { return Ok(None) };
        let owed = agreement.returns_due.iter().find(|owed| {
            owed.return_type.name() == return_type && agreement.partners[owed.partner].id == partner
        });
        let Some(owed) = owed else { return Ok(None) };
        let settled_at = self.settled_at(&plan)?;
        let partners = [agreement.partners[owed.partner].name.as_str()];
        let due = (month, owed.return_type, owed.due_on(month));
        let event = self.day_of_return(agreement, due, &partners, settled_at);
        Ok(Some(Calendar { name: agreement.area.name.clone(), events: vec![event] }))
    }

    fn day_of_return(
        &self,
        agreement: &AreaPlan,
        (month, return_type, day): (Month, ReturnType, NaiveDate),
        partners: &[&str],
        settled_at: NaiveDateTime,
    ) -> Event {
        let (code, name) = (&agreement.area.code, return_type.name());
        Event {
            id: format!("due-{code}-{month}-{name}-{day}@outturn"),
            when: When::Day(day),
            title: format!("{}: {name} returns for {} are due", agreement.area.name, month.name()),
            text: format!("From {}", partners.join("; ")),
            link: self.whole_link(&format!("/areas/{code}/{month}/returns")),
            settled_at,
        }
    }

    /// When the plan was loaded that says all this.
    fn settled_at(&self, plan: &PlanNow) -> Result<NaiveDateTime, Refusal> {
        let editions = self.store()?.plan_editions()?;
        let edition = editions.into_iter().find(|edition| edition.number == plan.edition);
        Ok(edition.map(|edition| edition.loaded_at).unwrap_or_default())
    }
}
