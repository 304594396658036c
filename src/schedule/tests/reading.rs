//! Schedules as they are written, and what is said of those that cannot be read.

use super::*;

fn fault(text: &str) -> String {
    Schedule::parse(text).expect_err(text)
}

#[test]
fn each_form_is_read_and_said_in_the_same_words() {
    for form in FORMS {
        assert_eq!(schedule(form).words(), form);
    }
}

#[test]
fn capitals_spaces_and_small_words_do_not_matter() {
    for (written, said) in [
        ("  Every   DAY at 5:00 ", "every day at 05:00"),
        ("every monday,thursday and sunday at 04:00", "every Monday, Thursday and Sunday at 04:00"),
        ("every Sun, Mon at 04:00", "every Monday and Sunday at 04:00"),
        ("on the first working day of each month at 06:00", "1st working day of the month at 06:00"),
        ("the 2nd of every month at 06:00", "2nd of the month at 06:00"),
        (
            "1 working day before 22nd of the month at 23:59",
            "1 working day before the 22nd of the month at 23:59",
        ),
        ("NEVER", "never"),
    ] {
        assert_eq!(schedule(written).words(), said);
    }
}

#[test]
fn a_crontab_of_a_usual_shape_is_said_in_words() {
    for (crontab, said) in [
        ("0 6 15 * *", "15th of the month at 06:00"),
        ("15 0 * * *", "every day at 00:15"),
        ("0 4 * * sun", "every Sunday at 04:00"),
        ("0 9 * * SAT-MON", "every Monday, Saturday and Sunday at 09:00"),
        ("0 9 * * MON-SUN", "every day at 09:00"),
        ("0 * * * *", "every hour"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0,30 * * * *", "every 30 minutes"),
    ] {
        assert_eq!(schedule(crontab).words(), said);
        assert_eq!(schedule(crontab), schedule(said));
    }
}

#[test]
fn another_crontab_is_said_as_it_was_written() {
    for (crontab, said) in [
        ("0  6 1,15 *   *", "crontab 0 6 1,15 * *"),
        ("crontab 0 6 31 * *", "crontab 0 6 31 * *"),
        ("CRONTAB */7 8-18/2 * APR,oct Mon-Fri", "crontab */7 8-18/2 * APR,oct Mon-Fri"),
        ("5 * * * *", "crontab 5 * * * *"),
    ] {
        assert_eq!(schedule(crontab).words(), said);
        assert_eq!(schedule(said), schedule(crontab));
    }
}

#[test]
fn days_of_the_week_are_not_numbered() {
    for crontab in ["0 9 * * 1-5", "0 9 * * 0", "0 9 * * MON,3", "0 9 * * */2"] {
        let told = fault(crontab);
        assert!(told.contains("Write names from MON to SUN, like MON-FRI"), "{told}");
    }
}

#[test]
fn a_field_that_cannot_be_is_named_with_what_it_may_be() {
    for (crontab, told) in [
        ("60 6 * * *", "has 60 as the minute. Write 0 to 59"),
        ("0 24 * * *", "has 24 as the hour. Write 0 to 23"),
        ("0 6 0 * *", "has 0 as the day of the month. Write 1 to 31"),
        ("0 6 L * *", "has L as the day of the month. Write 1 to 31"),
        ("0 6 ? * *", "has ? as the day of the month. Write 1 to 31"),
        ("0 6 * 13 *", "has 13 as the month. Write 1 to 12 or JAN to DEC"),
        ("0 6 * * MOON", "has MOON as the day of the week. Write names from MON to SUN"),
        ("*/0 6 * * *", "has */0 as the minute."),
        ("10-5 6 * * *", "has 10-5 as the minute."),
        ("0 6 30 2 *", "names a day that its months do not have."),
        ("0 6 * *", "has 4 fields where a crontab has five"),
        ("0 0 6 * * *", "has 6 fields where a crontab has five"),
        ("5", "has 1 field where a crontab has five"),
        ("crontab", "is not a schedule that is known here."),
        ("@daily", "is a short form that is not read here."),
    ] {
        assert!(fault(crontab).starts_with(told), "{crontab}: {}", fault(crontab));
    }
}

#[test]
fn words_that_cannot_be_read_are_answered_with_why_and_with_every_form() {
    for (words, told) in [
        ("", "is not a schedule that is known here."),
        ("every fortnight", "is not a schedule that is known here."),
        ("every weekday at 09:00", "is not a schedule that is known here."),
        ("every day", "says no time of day."),
        ("every Sunday at", "says no time of day."),
        ("every day at 24:00", "has no time from 00:00 to 23:59"),
        ("every day at 9am", "has no time from 00:00 to 23:59"),
        ("every day at 9:5", "has no time from 00:00 to 23:59"),
        ("every 7 minutes", "does not part an hour evenly"),
        ("16th working day of the month at 06:00", "names a working day that not every month has"),
        ("0th working day of the month at 06:00", "names a working day that not every month has"),
        ("31st of the month at 06:00", "names a day that not every month has"),
        ("16 working days before the 15th of the month at 06:00", "counts back too far"),
        ("15 of the month at 06:00", "is not a schedule that is known here."),
    ] {
        let fault = fault(words);
        assert!(fault.starts_with(told), "{words}: {fault}");
        assert!(FORMS.iter().all(|form| fault.contains(form)) && fault.contains("0 6 15 * *"), "{fault}");
    }
    assert!(fault(&"every day at 05:00 ".repeat(20)).starts_with("is longer than 200 characters."));
}
