//! The values that a pack shows, and the one way each is written.
//!
//! A value is written the same way in the page and in print; the CSV tables hold it plain.

use crate::{
    figures::{
        measure::Rag,
        money::Pence,
        period::{FinancialYear, Month},
    },
    packs::document::{Cell, Status},
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Text(Cow<'a, str>),
    Whole(i64),
    Money(Pence),
    /// A measure's value with the decimals it is published with.
    Number(Decimal),
    Percent(Decimal),
    Month(Month),
    Year(FinancialYear),
    Rag(Rag),
    /// A judgement that is not a RAG, such as a process chart's, in a word.
    Judged(Status, &'static str),
    Missing(State),
}

/// Why a figure is not there. It never collapses to nought or to an empty cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was due yet: the month has not closed, its return's day has not come, or the measure is not
    /// reported for it.
    NotDue,
    /// Due, and not received.
    Late,
    /// The target is still to be confirmed.
    ToBeConfirmed,
    /// No target was set.
    NoTarget,
    /// There is nothing to work it out from.
    NotAvailable,
    /// It does not apply here.
    NotApplicable,
}

impl State {
    /// The words shown.
    pub fn words(self) -> &'static str {
        match self {
            State::NotDue => "not due",
            State::Late => "late",
            State::ToBeConfirmed => "TBC",
            State::NoTarget => "none",
            State::NotAvailable => "no data",
            State::NotApplicable => "n/a",
        }
    }
}

/// How a column writes its values where the value alone does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    #[default]
    Plain,
    /// Money to the pound, rounded half away from zero.
    Pounds,
    /// Money to the pound, with a plus sign when it is above nought.
    SignedPounds,
    /// Money to the penny, with a plus sign when it is above nought.
    SignedMoney,
}

impl Show {
    /// The form that a template names.
    pub fn named(name: &str) -> Option<Show> {
        match name {
            "plain" => Some(Show::Plain),
            "pounds" => Some(Show::Pounds),
            "signed-pounds" => Some(Show::SignedPounds),
            "signed-money" => Some(Show::SignedMoney),
            _ => None,
        }
    }
}

impl<'a> Value<'a> {
    pub fn text(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }

    /// The same value, resting on nothing else.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Whole(number) => Value::Whole(number),
            Value::Money(amount) => Value::Money(amount),
            Value::Number(number) => Value::Number(number),
            Value::Percent(percent) => Value::Percent(percent),
            Value::Month(month) => Value::Month(month),
            Value::Year(year) => Value::Year(year),
            Value::Rag(rag) => Value::Rag(rag),
            Value::Judged(status, word) => Value::Judged(status, word),
            Value::Missing(state) => Value::Missing(state),
        }
    }

    /// The number, or why there is none.
    pub fn number(number: Option<Decimal>, state: State) -> Value<'a> {
        number.map_or(Value::Missing(state), Value::Number)
    }

    pub fn percent(percent: Option<Decimal>) -> Value<'a> {
        percent.map_or(Value::Missing(State::NotApplicable), Value::Percent)
    }

    pub fn money(amount: Option<Pence>) -> Value<'a> {
        amount.map_or(Value::Missing(State::NotApplicable), Value::Money)
    }

    /// As the page and the print show it.
    pub fn shown(&self, show: Show) -> String {
        let mut out = String::new();
        self.push_shown(&mut out, show);
        out
    }

    /// The same, at the end of `out`.
    pub fn push_shown(&self, out: &mut String, show: Show) {
        match self {
            Value::Text(text) => out.push_str(text),
            Value::Whole(number) => push_whole(out, *number),
            Value::Money(amount) => push_money(out, *amount, show),
            Value::Number(number) => push_decimal(out, *number, push_grouped),
            Value::Percent(percent) => {
                push_decimal(out, *percent, push_plain);
                out.push('%');
            }
            Value::Month(month) => month.push_short_name(out),
            Value::Year(year) => out.push_str(&year_words(*year)),
            Value::Rag(rag) => out.push_str(status_of(*rag).word()),
            Value::Judged(_, word) => out.push_str(word),
            Value::Missing(state) => out.push_str(state.words()),
        }
    }

    /// A difference: with a plus sign when it is above nought.
    pub fn signed(&self) -> String {
        let is_above = match self {
            Value::Whole(number) => *number > 0,
            Value::Money(amount) => *amount > Pence::ZERO,
            Value::Number(number) | Value::Percent(number) => *number > Decimal::ZERO,
            Value::Text(_)
            | Value::Month(_)
            | Value::Year(_)
            | Value::Rag(_)
            | Value::Judged(..)
            | Value::Missing(_) => false,
        };
        if is_above { format!("+{}", self.shown(Show::Plain)) } else { self.shown(Show::Plain) }
    }

    /// As a cell of a table.
    pub fn cell(&self, show: Show) -> Cell {
        let status = match self {
            Value::Rag(rag) => Some(status_of(*rag)),
            Value::Judged(status, _) => Some(*status),
            Value::Text(_)
            | Value::Whole(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Percent(_)
            | Value::Month(_)
            | Value::Year(_)
            | Value::Missing(_) => None,
        };
        Cell { status, missing: matches!(self, Value::Missing(_)), ..Cell::text(self.shown(show)) }
    }

    /// As open data holds it: no thousands separators or signs for pounds, an ordinary minus, and
    /// a missing value in square brackets.
    pub fn plain(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Whole(number) => Cow::Owned(number.to_string()),
            Value::Money(amount) => Cow::Owned(amount.to_string()),
            Value::Number(number) | Value::Percent(number) => Cow::Owned(number.to_string()),
            Value::Month(month) => Cow::Owned(month.to_string()),
            Value::Year(year) => Cow::Owned(year.to_string()),
            Value::Rag(rag) => Cow::Borrowed(status_of(*rag).word()),
            Value::Judged(_, word) => Cow::Borrowed(word),
            Value::Missing(state) => Cow::Owned(format!("[{}]", state.words())),
        }
    }
}

/// The status that stands for a RAG.
pub fn status_of(rag: Rag) -> Status {
    match rag {
        Rag::Green => Status::Good,
        Rag::Amber => Status::Watch,
        Rag::Red => Status::Bad,
        Rag::NotJudged => Status::Unknown,
    }
}

/// `2015/16`, as it is written in words.
pub fn year_words(year: FinancialYear) -> String {
    year.to_string().replace('-', "/")
}

/// `£1,234.50`, `−£0.01`.
pub fn money(amount: Pence) -> String {
    Value::Money(amount).shown(Show::Plain)
}

/// `£1,235`.
pub fn pounds(amount: Pence) -> String {
    Value::Money(amount).shown(Show::Pounds)
}

/// `+£1,235`, `−£20`.
pub fn signed_pounds(amount: Pence) -> String {
    Value::Money(amount).shown(Show::SignedPounds)
}

const MINUS: char = '\u{2212}';

fn push_money(out: &mut String, amount: Pence, show: Show) {
    let (to_the_pound, signed) = match show {
        Show::Plain => (false, false),
        Show::Pounds => (true, false),
        Show::SignedPounds => (true, true),
        Show::SignedMoney => (false, true),
    };
    let size = amount.0.unsigned_abs();
    let rounded = if to_the_pound { (size + 50) / 100 } else { size };
    // What rounds to nought has no sign.
    if amount.0 < 0 && rounded > 0 {
        out.push(MINUS);
    } else if signed && amount.0 > 0 && rounded > 0 {
        out.push('+');
    }
    out.push('£');
    if to_the_pound {
        push_grouped(out, u128::from(rounded));
    } else {
        push_grouped(out, u128::from(rounded / 100));
        let pence = rounded % 100;
        out.push('.');
        push_digit(out, pence / 10);
        push_digit(out, pence % 10);
    }
}

fn push_whole(out: &mut String, number: i64) {
    if number < 0 {
        out.push(MINUS);
    }
    push_grouped(out, u128::from(number.unsigned_abs()));
}

fn push_decimal(out: &mut String, number: Decimal, push_whole: fn(&mut String, u128)) {
    let (size, places) = (number.mantissa().unsigned_abs(), number.scale());
    if number.is_sign_negative() && size > 0 {
        out.push(MINUS);
    }
    // Nearly every figure is far smaller than 64 bits, which a processor divides in one step.
    let (whole, mut decimals) = match (u64::try_from(size), 10u64.checked_pow(places)) {
        (Ok(size), Some(unit)) => (u128::from(size / unit), u128::from(size % unit)),
        (Ok(_) | Err(_), _) => (size / 10u128.pow(places), size % 10u128.pow(places)),
    };
    push_whole(out, whole);
    if places > 0 {
        out.push('.');
        let mut digits = [b'0'; 28];
        let digits = &mut digits[..places as usize];
        for digit in digits.iter_mut().rev() {
            *digit += (decimals % 10) as u8;
            decimals /= 10;
        }
        push_digits(out, digits);
    }
}

/// Digits with a comma between thousands.
fn push_grouped(out: &mut String, number: u128) {
    push_in_groups::<3>(out, number);
}

/// Digits alone, as per cents are written.
fn push_plain(out: &mut String, number: u128) {
    push_in_groups::<{ usize::MAX }>(out, number);
}

fn push_in_groups<const GROUP: usize>(out: &mut String, number: u128) {
    let mut digits = [0u8; 52];
    let mut at = digits.len();
    let mut count = 0;
    let mut push = |digit: u8| {
        if count > 0 && count % GROUP == 0 {
            at -= 1;
            digits[at] = b',';
        }
        at -= 1;
        digits[at] = b'0' + digit;
        count += 1;
    };
    let mut rest = number;
    while rest > u128::from(u64::MAX) {
        push((rest % 10) as u8);
        rest /= 10;
    }
    let mut rest = rest as u64;
    loop {
        push((rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    push_digits(out, &digits[at..]);
}

fn push_digits(out: &mut String, digits: &[u8]) {
    out.push_str(std::str::from_utf8(digits).expect("digits are text"));
}

fn push_digit(out: &mut String, digit: u64) {
    out.push(char::from(b'0' + digit as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_with_thousands_and_a_true_minus() {
        assert_eq!(money(Pence(123_456_789)), "£1,234,567.89");
        assert_eq!(money(Pence(-1)), "−£0.01");
        assert_eq!(pounds(Pence(150)), "£2");
        assert_eq!(pounds(Pence(-149)), "−£1");
        assert_eq!(signed_pounds(Pence(99_950)), "+£1,000");
        assert_eq!(signed_pounds(Pence(0)), "£0");
        assert_eq!((signed_pounds(Pence(49)), pounds(Pence(-49))), ("£0".to_owned(), "£0".to_owned()));
    }

    #[test]
    fn a_number_keeps_its_decimals() {
        for (number, shown) in [
            ("1234.50", "1,234.50"),
            ("-0.05", "−0.05"),
            ("0", "0"),
            ("1000000", "1,000,000"),
            ("-999.9", "−999.9"),
        ] {
            let number: Decimal = number.parse().unwrap();
            assert_eq!(Value::Number(number).shown(Show::Plain), shown);
        }
        let percent: Decimal = "-5025.00".parse().unwrap();
        assert_eq!(Value::Percent(percent).shown(Show::Plain), "−5025.00%");
    }

    #[test]
    fn open_data_is_plain() {
        assert_eq!(Value::Money(Pence(-123_450)).plain(), "-1234.50");
        assert_eq!(Value::Missing(State::Late).plain(), "[late]");
    }
}
