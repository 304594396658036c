//! Months, quarters and financial years, as the field writes them.

use std::fmt;

/// A calendar month, written `2025-12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// Month names in calendar order.
const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Month {
    /// The month `month` (1 to 12) of `year`, or none where there is no such month.
    pub fn new(year: i32, month: i32) -> Option<Month> {
        ((1..=12).contains(&month) && (0..=9999).contains(&year)).then_some(Month(year * 12 + month - 1))
    }

    /// Reads exactly `YYYY-MM`; anything else, even `2025-1`, is none.
    pub fn parse(text: &[u8]) -> Option<Month> {
        let [y1, y2, y3, y4, b'-', m1, m2] = text else { return None };
        let number = |digits: &[&u8]| {
            digits.iter().try_fold(0i32, |sum, digit| {
                digit.is_ascii_digit().then(|| sum * 10 + i32::from(**digit - b'0'))
            })
        };
        Month::new(number(&[y1, y2, y3, y4])?, number(&[m1, m2])?)
    }

    /// Months since January of year 0: what the store keeps.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The month with this number, or none outside the years 0 to 9999.
    pub fn from_number(number: i32) -> Option<Month> {
        (0..120_000).contains(&number).then_some(Month(number))
    }

    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// 1 for January to 12 for December.
    pub fn month_of_year(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    /// The month `months` later (earlier where negative).
    pub fn plus(self, months: i32) -> Month {
        Month(self.0 + months)
    }

    /// Months from `earlier` to this one.
    pub fn since(self, earlier: Month) -> i32 {
        self.0 - earlier.0
    }

    /// The same month a year before.
    pub fn year_before(self) -> Month {
        self.plus(-12)
    }

    pub fn financial_year(self) -> FinancialYear {
        FinancialYear(if self.month_of_year() >= 4 { self.year() } else { self.year() - 1 })
    }

    /// 1 for April to 12 for March.
    pub fn month_of_financial_year(self) -> i32 {
        (self.month_of_year() + 8) % 12 + 1
    }

    /// `December 2025`.
    pub fn name(self) -> String {
        format!("{} {}", self.own_name(), self.year())
    }

    /// `Dec`.
    pub fn abbreviation(self) -> &'static str {
        &self.own_name()[..3]
    }

    /// `Dec 25`.
    pub fn short_name(self) -> String {
        let mut name = String::with_capacity(6);
        self.push_short_name(&mut name);
        name
    }

    /// The same, at the end of `out`.
    pub fn push_short_name(self, out: &mut String) {
        let year = self.year().rem_euclid(100) as u8;
        out.push_str(self.abbreviation());
        out.push(' ');
        out.push(char::from(b'0' + year / 10));
        out.push(char::from(b'0' + year % 10));
    }

    fn own_name(self) -> &'static str {
        NAMES[self.0.rem_euclid(12) as usize]
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month_of_year())
    }
}

/// A run of months, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthRange {
    first: Month,
    last: Month,
}

impl MonthRange {
    /// The months from `first` to `last`, or none where `last` comes before `first`.
    pub fn new(first: Month, last: Month) -> Option<MonthRange> {
        (first <= last).then_some(MonthRange { first, last })
    }

    pub fn first(self) -> Month {
        self.first
    }

    pub fn last(self) -> Month {
        self.last
    }

    /// How many months there are; never nought.
    pub fn count(self) -> usize {
        (self.last.0 - self.first.0 + 1) as usize
    }

    pub fn contains(self, month: Month) -> bool {
        self.first <= month && month <= self.last
    }

    /// Where `month` stands in the range, from nought.
    pub fn position(self, month: Month) -> Option<usize> {
        self.contains(month).then(|| (month.0 - self.first.0) as usize)
    }

    pub fn iter(self) -> impl DoubleEndedIterator<Item = Month> + ExactSizeIterator {
        (self.first.0..self.last.0 + 1).map(Month)
    }
}

/// A financial year from April to March, written `2025-26`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FinancialYear(i32);

impl FinancialYear {
    /// The financial year that starts in April of `year`.
    pub fn starting(year: i32) -> FinancialYear {
        FinancialYear(year)
    }

    /// Reads `2025-26`; the second part must be the year after the first.
    pub fn parse(text: &str) -> Option<FinancialYear> {
        let (first, second) = text.split_once('-')?;
        let digits = |part: &str, length| {
            (part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<i32>().ok())
                .flatten()
        };
        let (first, second) = (digits(first, 4)?, digits(second, 2)?);
        ((first + 1) % 100 == second).then_some(FinancialYear(first))
    }

    pub fn start_year(self) -> i32 {
        self.0
    }

    pub fn previous(self) -> FinancialYear {
        FinancialYear(self.0 - 1)
    }

    pub fn first_month(self) -> Month {
        Month(self.0 * 12 + 3)
    }

    pub fn months(self) -> MonthRange {
        MonthRange { first: self.first_month(), last: self.first_month().plus(11) }
    }
}

impl fmt::Display for FinancialYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0, (self.0 + 1).rem_euclid(100))
    }
}

/// What a target speaks of: a month `2015-04`, a quarter `2015-16-Q1` or a year `2015-16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    Month(Month),
    /// A quarter of a financial year, 1 (April to June) to 4.
    Quarter(FinancialYear, u8),
    Year(FinancialYear),
}

impl Period {
    /// Reads the three forms exactly as they are written above.
    pub fn parse(text: &str) -> Option<Period> {
        if let Some(month) = Month::parse(text.as_bytes()) {
            // `2015-16` has no sixteenth month, but `2010-11` is a month and a year: months win.
            return Some(Period::Month(month));
        }
        if let Some((year, quarter)) = text.split_once("-Q") {
            let quarter = match quarter {
                "1" => 1,
                "2" => 2,
                "3" => 3,
                "4" => 4,
                _ => return None,
            };
            return Some(Period::Quarter(FinancialYear::parse(year)?, quarter));
        }
        FinancialYear::parse(text).map(Period::Year)
    }

    /// The months that the period covers.
    pub fn months(self) -> MonthRange {
        match self {
            Period::Month(month) => MonthRange { first: month, last: month },
            Period::Quarter(year, quarter) => {
                let first = year.first_month().plus(3 * (i32::from(quarter) - 1));
                MonthRange { first, last: first.plus(2) }
            }
            Period::Year(year) => year.months(),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::Month(month) => month.fmt(f),
            Period::Quarter(year, quarter) => write!(f, "{year}-Q{quarter}"),
            Period::Year(year) => year.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_financial_year_runs_from_april_to_march() {
        let march = Month::new(2016, 3).unwrap();
        assert_eq!(march.financial_year().to_string(), "2015-16");
        assert_eq!(march.month_of_financial_year(), 12);
        assert_eq!(march.plus(1).financial_year().to_string(), "2016-17");
        assert_eq!(march.plus(1).month_of_financial_year(), 1);
        assert_eq!(FinancialYear::starting(1999).to_string(), "1999-00");
    }

    #[test]
    fn a_year_before_the_first_month_that_is_read_is_still_a_month() {
        let before = Month::parse(b"0000-01").unwrap().year_before();
        assert_eq!((before.name().as_str(), before.short_name().as_str()), ("January -1", "Jan 99"));
        assert_eq!(before.plus(12).since(before), 12);
        assert_eq!((before.month_of_year(), before.month_of_financial_year()), (1, 10));
    }

    #[test]
    fn only_the_exact_form_of_a_month_is_read() {
        assert_eq!(Month::parse(b"2025-12").unwrap().to_string(), "2025-12");
        for text in ["2025-13", "2025-00", "2025-1", "2025/12", "202512", "2025-12-01", "", " 2025-12"] {
            assert_eq!(Month::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_period_is_a_month_a_quarter_or_a_year() {
        for text in ["2015-04", "2015-16-Q1", "2015-16", "1999-00"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Period::parse("2015-17"), None);
        assert_eq!(Period::parse("2015-16-Q5"), None);
        let quarter = Period::parse("2015-16-Q4").unwrap().months();
        assert_eq!(
            (quarter.first().to_string(), quarter.last().to_string()),
            ("2016-01".into(), "2016-03".into())
        );
    }
}
