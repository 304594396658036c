//! Calendar files that any calendar program reads. Source: RFC 5545.
//!
//! The same events are the same file to the byte: an event's id stays the same, and its stamp is when
//! what it says was last settled, not when the file is made.

use chrono::{Days, NaiveDate, NaiveDateTime};

/// The longest line in octets, its end aside (3.1).
const LONGEST_LINE: usize = 75;

/// A calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub name: String,
    pub events: Vec<Event>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same for the same event, in whichever file it stands.
    pub id: String,
    pub when: When,
    pub title: String,
    pub text: String,
    /// Where more is said; empty for nowhere.
    pub link: String,
    /// When this was last settled, in UTC.
    pub settled_at: NaiveDateTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The whole day, wherever whoever reads it is.
    Day(NaiveDate),
    /// A moment, in UTC.
    At(NaiveDateTime),
}

impl Calendar {
    /// The file.
    pub fn text(&self) -> String {
        let mut out = Lines(String::new());
        for (name, value) in [
            ("BEGIN", "VCALENDAR"),
            ("VERSION", "2.0"),
            ("PRODID", "-//Outturn//Outturn//EN"),
            ("CALSCALE", "GREGORIAN"),
            ("METHOD", "PUBLISH"),
        ] {
            out.line(name, value);
        }
        out.line("X-WR-CALNAME", &escaped(&self.name));
        for event in &self.events {
            event.write(&mut out);
        }
        out.line("END", "VCALENDAR");
        out.0
    }
}

impl Event {
    fn write(&self, out: &mut Lines) {
        out.line("BEGIN", "VEVENT");
        out.line("UID", &escaped(&self.id));
        out.line("DTSTAMP", &moment(self.settled_at));
        match self.when {
            When::Day(day) => {
                out.line("DTSTART;VALUE=DATE", &date(day));
                // The day after, which is not part of it (3.6.1).
                out.line("DTEND;VALUE=DATE", &date(day + Days::new(1)));
            }
            When::At(at) => out.line("DTSTART", &moment(at)),
        }
        out.line("SUMMARY", &escaped(&self.title));
        if !self.text.is_empty() {
            out.line("DESCRIPTION", &escaped(&self.text));
        }
        if !self.link.is_empty() {
            let link: String = self.link.chars().filter(|letter| !letter.is_control()).collect();
            out.line("URL", &link);
        }
        // It fills nobody's day.
        out.line("TRANSP", "TRANSPARENT");
        out.line("END", "VEVENT");
    }
}

struct Lines(String);

impl Lines {
    /// Writes a line; one that is too long goes on in the next, after a space (3.1).
    fn line(&mut self, name: &str, value: &str) {
        let mut room = LONGEST_LINE;
        for letter in format!("{name}:{value}").chars() {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LONGEST_LINE - 1;
            }
            room -= letter.len_utf8();
            self.0.push(letter);
        }
        self.0.push_str("\r\n");
    }
}

/// Text as a value (3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

fn date(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

fn moment(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn event() -> Event {
        Event {
            id: "due-E10000002-2015-12@outturn".into(),
            when: When::Day(NaiveDate::from_ymd_opt(2015, 12, 31).unwrap()),
            title: "Finance return; due, by \\ day’s end".into(),
            text: "First line\r\nSecond\tline".into(),
            link: "https://outturn.example.org/areas/E10000002".into(),
            settled_at: at("2015-04-01 09:05"),
        }
    }

    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn a_calendar_is_what_rfc_5545_says() {
        let calendar = Calendar { name: "Buckinghamshire".into(), events: vec![event()] };
        let text = calendar.text();
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Outturn//Outturn//EN\r\n\
            CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Buckinghamshire\r\n\
            BEGIN:VEVENT\r\nUID:due-E10000002-2015-12@outturn\r\nDTSTAMP:20150401T090500Z\r\n\
            DTSTART;VALUE=DATE:20151231\r\nDTEND;VALUE=DATE:20160101\r\n\
            SUMMARY:Finance return\\; due\\, by \\\\ day’s end\r\n\
            DESCRIPTION:First line\\nSecond line\r\n\
            URL:https://outturn.example.org/areas/E10000002\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n\
            END:VCALENDAR\r\n";
        assert_eq!(unfolded(&text), expected);
        assert_eq!(text, calendar.text());
    }

    #[test]
    fn a_moment_is_written_in_utc() {
        let released = Event { when: When::At(at("2015-07-01 08:30")), ..event() };
        let text = Calendar { name: String::new(), events: vec![released] }.text();
        assert!(text.contains("\r\nDTSTART:20150701T083000Z\r\n") && !text.contains("DTEND"), "{text}");
    }

    #[test]
    fn no_line_is_longer_than_75_octets_and_no_letter_is_cut() {
        for length in 60..90 {
            let long = "é".repeat(length) + &"a".repeat(length) + &"🏥".repeat(length);
            let text = Calendar { name: long.clone(), events: Vec::new() }.text();
            for line in text.split("\r\n") {
                assert!(line.len() <= LONGEST_LINE, "{} octets: {line}", line.len());
            }
            assert!(unfolded(&text).contains(&long));
        }
    }

    #[test]
    fn nothing_that_people_wrote_can_end_a_line() {
        let hostile = "x\r\nEND:VCALENDAR\u{7}\r\nATTACH:evil";
        let event = Event {
            title: hostile.into(),
            text: hostile.into(),
            link: hostile.into(),
            id: hostile.into(),
            ..event()
        };
        let text = unfolded(&Calendar { name: hostile.into(), events: vec![event] }.text());
        assert_eq!(text.matches("END:VCALENDAR\r\n").count(), 1, "{text}");
        assert!(!text.lines().any(|line| line.starts_with("ATTACH")), "{text}");
    }
}
