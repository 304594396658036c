//! How much somebody has sent within a day: returns, drafts of returns (those that are gone too), and plans.
//! It is counted from what is kept, so that every instance counts alike.

use super::{
    StoreError,
    db::Db,
    integer, kept_time,
    schema::{
        plan_proposal, plan_proposal_file, return_draft, return_draft_gone, sent_return, sent_return_file,
    },
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};

/// How much one person may send within a day. Source: OWASP ASVS 5.0, V5.2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendLimits {
    pub files: u32,
    /// As they were sent; of a plan, as it is kept.
    pub bytes: u64,
}

pub(super) const A_DAY: TimeDelta = TimeDelta::days(1);

/// Refuses a file of so many bytes where its sender would then have sent more within a day than one person
/// may. The first of a day is taken however large it is: files have a bound of their own.
pub(super) fn must_have_room(
    db: &mut Db,
    person: u32,
    bytes: u64,
    at: NaiveDateTime,
    limits: &SendLimits,
) -> Result<(), StoreError> {
    let at = kept_time(at);
    let sent = sent_within_a_day(db, integer(person)?, at)?;
    wait(&sent, bytes, at, limits)
        .map_or(Ok(()), |wait| Err(StoreError::SentEnough { limits: *limits, wait }))
}

/// When what was sent came, the earliest first, and how many bytes it had. Another instance's clock may be
/// ahead; what is dated a day ahead or more, by a clock that was put back since, does not count.
fn sent_within_a_day(
    db: &mut Db,
    person: i32,
    at: NaiveDateTime,
) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
    let (since, until) = (at - A_DAY, at + A_DAY);
    let mut sent: Vec<(NaiveDateTime, i64)> = sent_return::table
        .inner_join(
            sent_return_file::table.on(sent_return_file::area_code
                .eq(sent_return::area_code)
                .and(sent_return_file::number.eq(sent_return::number))),
        )
        .filter(sent_return::sent_by.eq(person))
        .filter(sent_return::sent_at.gt(since).and(sent_return::sent_at.lt(until)))
        .select((sent_return::sent_at, sent_return_file::byte_count))
        .load(db)?;
    let drafts: Vec<(NaiveDateTime, i64)> = return_draft::table
        .filter(return_draft::person.eq(person))
        .filter(return_draft::kept_at.gt(since).and(return_draft::kept_at.lt(until)))
        .select((return_draft::kept_at, return_draft::byte_count))
        .load(db)?;
    sent.extend(drafts);
    let gone: Vec<(NaiveDateTime, i64)> = return_draft_gone::table
        .filter(return_draft_gone::person.eq(person))
        .filter(return_draft_gone::kept_at.gt(since).and(return_draft_gone::kept_at.lt(until)))
        .select((return_draft_gone::kept_at, return_draft_gone::byte_count))
        .load(db)?;
    sent.extend(gone);
    let proposals: Vec<(NaiveDateTime, i64)> = plan_proposal::table
        .inner_join(plan_proposal_file::table.on(plan_proposal_file::proposal.eq(plan_proposal::number)))
        .filter(plan_proposal::proposed_by.eq(person))
        .filter(plan_proposal::proposed_at.gt(since).and(plan_proposal::proposed_at.lt(until)))
        .group_by(plan_proposal::number)
        .select((plan_proposal::proposed_at, sql::<BigInt>("CAST(sum(length(content)) AS BIGINT)")))
        .load(db)?;
    sent.extend(proposals);
    sent.sort_unstable();
    sent.into_iter().map(|(at, bytes)| Ok((at, super::length(bytes)?))).collect()
}

/// For how long a further file must wait until enough of what was sent is a day old; none where it need not.
fn wait(
    sent: &[(NaiveDateTime, u64)],
    bytes: u64,
    now: NaiveDateTime,
    limits: &SendLimits,
) -> Option<TimeDelta> {
    let mut files = sent.len() + 1;
    let mut in_all = sent.iter().fold(bytes, |sum, (_, bytes)| sum.saturating_add(*bytes));
    let mut wait = None;
    for (at, bytes) in sent {
        if files <= limits.files as usize && in_all <= limits.bytes {
            break;
        }
        files -= 1;
        in_all -= bytes;
        wait = Some(*at + A_DAY - now);
    }
    wait
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_waits_until_enough_of_what_was_sent_is_a_day_old() {
        let at = |hours| NaiveDateTime::default() + TimeDelta::hours(hours);
        let hours = |sent: &[(NaiveDateTime, u64)], bytes, limits: &SendLimits| {
            wait(sent, bytes, at(12), limits).map(|wait| wait.num_hours())
        };
        let sent = [(at(1), 50), (at(2), 10), (at(9), 40)];
        let limits = SendLimits { files: 4, bytes: 110 };
        assert_eq!(hours(&sent, 10, &limits), None, "four files of 110 bytes in all");
        // The first is a day old 25 hours after midnight, which is 13 hours from noon.
        assert_eq!(hours(&sent, 11, &limits), Some(13));
        assert_eq!(hours(&sent, 61, &limits), Some(14), "50 bytes are not enough: 10 more have to go");
        assert_eq!(hours(&sent, 1, &SendLimits { files: 3, ..limits }), Some(13));
        assert_eq!(hours(&sent, 1, &SendLimits { files: 1, ..limits }), Some(21));
        // What is too large for any day waits for an empty one, and is taken then.
        assert_eq!(hours(&sent, 500, &limits), Some(21));
        assert_eq!(hours(&[], 500, &limits), None);
    }
}
