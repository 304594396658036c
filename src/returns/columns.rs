//! The columns of every type of return: reading, checking, templates and documentation share them.

use crate::figures::facts::ReturnType;

/// One column of a return. Every column listed must be there; their order is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    pub heading: &'static str,
    /// What stands in it, in one sentence.
    pub meaning: &'static str,
    pub example: &'static str,
    pub content: Content,
    /// Whether every row must fill it in; a row may leave the others empty, or some rows may.
    pub required: bool,
}

/// What kind of thing stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// An id or a code.
    Code,
    Period,
    Number,
    /// Pounds and pence.
    Money,
}

/// What stands in a column of this heading, whichever return it is of.
pub fn content(heading: &str) -> Option<Content> {
    ReturnType::ALL
        .into_iter()
        .flat_map(columns)
        .find(|column| column.heading == heading)
        .map(|column| column.content)
}

/// The columns of a type of return, in the order in which templates and the contract give them.
pub fn columns(return_type: ReturnType) -> &'static [ColumnSpec] {
    match return_type {
        ReturnType::Capitation => &CAPITATION,
        ReturnType::Finance => &FINANCE,
        ReturnType::Measures => &MEASURES,
        ReturnType::Targets => &TARGETS,
    }
}

const ORG_CODE: ColumnSpec = ColumnSpec {
    heading: "org_code",
    meaning: "The Organisation Data Service code of the partner that reports the row.",
    example: "RXA01",
    content: Content::Code,
    required: true,
};
const AREA_CODE: ColumnSpec = ColumnSpec {
    heading: "area_code",
    meaning: "The nine-character code of the Health and Wellbeing Board area.",
    example: "E06000060",
    content: Content::Code,
    required: true,
};
const PERIOD: ColumnSpec = ColumnSpec {
    heading: "period",
    meaning: "The month that the row speaks of, as year and month.",
    example: "2025-12",
    content: Content::Period,
    required: true,
};
const MEASURE_ID: ColumnSpec = ColumnSpec {
    heading: "measure_id",
    meaning: "The measure, by its id in the plan.",
    example: "NEA",
    content: Content::Code,
    required: true,
};

const MEASURES: [ColumnSpec; 7] = [
    ORG_CODE,
    AREA_CODE,
    PERIOD,
    MEASURE_ID,
    ColumnSpec {
        heading: "numerator",
        meaning: "What was counted in the month, nought or more, with at most two decimals.",
        example: "1204",
        content: Content::Number,
        required: true,
    },
    ColumnSpec {
        heading: "denominator",
        meaning: "What it was counted out of; empty for measures that are plain counts.",
        example: "31250",
        content: Content::Number,
        required: false,
    },
    ColumnSpec {
        heading: "value",
        meaning: "The measure's value as the partner works it out, with at most four decimals; it is compared \
                  with the value worked out here.",
        example: "3852.8",
        content: Content::Number,
        required: true,
    },
];

const TARGETS: [ColumnSpec; 4] = [
    AREA_CODE,
    ColumnSpec {
        heading: "period",
        meaning: "The month, quarter (2025-26-Q3) or financial year (2025-26) that the target is for.",
        example: "2025-12",
        content: Content::Period,
        required: true,
    },
    MEASURE_ID,
    ColumnSpec {
        heading: "target",
        meaning: "What the measure is to reach, with no more decimals than the measure has; TBC where it is \
                  still to be confirmed, empty where none is set.",
        example: "3800.0",
        content: Content::Number,
        required: false,
    },
];

const FINANCE: [ColumnSpec; 8] = [
    ORG_CODE,
    AREA_CODE,
    PERIOD,
    ColumnSpec {
        heading: "scheme_id",
        meaning: "The scheme, by its id in the plan.",
        example: "S01",
        content: Content::Code,
        required: true,
    },
    ColumnSpec {
        heading: "partner_id",
        meaning: "The partner whose part of the scheme the row is, by its id in the plan.",
        example: "P1",
        content: Content::Code,
        required: true,
    },
    ColumnSpec {
        heading: "budget",
        meaning: "The month's budget in pounds and pence, nought or more.",
        example: "12340.50",
        content: Content::Money,
        required: true,
    },
    ColumnSpec {
        heading: "actual",
        meaning: "What was spent in the month in pounds and pence; empty for months still to come.",
        example: "12871.00",
        content: Content::Money,
        required: false,
    },
    ColumnSpec {
        heading: "forecast",
        meaning: "What the month is expected to cost in pounds and pence.",
        example: "12500.00",
        content: Content::Money,
        required: true,
    },
];

const CAPITATION: [ColumnSpec; 8] = [
    ORG_CODE,
    AREA_CODE,
    PERIOD,
    ColumnSpec {
        heading: "segment_id",
        meaning: "The population segment, by its id in the plan.",
        example: "FRAIL",
        content: Content::Code,
        required: true,
    },
    ColumnSpec {
        heading: "practice_code",
        meaning: "The general practice, by its code in the plan.",
        example: "A81001",
        content: Content::Code,
        required: true,
    },
    ColumnSpec {
        heading: "members",
        meaning: "How many registered people were in the segment in the month, as a whole number.",
        example: "412",
        content: Content::Number,
        required: true,
    },
    ColumnSpec {
        heading: "rate",
        meaning: "The rate per member per month in pounds and pence; it is compared with the contract's.",
        example: "38.25",
        content: Content::Money,
        required: true,
    },
    ColumnSpec {
        heading: "cost",
        meaning: "What the segment's care cost in the month in pounds and pence.",
        example: "15913.77",
        content: Content::Money,
        required: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_return_has_two_columns_of_one_heading() {
        for return_type in ReturnType::ALL {
            let mut headings: Vec<_> = columns(return_type).iter().map(|column| column.heading).collect();
            headings.sort_unstable();
            headings.dedup();
            assert_eq!(headings.len(), columns(return_type).len(), "{}", return_type.name());
        }
    }

    #[test]
    fn a_heading_means_the_same_in_every_return() {
        for column in ReturnType::ALL.into_iter().flat_map(columns) {
            assert_eq!(content(column.heading), Some(column.content), "{}", column.heading);
        }
        assert_eq!(content("nonsense"), None);
    }

    #[test]
    fn every_meaning_is_a_sentence() {
        for column in ReturnType::ALL.into_iter().flat_map(columns) {
            assert!(column.meaning.ends_with('.') && !column.meaning.contains("  "), "{}", column.heading);
        }
    }
}
