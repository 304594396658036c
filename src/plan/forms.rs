//! The tables of a plan: their names, their columns and what belongs in each cell.

/// What a table is called and which columns it has.
pub struct TableForm {
    pub name: &'static str,
    /// A plan without this table is refused; any other missing table means that there is nothing of its kind.
    pub required: bool,
    pub columns: &'static [ColumnForm],
}

/// One column of a table.
pub struct ColumnForm {
    pub name: &'static str,
    pub presence: Presence,
    /// What to write in a cell, as it follows "Write …".
    pub write: &'static str,
}

/// Whether a table may lack the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Required,
    /// The catalogue of national measures gives the cell where the plan leaves it empty.
    FromCatalogue,
    Optional,
}

const fn required(name: &'static str, write: &'static str) -> ColumnForm {
    ColumnForm { name, presence: Presence::Required, write }
}

const fn from_catalogue(name: &'static str, write: &'static str) -> ColumnForm {
    ColumnForm { name, presence: Presence::FromCatalogue, write }
}

const fn optional(name: &'static str, write: &'static str) -> ColumnForm {
    ColumnForm { name, presence: Presence::Optional, write }
}

const AREA_CODE: ColumnForm = required("area_code", "the area's code, like E06000060");

/// Every table that a plan may have, in reading order.
pub static TABLES: &[TableForm] = &[
    TableForm {
        name: "areas",
        required: true,
        columns: &[
            AREA_CODE,
            required("area_name", "the area's name, like Buckinghamshire"),
            required("icb_code", "the code of the area's integrated care board, like QU9"),
            required("icb_name", "the name of the area's integrated care board"),
            optional("board_name", "the board that the pack goes to"),
            optional("standing_note", "words to show on every page"),
        ],
    },
    TableForm {
        name: "windows",
        required: true,
        columns: &[
            required("return_type", "measures, targets, finance or capitation"),
            required("first_period", "the first month, like 2023-04"),
            required("last_period", "the last month, like 2026-03"),
        ],
    },
    TableForm {
        name: "partners",
        required: true,
        columns: &[
            AREA_CODE,
            required("partner_id", "a short name for the partner, like P1"),
            required("org_code", "the partner's organisation code, like RXQ"),
            required("partner_name", "the partner's name"),
            required("partner_type", "what the partner is, like LA or ICB"),
        ],
    },
    TableForm {
        name: "pools",
        required: false,
        columns: &[
            AREA_CODE,
            required("pool_id", "a short name for the pool, like POOL1"),
            required("pool_name", "the pool's name"),
        ],
    },
    TableForm {
        name: "schemes",
        required: false,
        columns: &[
            AREA_CODE,
            required("scheme_id", "a short name for the scheme, like S001"),
            required("scheme_name", "the scheme's name"),
            required("scheme_type", "the scheme's type, like Home care"),
            required("pool_id", "the pool_id of a pool in pools"),
            required("host_partner_id", "the partner_id of the partner that hosts the scheme"),
        ],
    },
    TableForm {
        name: "measures",
        required: true,
        columns: &[
            required("measure_id", "a short name for the measure, like BCF01"),
            from_catalogue("measure_name", "the measure's name"),
            from_catalogue("domain", "the part of the scorecard that the measure belongs to"),
            from_catalogue("unit", "the measure's unit, like % or per 100,000"),
            from_catalogue("kind", "ratio, poprate, count, mean or latest"),
            from_catalogue("multiplier", "what the quotient is multiplied by, like 100 or 100000"),
            from_catalogue("decimals", "how many decimals are shown, from 0 to 4"),
            from_catalogue("better", "higher or lower"),
            from_catalogue("amber_bp", "how far off target is amber, in basis points, like 500 for 5%"),
            optional("area_code", "the code of the area whose own measure it is"),
            optional("definition", "what is counted over what"),
            optional("reported", "monthly, quarterly or yearly; monthly where it is empty"),
        ],
    },
    TableForm {
        name: "targets",
        required: false,
        columns: &[
            AREA_CODE,
            required("period", "a month like 2015-04, a quarter like 2015-16-Q1 or a year like 2015-16"),
            required("measure_id", "the measure_id of a measure in measures"),
            required("target", "a number, TBC or nothing"),
        ],
    },
    TableForm {
        name: "contracts",
        required: false,
        columns: &[
            AREA_CODE,
            required("contract_id", "a short name for the contract, like CAP1"),
            required("commissioner_partner_id", "the partner_id of the commissioner"),
            required("provider_partner_id", "the partner_id of the provider"),
            required("incentive_bp", "the incentive in basis points of the contract's value, like 250"),
        ],
    },
    TableForm {
        name: "bands",
        required: false,
        columns: &[
            AREA_CODE,
            required("agreement_id", "the pool_id or contract_id whose variance is shared"),
            required("side", "over or under"),
            required("band_no", "the band's number, from 1"),
            required(
                "upper_bp",
                "where the band ends, in basis points of the base; nothing for the last band",
            ),
            required("partner_id", "the partner_id of a partner that bears part of the band"),
            required("share_bp", "the partner's share of the band in basis points, like 2500 for a quarter"),
        ],
    },
    TableForm {
        name: "segments",
        required: false,
        columns: &[
            required("segment_id", "a short name for the segment, like SEG1"),
            required("segment_name", "the segment's name"),
        ],
    },
    TableForm {
        name: "rates",
        required: false,
        columns: &[
            AREA_CODE,
            required("segment_id", "the segment_id of a segment in segments"),
            required("fy", "a financial year, like 2025-26"),
            required("rate", "pounds and pence for one member and month, like 42.60"),
        ],
    },
    TableForm {
        name: "practices",
        required: false,
        columns: &[
            AREA_CODE,
            required("practice_code", "the practice's code, like K82001"),
            required("practice_name", "the practice's name"),
        ],
    },
    TableForm {
        name: "kpis",
        required: false,
        columns: &[
            AREA_CODE,
            required("measure_id", "the measure_id of a measure in measures"),
            required("weight_bp", "the measure's part of the incentive in basis points, like 1500"),
            required("rule", "step or linear"),
            required("floor_bp", "how far from target nothing is earned, in basis points, like 1000"),
        ],
    },
    TableForm {
        name: "papers",
        required: false,
        columns: &[
            AREA_CODE,
            required("item", "what the row says, like purpose or recommendation"),
            required("text", "the words of the board paper"),
        ],
    },
    TableForm {
        name: "returns_due",
        required: false,
        columns: &[
            AREA_CODE,
            required("partner_id", "the partner_id of the partner that sends the return"),
            required("return_type", "measures, finance or capitation"),
            required("due_day", "how many days after the month's end the return is due, like 10"),
        ],
    },
    TableForm {
        name: "schedules",
        required: false,
        columns: &[
            optional("area_code", "the area's code; nothing for every area and for the whole service"),
            required("job", "remind, compute, draft pack, back up, verify or tidy up"),
            required("schedule", "when the job is due, like every working day at 09:00"),
            optional("catch_up", "all, latest or none of the times missed; nothing for latest"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_table_and_no_column_of_a_table_stands_twice() {
        let names: HashSet<_> = TABLES.iter().map(|table| table.name).collect();
        assert_eq!(names.len(), TABLES.len());
        for table in TABLES {
            let columns: HashSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
        }
    }
}
