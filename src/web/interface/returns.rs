//! Partners' returns: what is due, templates, checking, sending, deciding.

use super::{
    documented::{Body, Documented, Gives, Kind, Parameter, RETURN_TYPES, of},
    list::{CURSOR, LIMIT, List},
    months::Reason,
    problem::{Problem, ProblemError, Problems},
};
use crate::{
    figures::{facts::ReturnType, period::Month},
    returns::template::xlsx_template,
    service::{
        Refusal,
        returns::{
            CheckOutcome, NewReturn, OnTime, RETURN_READERS, ReturnEvent, ReturnQuery, ReturnView,
            ReturnsDue, SENDERS, SendOutcome, ToldFault,
        },
    },
    store::ReturnWay,
    web::{
        answer::{Answer, CSV},
        asked::Asked,
        routes::{Allows, Route},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

const PART: &str = "Returns";
const READERS: Allows = Allows::InArea(RETURN_READERS);
const SENDING: Allows = Allows::InArea(SENDERS);
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const STATES: &[&str] = &["submitted", "accepted", "sent back", "withdrawn"];
const DECIDING: &[Problem] = &[Problem::Conflict, Problem::Locked, Problem::NotAllowed];

const FILE: Parameter = Parameter::needed("file", Kind::File, "A CSV or XLSX file of at most 10 MB.");
const PARTNER: Parameter = Parameter::optional(
    "partner_id",
    Kind::Id,
    "The partner for which it is sent; for whoever belongs to several.",
);
const COMMENT: Parameter = Parameter::optional(
    "comment",
    Kind::Words { most: 2000 },
    "What the sender says about what the check asks; needed where it asks anything.",
);

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/months/{month}/returns-due", READERS, due).documented(Documented::new(
        PART,
        "getReturnsDue",
        "The returns that partners owe for a month",
        Gives::json("Each return owed, how it stands, and how punctual partners are.", of::<Due>),
    )),
    Route::get("/api/v1/areas/{area}/months/{month}/templates/{type}", READERS, template).documented(
        Documented::new(
            PART,
            "getTemplate",
            "A blank return, its ids filled in",
            Gives { status: 200, meaning: "The file.", body: Body::File(&["text/csv", XLSX]) },
        )
        .noting(
            "CSV with the month's rows of your organisations (of all, for managers and auditors), or a workbook for \
             whoever names its kind in Accept.",
        ),
    ),
    Route::post("/api/v1/areas/{area}/months/{month}/returns/check", SENDING, check).documented(
        Documented::new(
            PART,
            "checkReturn",
            "Check a return; nothing is stored",
            Gives::json(
                "Everything that is wrong with it, what needs a comment and what would change.",
                of::<CheckOutcome>,
            ),
        )
        .taking_form(&[FILE, PARTNER])
        .changing_nothing(),
    ),
    Route::post("/api/v1/areas/{area}/months/{month}/returns", SENDING, send).documented(
        Documented::new(
            PART,
            "sendReturn",
            "Send a return for somebody else to accept",
            Gives::made("The return, which waits to be accepted.", of::<ReturnView>),
        )
        .noting(
            "Sent whole or not at all: a row at fault, or a question without a comment, refuses it. The same file \
             again is the same return.",
        )
        .taking_form(&[FILE, PARTNER, COMMENT])
        .refusing(&[Problem::Conflict, Problem::Locked, Problem::NotAllowed]),
    ),
    Route::get("/api/v1/areas/{area}/returns", READERS, list).documented(
        Documented::new(
            PART,
            "listReturns",
            "Returns that were sent, the latest first",
            Gives::json("Returns that you may see.", of::<List<ReturnView>>),
        )
        .asking(&[
            LIMIT,
            CURSOR,
            Parameter::optional("month", Kind::Month, "Of this month."),
            Parameter::optional("type", Kind::OneOf(RETURN_TYPES), "Of this type."),
            Parameter::optional("partner_id", Kind::Id, "Of this partner."),
            Parameter::optional("state", Kind::OneOf(STATES), "In this state."),
        ]),
    ),
    Route::get("/api/v1/areas/{area}/returns/{number}", READERS, one).documented(Documented::new(
        PART,
        "getReturn",
        "A return",
        Gives::json("The return.", of::<ReturnView>),
    )),
    Route::get("/api/v1/areas/{area}/returns/{number}/timeline", READERS, timeline).documented(Documented::new(
        PART,
        "getReturnTimeline",
        "What happened to a return",
        Gives::json("Events, the first first.", of::<Timeline>),
    )),
    Route::get("/api/v1/areas/{area}/returns/{number}/file", READERS, file).documented(Documented::new(
        PART,
        "getReturnFile",
        "The file as it was sent",
        Gives::file(&["application/octet-stream"]),
    )),
    Route::post("/api/v1/areas/{area}/returns/{number}/accept", READERS, accept).documented(
        Documented::new(
            PART,
            "acceptReturn",
            "Accept a return that somebody else sent",
            Gives::json("The return, accepted.", of::<ReturnView>),
        )
        .refusing(DECIDING),
    ),
    Route::post("/api/v1/areas/{area}/returns/{number}/send-back", READERS, send_back).documented(
        Documented::new(
            PART,
            "sendReturnBack",
            "Send a return back, saying why",
            Gives::json("The return, sent back.", of::<ReturnView>),
        )
        .taking(of::<Reason>)
        .refusing(DECIDING),
    ),
    Route::post("/api/v1/areas/{area}/returns/{number}/withdraw", READERS, withdraw).documented(
        Documented::new(
            PART,
            "withdrawReturn",
            "Withdraw a return of one's own that nobody decided about",
            Gives::json("The return, withdrawn.", of::<ReturnView>),
        )
        .refusing(DECIDING),
    ),
];

/// The returns owed for a month, and how punctual partners are.
#[derive(Serialize, JsonSchema)]
struct Due {
    #[serde(flatten)]
    month: ReturnsDue,
    /// In the financial year to the month.
    on_time: Vec<OnTime>,
}

/// What happened to a return.
#[derive(Serialize, JsonSchema)]
struct Timeline {
    events: Vec<ReturnEvent>,
}

fn due(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (who, area, month) = (asked.who()?, asked.area_code(), reported_month(asked)?);
    let due = asked.service.returns_due(who, area, month)?;
    Ok(Answer::json(&Due { month: due, on_time: asked.service.on_time_rates(who, area, month)? }))
}

/// The month that the path names, if it is one to report on.
fn reported_month(asked: &Asked<'_>) -> Result<Month, Refusal> {
    let (area, month) = (asked.service.area(asked.area_code())?, asked.month()?);
    if area.reports_on(month) { Ok(month) } else { Err(Refusal::Absent) }
}

fn template(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    reported_month(asked)?;
    let kind = ReturnType::from_name(asked.param("type")).ok_or(Refusal::Absent)?;
    let area = asked.service.area(asked.area_code())?;
    let answer = if asked.best_of(&["text/csv", XLSX]) == Some(XLSX) {
        Answer::download(XLSX, &format!("{}.xlsx", kind.name()), xlsx_template(kind, Some(area.agreement())))
    } else {
        let rows = asked.service.blank_return(asked.who()?, asked.area_code(), asked.month()?, kind)?;
        Answer::download(CSV, &format!("{}.csv", kind.name()), rows)
    };
    Ok(answer.with("vary", "accept".into()))
}

/// The return that a form holds.
fn given<'a>(asked: &'a Asked<'_>) -> Result<NewReturn<'a>, Refusal> {
    let file = asked.file("file").ok_or_else(|| Refusal::field("file", "Send a file with its name"))?;
    Ok(NewReturn {
        area_code: asked.area_code(),
        month: asked.month()?,
        on_behalf_of: asked.field("partner_id"),
        file_name: file.file_name.as_deref().unwrap_or_default(),
        bytes: &file.bytes,
        way: ReturnWay::Interface,
        comment: asked.field("comment"),
    })
}

fn check(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::json(&asked.service.check_return(asked.who()?, &given(asked)?)?))
}

fn send(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let sent = asked.service.send_return(asked.who()?, &asked.asking, &given(asked)?)?;
    let (number, status) = match sent {
        SendOutcome::Sent { number } => (number, 201),
        SendOutcome::AlreadyReceived { number } => (number, 200),
        SendOutcome::NotSent(outcome) => return Ok(not_sent(asked, &outcome)),
    };
    let view = asked.service.sent_return(asked.who()?, asked.area_code(), number)?;
    let place = format!("/api/v1/areas/{}/returns/{number}", asked.area_code());
    Ok(Answer::made(place, &view).status(status))
}

/// Every fault of a return; or, where there is none, everything that is asked about it.
fn not_sent(asked: &Asked<'_>, outcome: &CheckOutcome) -> Answer {
    let (found, detail) = if outcome.is_sound() {
        let detail = "The check asks about some rows: look at them, then send the same file with a comment";
        (&outcome.queries, detail)
    } else {
        (&outcome.faults, "Rows are at fault: mend them and send the file again")
    };
    let errors = found.iter().map(|fault| as_error(fault, outcome.is_sound())).collect();
    Problems::new(Problem::Invalid, detail).with_errors(errors).answer(&asked.raw.request_id)
}

fn as_error(fault: &ToldFault, is_query: bool) -> ProblemError {
    let found = if fault.found.is_empty() { String::new() } else { format!("“{}” ", fault.found) };
    ProblemError {
        message: format!("{found}{}. {}", fault.problem, fault.remedy),
        parameter: Some(if is_query { "comment" } else { "file" }.into()),
        row: Some(fault.row),
        last_row: Some(fault.last_row),
        column: Some(fault.heading.clone()).filter(|heading| !heading.is_empty()),
        ..ProblemError::default()
    }
}

fn list(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let query = ReturnQuery {
        month: asked.query("month").and_then(|month| Month::parse(month.as_bytes())),
        return_type: asked.query("type").and_then(ReturnType::from_name),
        partner_id: asked.query("partner_id"),
        state: asked.query("state"),
    };
    asked.latest_first(asked.service.sent_returns(asked.who()?, asked.area_code(), query)?)
}

fn one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = asked.number("number")?;
    Ok(Answer::json(&asked.service.sent_return(asked.who()?, asked.area_code(), number)?))
}

fn timeline(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let events = asked.service.return_timeline(asked.who()?, asked.area_code(), asked.number("number")?)?;
    Ok(Answer::json(&Timeline { events }))
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = asked.number("number")?;
    let (name, bytes) = asked.service.sent_return_file(asked.who()?, asked.area_code(), number)?;
    Ok(Answer::download("application/octet-stream", &name, bytes))
}

fn accept(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.accept_return(asked.who()?, &asked.asking, asked.area_code(), asked.number("number")?)?;
    one(asked)
}

fn send_back(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: Reason = asked.json()?;
    let (area, number) = (asked.area_code(), asked.number("number")?);
    asked.service.send_return_back(asked.who()?, &asked.asking, area, number, given.reason.trim())?;
    one(asked)
}

fn withdraw(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.withdraw_return(asked.who()?, &asked.asking, asked.area_code(), asked.number("number")?)?;
    one(asked)
}
