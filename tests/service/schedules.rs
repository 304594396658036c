//! When jobs are due, as a plan says: checked with it, kept with it, and without effect on any figure.

use crate::{
    bench::{Bench, files, on_each_database},
    example::{self, AREA, AS_AT},
};

const HEADING: &str = "area_code,job,schedule,catch_up\n";

#[test]
fn a_schedule_that_cannot_be_is_refused_with_the_plan_and_a_doubtful_one_is_noted() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.write("plan/schedules.csv", format!("{HEADING},compute,every day at 01:30,\n"));
    let checked = bench.outturn(&["plan", "check", "plan"]).done();
    let told = checked.out + &checked.errors;
    assert!(told.contains("\"every day at 01:30\" falls between 01:00 and 02:00"), "{told}");
    bench
        .write("plan/schedules.csv", format!("{HEADING},compute,0 5 * * 1-5,\n{AREA},back up,every hour,\n"));
    bench.outturn(&["plan", "check", "plan"]).ended(
        1,
        &[
            "schedules, row 2, column C \"schedule\": \"0 5 * * 1-5\" numbers its days of the week",
            "schedules, row 3, column A \"area_code\": \"E10000002\" is given for \"back up\"",
        ],
    );
}

#[test]
fn schedules_are_kept_with_the_plan_and_move_no_figure() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        let before = files(&bench.path("out").join(AREA));
        let rows = format!("{HEADING}{AREA},compute,5th working day of the month at 06:00,all\n");
        bench.write("plan/schedules.csv", &rows);
        bench.run(AS_AT, &[]).done();
        assert_eq!(bench.held().0, 2, "another edition");
        let after = files(&bench.path("out").join(AREA));
        assert_eq!(before["positions.json"], after["positions.json"]);
        bench.outturn(&["plan", "export", "--out", "exported"]).done();
        assert_eq!(bench.text("exported/schedules.csv"), rows);
    });
}
