//! What would move, were something otherwise. Nothing is stored.

use super::documented::{Documented, Gives, of};
use crate::{
    figures::{
        money::Pence,
        period::Month,
        what_if::{Change, Members},
    },
    packs::difference::Changed,
    service::{Refusal, suppose::ASK_WHAT_IF},
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most that is supposed at once.
const MOST_CHANGES: usize = 20;

pub const ROUTES: &[Route] =
    &[Route::post("/api/v1/areas/{area}/months/{month}/what-if", Allows::InArea(ASK_WHAT_IF), what_if)
        .documented(
            Documented::new(
                "Areas and figures",
                "askWhatIf",
                "What would move, were something otherwise",
                Gives::json("Every figure that would move, money first.", of::<Moved>),
            )
            .noting("Nothing is stored and nothing changes.")
            .taking(of::<Supposing>)
            .changing_nothing(),
        )];

/// What is to be supposed, one after the other.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Supposing {
    #[schemars(length(min = 1, max = 20))]
    changes: Vec<Supposed>,
}

/// One thing that is supposed otherwise; what it speaks of is named by its id in the plan.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
enum Supposed {
    /// What a measure counts in a month. Without a denominator that of the month stays.
    MeasureMonth {
        measure: String,
        #[schemars(regex(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$"))]
        month: String,
        /// A decimal with at most two places, as text.
        numerator: String,
        denominator: Option<String>,
    },
    /// A measure's year to date, a decimal as text.
    YearToDate { measure: String, value: String },
    /// A scheme's outturn for the full year; of one partner's part where a partner is named.
    Outturn { scheme: String, partner: Option<String>, outturn_pence: i64 },
    /// A segment's members times so many basis points.
    MembersTimes { segment: String, basis_points: u32 },
    /// So many members of a segment in each month.
    MembersEachMonth { segment: String, members: u32 },
}

/// Every figure that would move.
#[derive(Serialize, JsonSchema)]
struct Moved {
    figures: Vec<FigureChanged>,
}

/// A figure as it is, and as it would be.
#[derive(Serialize, JsonSchema)]
struct FigureChanged {
    figure: String,
    table: &'static str,
    row: String,
    column: String,
    /// Null where there is none now.
    before: Option<String>,
    /// Null where there would be none.
    after: Option<String>,
    /// After less before, where both are numbers of one kind.
    difference: Option<String>,
}

impl FigureChanged {
    fn of(changed: Changed) -> FigureChanged {
        let text = |value: Option<crate::packs::compose::value::Value<'static>>| {
            value.map(|value| value.plain().into_owned())
        };
        FigureChanged {
            figure: changed.figure,
            table: changed.table,
            row: changed.row,
            column: changed.column,
            before: text(changed.before),
            after: text(changed.after),
            difference: text(changed.difference),
        }
    }
}

fn what_if(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (_, month, _) = asked.reported()?;
    let given: Supposing = asked.json()?;
    if !(1..=MOST_CHANGES).contains(&given.changes.len()) {
        return Err(Refusal::field("changes", format!("Suppose from 1 to {MOST_CHANGES} changes")));
    }
    let changes = given.changes.into_iter().enumerate();
    let changes: Result<Vec<Change>, Refusal> =
        changes.map(|(index, change)| change.read(&format!("changes/{index}"))).collect();
    let moved = asked.service.what_if(asked.who()?, asked.area_code(), month, &changes?);
    let moved = ["value", "outturn", "members"]
        .iter()
        .fold(moved, |moved, field| moved.map_err(|refusal| refusal.renaming(field, "changes")))?;
    Ok(Answer::json(&Moved { figures: moved.into_iter().map(FigureChanged::of).collect() }))
}

impl Supposed {
    /// As the calculation takes it; `pointer` says where it stands.
    fn read(self, pointer: &str) -> Result<Change, Refusal> {
        let wrong = |field: &str, message: &str| Refusal::field(&format!("{pointer}/{field}"), message);
        let decimal = |field: &str, text: &str| {
            text.parse::<Decimal>().map_err(|_| wrong(field, "Write a decimal like 12.5, as text"))
        };
        let hundredths = |field: &str, text: &str| {
            let hundredths = decimal(field, text)?.checked_mul(Decimal::ONE_HUNDRED);
            let whole = hundredths.filter(|hundredths| hundredths.fract().is_zero());
            whole.and_then(|whole| whole.to_i64()).ok_or_else(|| {
                wrong(field, "Write a decimal with at most two places and twelve digits before")
            })
        };
        Ok(match self {
            Supposed::MeasureMonth { measure, month, numerator, denominator } => Change::MeasureMonth {
                measure,
                month: Month::parse(month.as_bytes())
                    .ok_or_else(|| wrong("month", "Write a month like 2015-11"))?,
                numerator_hundredths: hundredths("numerator", &numerator)?,
                denominator_hundredths: denominator
                    .map(|denominator| hundredths("denominator", &denominator))
                    .transpose()?,
            },
            Supposed::YearToDate { measure, value } => {
                Change::YearToDate { measure, value: decimal("value", &value)? }
            }
            Supposed::Outturn { scheme, partner: None, outturn_pence } => Change::SchemeOutturn {
                scheme,
                outturn: pence(outturn_pence).ok_or_else(|| too_much(pointer))?,
            },
            Supposed::Outturn { scheme, partner: Some(partner), outturn_pence } => Change::PartnerOutturn {
                scheme,
                partner,
                outturn: pence(outturn_pence).ok_or_else(|| too_much(pointer))?,
            },
            Supposed::MembersTimes { segment, basis_points } => {
                Change::Members { segment, members: Members::Times { bp: basis_points } }
            }
            Supposed::MembersEachMonth { segment, members } => {
                Change::Members { segment, members: Members::EachMonth(members) }
            }
        })
    }
}

/// Money of a size that a return could hold.
fn pence(amount: i64) -> Option<Pence> {
    const MOST: i64 = 99_999_999_999_999;
    (-MOST..=MOST).contains(&amount).then_some(Pence(amount))
}

fn too_much(pointer: &str) -> Refusal {
    Refusal::field(&format!("{pointer}/outturn_pence"), "Write pence of at most fourteen digits")
}
