//! Outturn turns the returns of health and care partners into board packs.
//!
//! **Facts are stored, positions are computed, packs are frozen.** The data walks one way:
//!
//! ```text
//!  what was agreed      plan ──────────────────────────────┐
//!                                                           ▼
//!  a partner's file ─▶ returns ─▶ store ─▶ figures ─▶ packs ─▶ published: HTML, PDF, CSV, JSON, manifest
//!                      read       facts     positions   compose → document → draw
//!                      check      kept      computed
//! ```
//!
//! An operator sets it going through [`cli`]; a person's browser or a partner's system through [`web`],
//! which asks [`service`] for its verbs.
//!
//! Modules stand in reading order. [`figures`] is the core and touches nothing outside.

pub mod figures;
pub mod schedule;
pub mod plan;
pub mod returns;
pub mod people;
pub mod store;
pub mod packs;
pub mod month_end;
pub mod demo;
pub mod post;
pub mod service;
pub mod web;
pub mod cli;
pub mod config;
pub mod clock;
pub mod digest;
