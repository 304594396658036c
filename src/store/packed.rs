//! The facts of a submission packed into one piece: numbers of as few bytes as they need, each row told by
//! how it differs from the one before, ids by their place in a list at the head.
//!
//! Whoever works out all of an area's figures reads them so in a tenth of the time that the rows take. The
//! rows remain what counts: they are read where a pack is verified or a figure explained.

use super::{
    StoreError, SubmissionFacts,
    fact_rows::{NOT_SET, NUMBER, TO_BE_CONFIRMED},
    ids::RowId,
};
use crate::figures::{
    agreement::AreaPlan,
    facts::{Source, TargetValue},
    period::Month,
};

/// How facts are packed; what is packed otherwise is not read.
const FORM: u8 = 1;

/// The rows of facts: submission, row, and what follows in their tables.
pub(super) type MeasureRow = (i32, i32, RowId, i32, RowId, i64, Option<i64>);
pub(super) type TargetRow = (i32, i32, RowId, RowId, RowId, Option<i64>);
pub(super) type FinanceRow = (i32, i32, i32, RowId, RowId, i64, Option<i64>, i64);
pub(super) type CapitationRow = (i32, i32, i32, RowId, RowId, i64, i64);

/// Packs the facts of one submission.
pub(super) fn pack(plan: &AreaPlan, facts: SubmissionFacts<'_>) -> Vec<u8> {
    let mut packed = Packing { bytes: Vec::with_capacity(facts.count() * 16 + 1024), row: 0, month: 0 };
    packed.bytes.push(FORM);
    let partners = || plan.partners.iter().map(|partner| partner.id.as_str());
    let measures = || plan.measures.iter().map(|measure| measure.id.as_str());
    match facts {
        SubmissionFacts::Measures(facts) => {
            packed.head(measures(), partners(), facts.len());
            for fact in facts {
                packed.place(fact.source, fact.month);
                packed.ids(fact.measure, fact.partner);
                packed.signed(fact.numerator_hundredths);
                packed.if_any(fact.denominator_hundredths);
            }
        }
        SubmissionFacts::Targets(facts) => {
            packed.head(measures(), [].into_iter(), facts.len());
            for target in facts {
                packed.row(target.source);
                packed.number(target.measure.into());
                packed.text(&target.period.to_string());
                match target.value {
                    TargetValue::Number(number) => {
                        packed.text(NUMBER);
                        packed.if_any(Some(number));
                    }
                    TargetValue::ToBeConfirmed => {
                        packed.text(TO_BE_CONFIRMED);
                        packed.if_any(None);
                    }
                    TargetValue::NotSet => {
                        packed.text(NOT_SET);
                        packed.if_any(None);
                    }
                }
            }
        }
        SubmissionFacts::Finance(facts) => {
            let schemes = plan.schemes.iter().map(|scheme| scheme.id.as_str());
            packed.head(schemes, partners(), facts.len());
            for line in facts {
                packed.place(line.source, line.month);
                packed.ids(line.scheme, line.partner);
                packed.signed(line.budget.0);
                packed.if_any(line.actual.map(|actual| actual.0));
                packed.signed(line.forecast.0);
            }
        }
        SubmissionFacts::Capitation(facts) => {
            let segments = plan.segments.iter().map(|segment| segment.id.as_str());
            let practices = plan.practices.iter().map(|practice| practice.code.as_str());
            packed.head(segments, practices, facts.len());
            for line in facts {
                packed.place(line.source, line.month);
                packed.ids(line.segment, line.practice);
                packed.signed(line.members.into());
                packed.signed(line.cost.0);
            }
        }
    }
    packed.bytes
}

struct Packing {
    bytes: Vec<u8>,
    row: i64,
    month: i64,
}

impl Packing {
    /// The ids that rows name by their place, of two kinds, and how many rows there are.
    fn head<'a>(
        &mut self,
        first: impl ExactSizeIterator<Item = &'a str>,
        second: impl ExactSizeIterator<Item = &'a str>,
        rows: usize,
    ) {
        self.number(first.len() as u64);
        first.for_each(|id| self.text(id));
        self.number(second.len() as u64);
        second.for_each(|id| self.text(id));
        self.number(rows as u64);
    }

    fn row(&mut self, source: Source) {
        let row = i64::from(source.row);
        self.signed(row - self.row);
        self.row = row;
    }

    fn place(&mut self, source: Source, month: Month) {
        self.row(source);
        let month = i64::from(month.number());
        self.signed(month - self.month);
        self.month = month;
    }

    fn ids(&mut self, first: u16, second: u16) {
        self.number(first.into());
        self.number(second.into());
    }

    fn if_any(&mut self, number: Option<i64>) {
        self.number(number.is_some().into());
        if let Some(number) = number {
            self.signed(number);
        }
    }

    /// Small numbers of either sign become small ones without: 0, −1, 1, −2 become 0, 1, 2, 3.
    fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// The packed facts of one submission.
pub(super) struct Packed {
    pub(super) submission: i32,
    pub(super) bytes: Vec<u8>,
}

/// Rows as they are unpacked.
type Unpacked<R> = Result<R, StoreError>;

impl Packed {
    pub(super) fn measures(&self) -> Unpacked<impl Iterator<Item = Unpacked<MeasureRow>>> {
        self.rows(|at| {
            let (row, month) = at.place()?;
            let (measure, partner) = (at.id(0)?, at.id(1)?);
            Ok((at.submission, row, measure, month, partner, at.signed()?, at.if_any()?))
        })
    }

    pub(super) fn targets(&self) -> Unpacked<impl Iterator<Item = Unpacked<TargetRow>>> {
        self.rows(|at| {
            let row = at.row()?;
            Ok((at.submission, row, at.id(0)?, at.text()?, at.text()?, at.if_any()?))
        })
    }

    pub(super) fn finance(&self) -> Unpacked<impl Iterator<Item = Unpacked<FinanceRow>>> {
        self.rows(|at| {
            let (row, month) = at.place()?;
            let (scheme, partner) = (at.id(0)?, at.id(1)?);
            Ok((at.submission, row, month, scheme, partner, at.signed()?, at.if_any()?, at.signed()?))
        })
    }

    pub(super) fn capitation(&self) -> Unpacked<impl Iterator<Item = Unpacked<CapitationRow>>> {
        self.rows(|at| {
            let (row, month) = at.place()?;
            let (segment, practice) = (at.id(0)?, at.id(1)?);
            Ok((at.submission, row, month, segment, practice, at.signed()?, at.signed()?))
        })
    }

    fn rows<'a, R>(
        &'a self,
        one: impl Fn(&mut Unpacking<'a>) -> Unpacked<R>,
    ) -> Unpacked<impl Iterator<Item = Unpacked<R>>> {
        let (mut at, count) = Unpacking::open(self)?;
        Ok((0..count).map(move |_| one(&mut at)))
    }
}

/// Where packed facts are read.
struct Unpacking<'a> {
    submission: i32,
    rest: &'a [u8],
    ids: [Vec<RowId>; 2],
    row: i64,
    month: i64,
}

impl<'a> Unpacking<'a> {
    /// Reads the head; gives how many rows follow.
    fn open(packed: &'a Packed) -> Unpacked<(Unpacking<'a>, u64)> {
        let Some((&FORM, rest)) = packed.bytes.split_first() else { return Err(damaged()) };
        let ids = [Vec::new(), Vec::new()];
        let mut at = Unpacking { submission: packed.submission, rest, ids, row: 0, month: 0 };
        for kind in 0..at.ids.len() {
            let count = at.number()?;
            at.ids[kind] = (0..count).map(|_| at.text()).collect::<Unpacked<Vec<RowId>>>()?;
        }
        let count = at.number()?;
        Ok((at, count))
    }

    fn row(&mut self) -> Unpacked<i32> {
        self.row = self.signed()?.checked_add(self.row).ok_or_else(damaged)?;
        i32::try_from(self.row).map_err(|_| damaged())
    }

    /// The row and its month.
    fn place(&mut self) -> Unpacked<(i32, i32)> {
        let row = self.row()?;
        self.month = self.signed()?.checked_add(self.month).ok_or_else(damaged)?;
        Ok((row, i32::try_from(self.month).map_err(|_| damaged())?))
    }

    fn id(&mut self, kind: usize) -> Unpacked<RowId> {
        let place = usize::try_from(self.number()?).map_err(|_| damaged())?;
        self.ids[kind].get(place).cloned().ok_or_else(damaged)
    }

    fn if_any(&mut self) -> Unpacked<Option<i64>> {
        if self.number()? == 0 { Ok(None) } else { self.signed().map(Some) }
    }

    fn signed(&mut self) -> Unpacked<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn number(&mut self) -> Unpacked<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or_else(damaged)?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    fn text(&mut self) -> Unpacked<RowId> {
        let length = usize::try_from(self.number()?).map_err(|_| damaged())?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or_else(damaged)?;
        self.rest = rest;
        Ok(RowId::new(str::from_utf8(text).map_err(|_| damaged())?))
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged("packed facts that cannot be read".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were() {
        let numbers = [0, -1, 1, 63, -64, 64, 300, -1_000_000, i64::MAX, i64::MIN];
        let mut packed = Packing { bytes: vec![FORM], row: 0, month: 0 };
        packed.head(["S001", "é"].into_iter(), [].into_iter(), numbers.len());
        for number in numbers {
            packed.signed(number);
            packed.if_any(None);
            packed.if_any(Some(number));
        }
        let packed = Packed { submission: 7, bytes: packed.bytes };
        let read = |at: &mut Unpacking<'_>| Ok((at.signed()?, at.if_any()?, at.if_any()?));
        let found: Vec<_> = packed.rows(read).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, numbers.map(|number| (number, None, Some(number))));
    }

    #[test]
    fn a_piece_that_is_cut_off_is_told_and_not_read_as_fewer_facts() {
        let mut packed = Packing { bytes: vec![FORM], row: 0, month: 0 };
        packed.head(["S001"].into_iter(), ["P1"].into_iter(), 1);
        packed.row(Source { submission: 1, row: 2 });
        packed.signed(24_000);
        packed.ids(0, 0);
        packed.signed(123_456);
        packed.if_any(Some(-5));
        packed.signed(7);
        let whole = packed.bytes;
        for length in 0..whole.len() {
            let part = Packed { submission: 1, bytes: whole[..length].to_vec() };
            assert!(part.finance().and_then(Iterator::collect::<Unpacked<Vec<_>>>).is_err(), "{length}");
        }
        let whole = Packed { submission: 1, bytes: whole };
        let found: Vec<FinanceRow> = whole.finance().unwrap().map(Result::unwrap).collect();
        let id = RowId::new;
        assert_eq!(found, [(1, 2, 24_000, id("S001"), id("P1"), 123_456, Some(-5), 7)]);
    }
}
