//! What is to be supposed, as a query says it: numbers are taken as people write them.

use crate::{
    figures::{
        agreement::AreaPlan,
        money::Pence,
        what_if::{Change, Members},
    },
    packs::compose::value::{Show, Value, money},
    service::FieldFault,
    web::asked::Asked,
};
use rust_decimal::Decimal;

/// What was filled in: what is to be supposed, each in a sentence too, and what is wrong.
#[derive(Default)]
pub struct Filled {
    pub changes: Vec<Change>,
    pub supposed: Vec<String>,
    pub faults: Vec<FieldFault>,
}

/// Something to suppose, and the sentence that says it; none where nothing was filled in.
type Part = Result<Option<(Change, String)>, FieldFault>;

impl Filled {
    pub fn of(asked: &Asked<'_>, plan: &AreaPlan) -> Filled {
        let given = |name: &str| asked.query(name).map(str::trim).filter(|words| !words.is_empty());
        // A link may choose what is to be filled in, and leave that to the reader.
        let chosen = |name: &str, number: &str| given(name).filter(|_| asked.query(number).is_some());
        let parts = [
            measure(plan, chosen("measure", "value"), given("value")),
            scheme(plan, chosen("scheme", "outturn"), given("partner"), given("outturn")),
            segment(plan, chosen("segment", "members"), given("members")),
        ];
        let mut filled = Filled::default();
        for part in parts {
            match part {
                Ok(None) => {}
                Ok(Some((change, sentence))) => {
                    filled.changes.push(change);
                    filled.supposed.push(sentence);
                }
                Err(fault) => filled.faults.push(fault),
            }
        }
        filled
    }
}

fn measure(plan: &AreaPlan, id: Option<&str>, value: Option<&str>) -> Part {
    let (id, words) = match (id, value) {
        (Some(id), Some(words)) => (id, words),
        (Some(_), None) => return fault("value", "Enter the measure’s year to date"),
        (None, Some(_)) => return fault("measure", "Choose the measure"),
        (None, None) => return Ok(None),
    };
    let Some(measure) = plan.measures.iter().find(|measure| measure.id == id) else {
        return fault("measure", "Choose a measure of the plan");
    };
    let Some(value) = number(words) else {
        return fault("value", "Enter the year to date as a number, such as 62.5");
    };
    let shown = Value::Number(value).shown(Show::Plain);
    let sentence = format!("{} comes to {shown} for the year to date", measure.name);
    Ok(Some((Change::YearToDate { measure: id.to_owned(), value }, sentence)))
}

fn scheme(plan: &AreaPlan, id: Option<&str>, partner: Option<&str>, outturn: Option<&str>) -> Part {
    let (id, words) = match (id, outturn) {
        (Some(id), Some(words)) => (id, words),
        (Some(_), None) => return fault("outturn", "Enter the scheme’s outturn for the year"),
        (None, Some(_)) => return fault("scheme", "Choose the scheme"),
        (None, None) => return Ok(None),
    };
    let Some(scheme) = plan.schemes.iter().find(|scheme| scheme.id == id) else {
        return fault("scheme", "Choose a scheme of the plan");
    };
    let Some(outturn) = amount(words) else {
        return fault("outturn", "Enter the outturn in pounds, such as 1250000 or 1250000.50");
    };
    let shown = money(outturn);
    let Some(partner) = partner else {
        let sentence = format!("{} comes to {shown} for the year", scheme.name);
        return Ok(Some((Change::SchemeOutturn { scheme: id.to_owned(), outturn }, sentence)));
    };
    let Some(partner) = plan.partners.iter().find(|known| known.id == partner) else {
        return fault("partner", "Choose a partner of the plan");
    };
    let sentence = format!("{}’s part of {} comes to {shown} for the year", partner.name, scheme.name);
    let change = Change::PartnerOutturn { scheme: id.to_owned(), partner: partner.id.clone(), outturn };
    Ok(Some((change, sentence)))
}

fn segment(plan: &AreaPlan, id: Option<&str>, given: Option<&str>) -> Part {
    let (id, words) = match (id, given) {
        (Some(id), Some(words)) => (id, words),
        (Some(_), None) => return fault("members", "Enter the segment’s members"),
        (None, Some(_)) => return fault("segment", "Choose the segment"),
        (None, None) => return Ok(None),
    };
    let Some(segment) = plan.segments.iter().find(|segment| segment.id == id) else {
        return fault("segment", "Choose a segment of the plan");
    };
    let Some(members) = members(words) else {
        return fault("members", "Enter a number of people, such as 9500, or a change, such as +5% or -2.5%");
    };
    let sentence = match members {
        Members::EachMonth(count) => {
            let count = Value::Whole(i64::from(count)).shown(Show::Plain);
            format!("{} has {count} members in each month to date", segment.name)
        }
        Members::Times { bp } => {
            let percent = Decimal::from_i128_with_scale(i128::from(bp), 2).normalize();
            format!("{} has {percent}% of its members in each month to date", segment.name)
        }
    };
    Ok(Some((Change::Members { segment: id.to_owned(), members }, sentence)))
}

fn fault(field: &str, message: &str) -> Part {
    Err(FieldFault { field: field.into(), message: message.into() })
}

/// A number as people write it: thousands may have commas.
fn number(words: &str) -> Option<Decimal> {
    let plain = words.replace([',', ' '], "").replace('\u{2212}', "-");
    plain.strip_suffix('%').unwrap_or(&plain).parse().ok()
}

fn amount(words: &str) -> Option<Pence> {
    let plain = words.replace([',', ' ', '£'], "").replace('\u{2212}', "-");
    Pence::parse(plain.as_bytes()).or_else(|| Pence::parse(format!("{plain}.00").as_bytes()))
}

fn members(words: &str) -> Option<Members> {
    let number = number(words)?;
    if !words.ends_with('%') {
        return number.is_integer().then(|| u32::try_from(number).ok())?.map(Members::EachMonth);
    }
    let bp = Decimal::ONE_HUNDRED.checked_add(number)?.checked_mul(Decimal::ONE_HUNDRED)?;
    let bp = bp.is_integer().then(|| u32::try_from(bp).ok())??;
    Some(Members::Times { bp })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        assert_eq!(number("5,330"), Some(Decimal::from(5_330)));
        assert_eq!(number("62.5%").map(|number| number.to_string()), Some("62.5".into()));
        assert_eq!(amount("£1,250,000"), Some(Pence(125_000_000)));
        assert_eq!(amount("1250000.50"), Some(Pence(125_000_050)));
        assert_eq!(amount("about a million"), None);
        assert_eq!(members("9,500"), Some(Members::EachMonth(9_500)));
        assert_eq!(members("+5%"), Some(Members::Times { bp: 10_500 }));
        assert_eq!(members("-2.5%"), Some(Members::Times { bp: 9_750 }));
        assert_eq!((members("9.5"), members("-200%"), members("-3")), (None, None, None));
    }
}
