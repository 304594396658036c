//! The plan: its editions, proposing one, seeing what it changes, approving it.

use super::{
    pack_files::whole,
    publication::{drawn, first_fault},
};
use crate::{
    people::Role,
    plan::{PlanFile, RowChange, RowChangeKind},
    service::{
        FieldFault, Refusal,
        plan::{EditionShown, NewPlan, ProposalShown},
        plan_effect::FigureMoved,
    },
    web::{
        answer::{Answer, disposition},
        asked::Asked,
        page::Page,
        routes::{Allows, Route},
        words,
    },
};
use serde::Serialize;

const READERS: Allows = Allows::Anywhere(&[Role::Administrator, Role::PooledBudgetManager, Role::Auditor]);
const PROPOSERS: Allows = Allows::Anywhere(&[Role::Administrator, Role::PooledBudgetManager]);

pub const ROUTES: &[Route] = &[
    Route::get("/plan", READERS, overview),
    Route::get("/plan/propose", PROPOSERS, propose_form),
    Route::post("/plan/propose", PROPOSERS, propose),
    Route::get("/plan/proposals/{number}", READERS, proposal),
    Route::get("/plan/proposals/{number}/areas/{area}", READERS, effect),
    Route::post("/plan/proposals/{number}/approve", PROPOSERS, approve),
    Route::post("/plan/proposals/{number}/withdraw", PROPOSERS, withdraw),
    Route::get("/plan/editions/{number}/{file}", READERS, file),
];

/// A proposal as a page shows it.
#[derive(Serialize)]
struct Shown {
    place: String,
    number: u32,
    status: &'static str,
    status_kind: &'static str,
    sha256: String,
    against: Option<u32>,
    note: String,
    proposed_by: String,
    proposed_at: String,
    decided_by: String,
    decided_at: String,
    edition: Option<u32>,
}

impl Shown {
    fn of(proposal: ProposalShown) -> Shown {
        let (status, status_kind) = match proposal.state {
            "proposed" => ("Waits for approval", "notice"),
            "approved" => ("Approved", "good"),
            _ => ("Withdrawn", ""),
        };
        Shown {
            place: format!("/plan/proposals/{}", proposal.number),
            number: proposal.number,
            status,
            status_kind,
            sha256: proposal.sha256,
            against: proposal.against,
            note: proposal.note,
            proposed_by: proposal.proposed_by,
            proposed_at: words::moment(proposal.proposed_at),
            decided_by: proposal.decided_by.unwrap_or_default(),
            decided_at: proposal.decided_at.map(words::moment).unwrap_or_default(),
            edition: proposal.edition,
        }
    }
}

fn overview(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Edition {
        number: u32,
        is_present: bool,
        sha256: String,
        loaded_at: String,
        files: Vec<File>,
    }
    #[derive(Serialize)]
    struct File {
        name: String,
        place: String,
        size: String,
    }
    #[derive(Serialize)]
    struct Overview {
        may_propose: bool,
        proposals: Vec<Shown>,
        editions: Vec<Edition>,
        areas: Vec<AreaOfPlan>,
    }
    let who = asked.who()?;
    let editions = asked.service.plan_editions(who)?;
    let present = editions.first().map(|edition| edition.number);
    let shown = |edition: EditionShown| Edition {
        number: edition.number,
        is_present: Some(edition.number) == present,
        sha256: edition.sha256,
        loaded_at: words::moment(edition.loaded_at),
        files: edition
            .files
            .into_iter()
            .map(|(name, bytes)| {
                let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
                let place = format!("/plan/editions/{}/{}", edition.number, encoded.replace('+', "%20"));
                File { name, place, size: words::size(bytes) }
            })
            .collect(),
    };
    let page = Overview {
        may_propose: who.person.is_any_anywhere(&[Role::Administrator, Role::PooledBudgetManager]),
        proposals: asked.service.proposals(who)?.into_iter().map(Shown::of).collect(),
        editions: editions.into_iter().map(shown).collect(),
        areas: areas(asked, who)?,
    };
    asked.page(&Page::new("plan/overview", "Plan"), &page)
}

/// What the plan in force says of an area, counted.
#[derive(Serialize)]
struct AreaOfPlan {
    name: String,
    /// Where its figures are; empty for whoever may not see them.
    place: String,
    months: String,
    partners: usize,
    pools: usize,
    schemes: usize,
    measures: usize,
    returns_due: usize,
    contract: &'static str,
}

/// What the plan in force says of the areas in which whoever asks may read it.
fn areas(asked: &Asked<'_>, who: &crate::service::Who) -> Result<Vec<AreaOfPlan>, Refusal> {
    let now = match asked.service.plan() {
        Ok(now) => now,
        Err(Refusal::Absent) => return Ok(Vec::new()),
        Err(refusal) => return Err(refusal),
    };
    let roles = [Role::Administrator, Role::PooledBudgetManager, Role::Auditor];
    let read = now.plan.areas.iter().filter(|plan| who.person.is_any(&roles, &plan.area.code));
    Ok(read
        .map(|plan| AreaOfPlan {
            name: plan.area.name.clone(),
            place: match who.person.is_any(crate::web::routes::READERS, &plan.area.code) {
                true => format!("/areas/{}", plan.area.code),
                false => String::new(),
            },
            months: format!(
                "{} to {}",
                plan.windows.measures.first().name(),
                plan.windows.measures.last().name()
            ),
            partners: plan.partners.len(),
            pools: plan.pools.len(),
            schemes: plan.schemes.len(),
            measures: plan.measures.len(),
            returns_due: plan.returns_due.len(),
            contract: if plan.contract.is_some() { "Yes" } else { "No" },
        })
        .collect())
}

fn propose_form(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    propose_page(asked, "", true, Vec::new())
}

fn propose_page(
    asked: &Asked<'_>,
    note: &str,
    keeps: bool,
    faults: Vec<FieldFault>,
) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Propose {
        note: String,
        keeps: bool,
        faults: Vec<FieldFault>,
        files_error: String,
        note_error: String,
    }
    let page = Propose {
        note: note.to_owned(),
        keeps,
        files_error: first_fault(&faults, "files"),
        note_error: first_fault(&faults, "note"),
        faults,
    };
    let shell = Page::new("plan/propose", "Propose a plan").under("/plan", "Plan");
    drawn(asked, shell, &page, &page.faults)
}

fn propose(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (note, keeps) = (asked.field("note"), asked.field("keeps") == "yes");
    let sent = asked.raw.parts.iter().filter(|part| part.name == "files");
    let files = sent.filter_map(|part| {
        let name = part.file_name.as_deref()?.rsplit(['/', '\\']).next()?;
        (!name.is_empty()).then(|| PlanFile { name: name.to_owned(), bytes: part.bytes.clone() })
    });
    let new = NewPlan { files: files.collect(), note: note.to_owned(), keeps_other_tables: keeps };
    match asked.service.propose_plan((asked.who()?, &asked.asking), new) {
        Ok(number) => Ok(Answer::see_other(format!("/plan/proposals/{number}"))),
        Err(Refusal::Invalid(faults)) => propose_page(asked, note, keeps, faults),
        Err(refusal) => Err(refusal),
    }
}

/// The rows of one table that differ.
#[derive(Serialize)]
struct TableOfRows {
    name: &'static str,
    count: usize,
    rows: Vec<RowShown>,
    more: usize,
}

#[derive(Serialize)]
struct RowShown {
    kind: &'static str,
    kind_tag: &'static str,
    row: String,
    cells: Vec<CellShown>,
}

#[derive(Serialize)]
struct CellShown {
    column: &'static str,
    old: String,
    new: String,
}

/// The most rows of a table, and figures of an area, on one page.
const MOST_SHOWN: usize = 300;

fn by_table(rows: Vec<RowChange>) -> Vec<TableOfRows> {
    let mut tables: Vec<TableOfRows> = Vec::new();
    for row in rows {
        if tables.last().is_none_or(|table| table.name != row.table) {
            tables.push(TableOfRows { name: row.table, count: 0, rows: Vec::new(), more: 0 });
        }
        let Some(table) = tables.last_mut() else { continue };
        table.count += 1;
        if table.rows.len() == MOST_SHOWN {
            table.more += 1;
            continue;
        }
        let (kind, kind_tag) = match row.kind {
            RowChangeKind::Added => ("Added", "good"),
            RowChangeKind::Removed => ("Removed", "bad"),
            RowChangeKind::Changed => ("Changed", "notice"),
        };
        let cells = row.cells.into_iter();
        let cells = cells.map(|cell| CellShown { column: cell.column, old: cell.old, new: cell.new });
        table.rows.push(RowShown { kind, kind_tag, row: row.row, cells: cells.collect() });
    }
    tables
}

fn proposal(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct AreaLink {
        place: String,
        name: String,
        /// How many figures move; empty where it is to be looked up.
        moves: String,
    }
    #[derive(Serialize)]
    struct ProposalPage {
        proposal: Shown,
        tables: Vec<TableOfRows>,
        hidden_rows: usize,
        notes: Vec<String>,
        areas: Vec<AreaLink>,
        waits: bool,
        is_overtaken: bool,
        may_approve: bool,
        may_withdraw: bool,
    }
    /// Areas whose figures are worked out for this page.
    const MOST_AREAS: usize = 6;
    let (who, number) = (asked.who()?, asked.number("number")?);
    let full = asked.service.proposal(who, number)?;
    let waits = full.proposal.state == "proposed";
    let mut areas = Vec::new();
    for (place, area) in full.areas.into_iter().enumerate().filter(|_| waits) {
        let moves = match place < MOST_AREAS {
            false => String::new(),
            true => match asked.service.effect_on_area(who, number, &area.area_code) {
                Ok(effect) => match effect.figures.len() {
                    0 => "no figure changes".into(),
                    1 => "1 figure changes".into(),
                    count => format!("{count} figures change"),
                },
                Err(Refusal::Absent) => "a new area, without figures yet".into(),
                Err(refusal) => return Err(refusal),
            },
        };
        let place = format!("/plan/proposals/{number}/areas/{}", area.area_code);
        areas.push(AreaLink { place, name: area.area_name, moves });
    }
    let page = ProposalPage {
        proposal: Shown::of(full.proposal),
        tables: by_table(full.rows),
        hidden_rows: full.hidden_rows,
        notes: full.notes,
        areas,
        waits,
        is_overtaken: full.is_overtaken,
        may_approve: full.may_approve,
        may_withdraw: full.may_withdraw,
    };
    asked.page(&Page::new("plan/proposal", format!("Plan proposal {number}")).under("/plan", "Plan"), &page)
}

fn effect(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct EffectPage {
        area_name: String,
        month: String,
        number: u32,
        left_out: usize,
        figures: Vec<FigureMoved>,
        more: usize,
    }
    let number = asked.number("number")?;
    let effect = asked.service.effect_on_area(asked.who()?, number, asked.area_code())?;
    let mut figures = effect.figures;
    let more = figures.len().saturating_sub(MOST_SHOWN);
    figures.truncate(MOST_SHOWN);
    let month = effect.as_at.name();
    let page =
        EffectPage { area_name: effect.area_name, month, number, left_out: effect.left_out, figures, more };
    let title = format!("{}: what the plan changes", page.area_name);
    let shell = Page::new("plan/effect", title).under("/plan", "Plan");
    asked.page(&shell.under(format!("/plan/proposals/{number}"), format!("Proposal {number}")), &page)
}

fn approve(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = asked.number("number")?;
    asked.service.approve_plan((asked.who()?, &asked.asking), number, asked.field("sha256"))?;
    Ok(Answer::see_other(format!("/plan/proposals/{number}")))
}

fn withdraw(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = asked.number("number")?;
    asked.service.withdraw_plan((asked.who()?, &asked.asking), number)?;
    Ok(Answer::see_other(format!("/plan/proposals/{number}")))
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (edition, name) = (asked.number("number")?, asked.param("file"));
    let bytes = asked.service.plan_file(asked.who()?, edition, name)?;
    let mut answer = whole(name, bytes);
    let kept = disposition("attachment", &format!("plan-{edition}-{name}"));
    answer.headers.retain(|(header, _)| *header != "content-disposition");
    Ok(answer.with("content-disposition", kept))
}
