//! A month's tasks: the one page that a pooled budget manager works from.

use crate::{
    people::Role,
    service::{
        Refusal,
        month::{ReturnOwed, Task, TaskState},
    },
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, Route},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[Route::get(
    "/areas/{area}/{month}/tasks",
    Allows::InArea(&[Role::PooledBudgetManager, Role::Auditor]),
    tasks,
)];

#[derive(Serialize)]
struct Tasks {
    month: String,
    tasks: Vec<TaskShown>,
    returns: Vec<ReturnOwed>,
    is_published: bool,
}

#[derive(Serialize)]
struct TaskShown {
    name: &'static str,
    /// Where it is done; empty where it cannot start.
    place: String,
    status: String,
    kind: &'static str,
    is_done: bool,
    blocked_by: Vec<String>,
    /// How many more there are.
    more: usize,
    done_by: String,
}

/// The most reasons shown under one task.
const MOST_REASONS: usize = 6;

fn tasks(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("tasks")?;
    let (area, month) = (asked.area_code(), place.month);
    let tasks = asked.service.month_tasks(asked.who()?, area, month)?;
    let is_published = tasks.iter().all(|task| task.state == TaskState::Done);
    let shown = tasks.into_iter().map(|task| shown(task, &format!("/areas/{area}/{month}")));
    let page = Tasks {
        month: month.name(),
        tasks: shown.collect(),
        returns: asked.service.returns_owed(area, month)?,
        is_published,
    };
    asked.page(&Page::new("tasks", format!("Month end, {}", month.name())).at(place), &page)
}

fn shown(task: Task, under: &str) -> TaskShown {
    let (name, entry) = match task.step {
        "returns" => ("Returns in", "/returns"),
        "figures" => ("Figures worked out", ""),
        "commentary" => ("Commentary on exceptions", "/commentary"),
        "review" => ("Pack reviewed and prepared", "/packs"),
        "approval" => ("Pack approved by another manager", "/packs"),
        _ => ("Pack published", "/packs"),
    };
    let can_start = task.state != TaskState::CannotStart;
    let mut blocked_by = task.blocked_by;
    let more = blocked_by.len().saturating_sub(MOST_REASONS);
    blocked_by.truncate(MOST_REASONS);
    TaskShown {
        name,
        place: if can_start { format!("{under}{entry}") } else { String::new() },
        status: task.status,
        kind: match task.state {
            TaskState::Done | TaskState::CannotStart => "",
            TaskState::ToDo => "notice",
            TaskState::Waits => "watch",
        },
        is_done: task.state == TaskState::Done,
        blocked_by,
        more,
        done_by: task.done_by,
    }
}
