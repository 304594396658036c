//! The plan: its editions, and those proposed.
//!
//! They are approved on the service's pages alone, by a person who has just shown who they are.

use super::{
    documented::{Documented, Gives, Kind, Parameter, of},
    list::{List, PAGED},
    problem::Problem,
};
use crate::{
    people::Role,
    plan::PlanFile,
    service::{
        Refusal,
        plan::{EditionShown, NewPlan, ProposalInFull, ProposalShown},
        plan_effect::EffectOnArea,
    },
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};

const PART: &str = "Plan";
const READERS: Allows = Allows::Anywhere(&[Role::Administrator, Role::PooledBudgetManager, Role::Auditor]);
const PROPOSERS: Allows = Allows::Anywhere(&[Role::Administrator, Role::PooledBudgetManager]);
const FIGURE_READERS: Allows = Allows::InArea(&[Role::PooledBudgetManager, Role::Auditor]);
const DECIDING: &[Problem] = &[Problem::Conflict, Problem::NotAllowed];

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/plan/editions", READERS, editions).documented(
        Documented::new(
            PART,
            "listEditions",
            "Every edition of the plan, the latest first",
            Gives::json("Editions.", of::<List<EditionShown>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/plan/editions/{edition}/files/{*file}", READERS, file).documented(
        Documented::new(
            PART,
            "getEditionFile",
            "A file of an edition as it was loaded",
            Gives::file(&["application/octet-stream"]),
        )
        .noting("For whoever may see every area."),
    ),
    Route::get("/api/v1/plan/proposals", READERS, proposals).documented(
        Documented::new(
            PART,
            "listProposals",
            "Every proposal, the latest first",
            Gives::json("Proposals.", of::<List<ProposalShown>>),
        )
        .noting("Whoever holds the role in some areas alone sees what changes these, or all areas.")
        .asking(PAGED),
    ),
    Route::post("/api/v1/plan/proposals", PROPOSERS, propose).documented(
        Documented::new(
            PART,
            "proposePlan",
            "Put a plan forward for somebody else to approve",
            Gives::made("The proposal, with what it changes.", of::<ProposalInFull>),
        )
        .noting("The plan is checked as a whole; everything that is wrong with it is told at once. \
             It is approved on the service's pages, by somebody else who has just shown who they are.")
        .taking_form(&[
            Parameter::needed("file", Kind::File, "A workbook, a ZIP of CSV tables, or one CSV table."),
            Parameter::needed("note", Kind::Said { most: 1000 }, "What is changed, and why."),
            Parameter::optional(
                "keep_other_tables",
                Kind::YesNo,
                "Tables that are not sent stay as they are in the present edition; true where it is left out.",
            ),
        ])
        .refusing(DECIDING),
    ),
    Route::get("/api/v1/plan/proposals/{proposal}", READERS, proposal).documented(Documented::new(
        PART,
        "getProposal",
        "A proposal, with what it changes",
        Gives::json("The proposal and the rows that differ.", of::<ProposalInFull>),
    )),
    Route::get("/api/v1/plan/proposals/{proposal}/effects/{area}", FIGURE_READERS, effect).documented(
        Documented::new(
            PART,
            "getProposalEffect",
            "What a proposal does to the figures of an area",
            Gives::json("Each figure that would move.", of::<EffectOnArea>),
        ),
    ),
    Route::post("/api/v1/plan/proposals/{proposal}/withdraw", PROPOSERS, withdraw).documented(
        Documented::new(PART, "withdrawProposal", "Take a proposal back", Gives::done("It is withdrawn."))
            .refusing(DECIDING),
    ),
];

fn editions(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.latest_first(asked.service.plan_editions(asked.who()?)?)
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let name = asked.param("file");
    let bytes = asked.service.plan_file(asked.who()?, asked.number("edition")?, name)?;
    Ok(Answer::download("application/octet-stream", name, bytes))
}

fn proposals(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.latest_first(asked.service.proposals(asked.who()?)?)
}

fn propose(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let file = asked.file("file").ok_or_else(|| Refusal::field("file", "Send a file with its name"))?;
    let new = NewPlan {
        files: vec![PlanFile { name: file.file_name.clone().unwrap_or_default(), bytes: file.bytes.clone() }],
        note: asked.field("note").to_owned(),
        keeps_other_tables: asked.field("keep_other_tables") != "false",
    };
    let proposed = asked.service.propose_plan((asked.who()?, &asked.asking), new);
    let number = proposed.map_err(|refusal| refusal.renaming("files", "file"))?;
    let proposal = asked.service.proposal(asked.who()?, number)?;
    Ok(Answer::made(format!("/api/v1/plan/proposals/{number}"), &proposal))
}

fn proposal(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::json(&asked.service.proposal(asked.who()?, asked.number("proposal")?)?))
}

fn effect(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = asked.number("proposal")?;
    Ok(Answer::json(&asked.service.effect_on_area(asked.who()?, number, asked.area_code())?))
}

fn withdraw(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.withdraw_plan((asked.who()?, &asked.asking), asked.number("proposal")?)?;
    Ok(Answer::done())
}
