//! When jobs are due, as a plan says.

use super::*;
use crate::schedule::{CatchUp, Job, default_of};

const HEADING: &str = "area_code,job,schedule,catch_up\n";

fn with_rows(rows: &str) -> Vec<PlanFile> {
    with("schedules", &format!("{HEADING}{rows}"))
}

#[test]
fn an_area_has_its_own_schedules_else_those_of_every_area_else_the_usual_ones() {
    let plan = read(&base()).unwrap();
    let own = plan.schedules_of(Job::Compute, "E06000101");
    assert_eq!(
        own.words(),
        "every day at 07:00; every Monday, Tuesday, Wednesday, Thursday and Friday at 12:00"
    );
    assert_eq!(own.catch_up, CatchUp::Latest);
    let other = plan.schedules_of(Job::Compute, "E06000102");
    assert_eq!((other.words(), other.catch_up), ("every hour".into(), CatchUp::None));
    assert_eq!(plan.schedules_of(Job::BackUp, "").words(), "every day at 23:30");
    assert_eq!(plan.schedules_of(Job::Remind, "E06000101"), default_of(Job::Remind));
    assert_eq!(plan.schedules_of(Job::Verify, ""), default_of(Job::Verify));
    assert!(plan.schedules_of(Job::Release, "E06000101").schedules.is_empty());
}

#[test]
fn a_plan_of_some_areas_keeps_their_schedules() {
    let plan = read(&base()).unwrap();
    let plan = plan.only(&["E06000102".to_owned()]).unwrap();
    assert_eq!(plan.schedules_of(Job::Compute, "E06000101").words(), "every hour");
    assert_eq!(plan.schedules_of(Job::BackUp, "").words(), "every day at 23:30");
}

#[test]
fn the_area_and_the_policy_may_be_left_out() {
    let plan = read(&with("schedules", "job,schedule\nremind,never\n")).unwrap();
    let remind = plan.schedules_of(Job::Remind, "E06000101");
    assert!(remind.schedules[0].is_never());
    assert_eq!(remind.catch_up, CatchUp::Latest);
    let plan = read(&without("schedules")).unwrap();
    assert_eq!(plan.schedules_of(Job::Compute, "E06000101"), default_of(Job::Compute));
}

#[test]
fn what_cannot_be_a_schedule_is_told_with_what_to_write() {
    let files = with_rows(
        "E06000109,compute,every day at 05:00,\n,publish,every day at 05:00,\n,release,every day at 05:00,\n\
         E06000101,back up,every day at 05:00,\n,compute,0 5 * * 1-5,\n,remind,,\n\
         ,verify,every Sunday at 05:00,first\n",
    );
    assert_eq!(
        faults(&files),
        [
            "schedules, row 2, column A \"area_code\": \"E06000109\" is the code of no area of the plan. Correct \
             it, or add the area to areas",
            "schedules, row 3, column B \"job\": \"publish\" is not known here. Write remind, compute, draft \
             pack, back up, verify or tidy up",
            "schedules, row 4, column B \"job\": \"release\" has no schedule: packs are released at the time \
             chosen for each. Take the row out",
            "schedules, row 5, column A \"area_code\": \"E06000101\" is given for \"back up\", which is done once \
             for the whole service. Leave it empty",
            "schedules, row 6, column C \"schedule\": \"0 5 * * 1-5\" numbers its days of the week (1-5), and \
             programs count them differently. Write names from MON to SUN, like MON-FRI",
            "schedules, row 7, column C \"schedule\": the empty cell needs an entry. Write when the job is due, \
             like every working day at 09:00",
            "schedules, row 8, column D \"catch_up\": \"first\" is not known here. Write all, latest or none",
        ]
    );
    let told = faults(&with_rows(",compute,every fortnight,\n"));
    assert!(
        told[0].starts_with(
            "schedules, row 2, column C \"schedule\": \"every fortnight\" is not a schedule that is known here. \
             Write it like one of these: every day at 05:00; every working day at 09:00;"
        ),
        "{told:?}"
    );
}

#[test]
fn rows_of_one_job_must_not_repeat_or_contradict_each_other() {
    let files = with_rows(
        "E06000101,compute,every day at 05:00,\nE06000101,compute,0 5 * * *,\n\
         E06000101,compute,every hour,all\nE06000102,compute,every day at 05:00,all\n\
         ,compute,every day at 05:00,none\n,remind,every day at 05:00,\n,remind,never,\n",
    );
    assert_eq!(
        faults(&files),
        [
            "schedules, row 3, column C \"schedule\": \"0 5 * * *\" stands in row 2 for the same job already. \
             Keep one of the two rows",
            "schedules, row 4, column D \"catch_up\": \"all\" is not what row 2 says for the same job \
             (\"latest\"). Write the same in both rows",
            "schedules, row 8, column C \"schedule\": \"never\" contradicts row 7 for the same job. Keep one of \
             the two rows",
        ]
    );
}

#[test]
fn a_time_that_a_change_of_clocks_moves_is_a_note() {
    let files = with_rows(",compute,every day at 01:30,\n,remind,every working day at 01:30,\n");
    let told = notes(&files);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with(
            "schedules, row 2, column C \"schedule\": \"every day at 01:30\" falls between 01:00 and 02:00."
        ),
        "{told:?}"
    );
}

#[test]
fn a_changed_schedule_is_a_change_of_its_row() {
    let changes =
        difference(&base(), &with_change("schedules", ",back up,every day at 23:30", ",back up,every hour"));
    let changes = changes.unwrap();
    assert_eq!((changes.len(), changes[0].kind, &*changes[0].row), (1, RowChangeKind::Changed, "back up"));
    assert_eq!((changes[0].cells[0].column, &*changes[0].cells[0].new), ("schedule", "every hour"));
}
