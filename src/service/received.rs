//! What was taken in: where figures come from, and the files as they were sent.

use super::{Refusal, Service, Who};
use crate::{
    people::Role,
    store::{MeasureSaid, Provenance},
};

impl Service {
    /// Everything that was taken in for an area, in the order of its numbers.
    pub fn received(&self, area_code: &str) -> Result<Vec<Provenance>, Refusal> {
        Ok(self.store()?.provenance(area_code)?)
    }

    /// One return as it was taken in.
    pub fn received_one(&self, area_code: &str, number: u32) -> Result<Provenance, Refusal> {
        let received = self.received(area_code)?;
        received.into_iter().find(|one| one.submission.number == number).ok_or(Refusal::Absent)
    }

    /// Everything that was ever said of a measure, by month and in the order in which it was said.
    pub fn measure_said(&self, area_code: &str, measure_id: &str) -> Result<Vec<MeasureSaid>, Refusal> {
        Ok(self.store()?.measure_said(area_code, measure_id)?)
    }

    /// The name and the bytes of a return's file as it was sent; absent for whoever may not have it.
    pub fn original(&self, who: &Who, area_code: &str, number: u32) -> Result<(String, Vec<u8>), Refusal> {
        let received = self.received_one(area_code, number)?;
        if !who.may_have_original(area_code, &received) {
            return Err(Refusal::Absent);
        }
        let bytes = self.store()?.original_file(area_code, number)?.ok_or(Refusal::Absent)?;
        Ok((received.submission.file_name, bytes))
    }
}

impl Who {
    /// The file itself is for those who run or check the area's month, and for the organisation that
    /// sent it.
    pub fn may_have_original(&self, area_code: &str, received: &Provenance) -> bool {
        let is_own = received.sent.as_ref().is_some_and(|sent| {
            let own = [Role::PartnerOfficer, Role::PartnerApprover];
            own.into_iter().any(|role| self.person.is_of(role, area_code, &sent.partner_id))
        });
        is_own || self.person.is_any(&[Role::PooledBudgetManager, Role::Auditor], area_code)
    }
}
