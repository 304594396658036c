//! The scorecard, to be filtered: by domain, by status and by variation.

use super::{
    SPRITE,
    scorecard_table::{self, Shown},
};
use crate::{
    figures::{
        agreement::AreaPlan,
        measure::{MeasurePosition, Rag},
        spc::Variation,
    },
    packs::{compose::of_measures, compose::value::status_of},
    service::{Refusal, live::MeasuresNow},
    web::{
        answer::Answer,
        asked::Asked,
        drawn::RestsOn,
        page::{Page, Place},
    },
};

/// The id of the scorecard's section in the pack's document.
pub const SECTION: &str = "scorecard";

/// What is to be shown; what is empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Filters<'q> {
    domain: Option<&'q str>,
    status: Option<Rag>,
    variation: Option<Variation>,
}

const STATUSES: [(Rag, &str); 4] = [
    (Rag::Green, "on-plan"),
    (Rag::Amber, "within-tolerance"),
    (Rag::Red, "off-plan"),
    (Rag::NotJudged, "no-data"),
];

const VARIATIONS: [(Variation, &str, &str); 3] = [
    (Variation::Concern, "concern", "Concern"),
    (Variation::Improvement, "improvement", "Improvement"),
    (Variation::Common, "common-cause", "Common cause"),
];

impl<'q> Filters<'q> {
    /// What the query names; what it cannot mean is left out.
    fn of(asked: &'q Asked<'_>, plan: &AreaPlan) -> Filters<'q> {
        let domain = asked.query("domain");
        let status = asked.query("status");
        let variation = asked.query("variation");
        Filters {
            domain: domain.filter(|domain| plan.measures.iter().any(|measure| measure.domain == **domain)),
            status: STATUSES.iter().find(|(_, name)| Some(*name) == status).map(|(rag, _)| *rag),
            variation: VARIATIONS
                .iter()
                .find(|(_, name, _)| Some(*name) == variation)
                .map(|(kind, ..)| *kind),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Filters::default()
    }

    fn take(&self, domain: &str, position: &MeasurePosition<()>) -> bool {
        self.domain.is_none_or(|wanted| wanted == domain)
            && self.status.is_none_or(|wanted| wanted == position.year_to_date.rag)
            && self.variation.is_none_or(|wanted| wanted == position.chart.variation)
    }

    /// The filters as a query, such as `?status=off-plan`.
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(domain) = self.domain {
            query.append_pair("domain", domain);
        }
        for (_, name) in STATUSES.iter().filter(|(rag, _)| Some(*rag) == self.status) {
            query.append_pair("status", name);
        }
        for (_, name, _) in VARIATIONS.iter().filter(|(kind, ..)| Some(*kind) == self.variation) {
            query.append_pair("variation", name);
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place(SECTION)?;
    let measures = asked.service.measures(asked.area_code())?;
    asked.figures_page(RestsOn::Figures(measures.version), || {
        let plan = measures.agreement();
        let filters = Filters::of(asked, plan);
        let part = drawn(&measures, &place, &filters);
        Ok((Page::new("figures/scorecard", "Scorecard").at(place), part))
    })
}

/// The whole of the page's own part, written front to back.
fn drawn(measures: &MeasuresNow, place: &Place, filters: &Filters<'_>) -> String {
    let (plan, positions) = (measures.agreement(), &measures.scorecard(place.month));
    let table = of_measures(plan, positions, place.month);
    let address = place.address();
    let mut out = String::with_capacity(4_000 + 1_600 * table.rows.len());
    out.push_str(&SPRITE);
    out.push_str("<h1>Scorecard</h1>\n<p class=\"lead\">");
    let on_plan = positions.iter().filter(|position| position.year_to_date.rag == Rag::Green).count();
    let verb = if on_plan == 1 { "is" } else { "are" };
    counted(&mut out, on_plan, " of ");
    counted(&mut out, positions.len(), " measures ");
    add(&mut out, &[verb, " on plan for the year to date."]);
    let not_judged = positions.iter().filter(|position| position.year_to_date.rag == Rag::NotJudged).count();
    if not_judged > 0 {
        out.push(' ');
        counted(&mut out, not_judged, " cannot be judged yet, for want of a target or of data.");
    }
    out.push_str("</p>\n");
    form(&mut out, plan, &address, filters);
    let rows: Vec<Shown<'_, '_>> = scorecard_table::rows(&table, measures, positions)
        .filter(|row| filters.take(&row.measure.domain, row.position))
        .collect();
    if !filters.is_empty() {
        chosen(&mut out, &address, filters, rows.len(), positions.len());
    }
    if rows.is_empty() {
        out.push_str(if positions.is_empty() {
            "<p>The plan has no measures.</p>\n"
        } else {
            "<p>No measure is as you chose. Take a filter away to see more.</p>\n"
        });
    } else {
        scorecard_table::draw(&mut out, &table, &rows, |at| measures.last_months(at, place.month));
    }
    add(
        &mut out,
        &[
            "<p class=\"note\">The year to date counts the months that have both an actual and a target. \
             Each figure leads to how it was worked out; each measure to its chart and its months. \
             See also <a href=\"",
            &address,
            "/scorecard/by-month\">targets and actuals by month</a>.</p>\n",
        ],
    );
    out
}

/// A status in words; what is not judged may lack either.
fn in_words(rag: Rag) -> &'static str {
    match rag {
        Rag::NotJudged => "No target or no data",
        Rag::Green | Rag::Amber | Rag::Red => status_of(rag).word(),
    }
}

fn form(out: &mut String, plan: &AreaPlan, address: &str, filters: &Filters<'_>) {
    add(out, &["<form class=\"filters\" method=\"get\" action=\"", address, "/scorecard\">\n"]);
    let mut domains: Vec<&str> = Vec::new();
    for measure in &plan.measures {
        if !domains.contains(&measure.domain.as_str()) {
            domains.push(&measure.domain);
        }
    }
    let options = domains.into_iter().map(|domain| (domain, domain, filters.domain == Some(domain)));
    select(out, ("domain", "Domain"), options);
    let options = STATUSES.iter().map(|(rag, name)| (*name, in_words(*rag), filters.status == Some(*rag)));
    select(out, ("status", "Status, year to date"), options);
    let options =
        VARIATIONS.iter().map(|(kind, name, words)| (*name, *words, filters.variation == Some(*kind)));
    select(out, ("variation", "Variation"), options);
    out.push_str("<button class=\"secondary\">Show these</button>\n</form>\n");
}

fn select<'o>(
    out: &mut String,
    (name, label): (&str, &str),
    options: impl Iterator<Item = (&'o str, &'o str, bool)>,
) {
    add(out, &["<div class=\"field\"><label for=\"", name, "\">", label, "</label>"]);
    add(out, &["<select id=\"", name, "\" name=\"", name, "\"><option value=\"\">All</option>"]);
    for (value, words, is_chosen) in options {
        out.push_str("<option value=\"");
        scorecard_table::escaped(out, value);
        out.push_str(if is_chosen { "\" selected>" } else { "\">" });
        scorecard_table::escaped(out, words);
        out.push_str("</option>");
    }
    out.push_str("</select></div>\n");
}

/// What was chosen, each with a link that takes it away.
fn chosen(out: &mut String, address: &str, filters: &Filters<'_>, shown: usize, all: usize) {
    out.push_str("<div class=\"chosen\"><p>");
    counted(out, shown, " of ");
    counted(out, all, " measures</p>\n<ul>\n");
    let mut one = |words: &str, without: &Filters<'_>| {
        add(out, &["<li><a href=\"", address, "/scorecard"]);
        scorecard_table::escaped(out, &without.query());
        out.push_str("\"><span class=\"h\">Take away the filter </span>");
        scorecard_table::escaped(out, words);
        out.push_str(" <span aria-hidden=\"true\">×</span></a></li>\n");
    };
    if let Some(domain) = filters.domain {
        one(domain, &Filters { domain: None, ..filters.clone() });
    }
    if let Some(rag) = filters.status {
        one(in_words(rag), &Filters { status: None, ..filters.clone() });
    }
    for (_, _, words) in VARIATIONS.iter().filter(|(kind, ..)| Some(*kind) == filters.variation) {
        one(words, &Filters { variation: None, ..filters.clone() });
    }
    add(out, &["</ul>\n<p><a href=\"", address, "/scorecard\">Show all measures</a></p></div>\n"]);
}

/// Words, and addresses of ours, as they are.
fn add(out: &mut String, words: &[&str]) {
    for part in words {
        out.push_str(part);
    }
}

/// A count with the words after it.
fn counted(out: &mut String, count: usize, words: &str) {
    scorecard_table::whole(out, count as i64);
    out.push_str(words);
}
