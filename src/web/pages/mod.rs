//! The pages, a file a part of the site.

pub mod assets;
pub mod sign_in;
pub mod single_sign_on;
pub mod links;
pub mod account;
pub mod second_factor;
pub mod tokens;
pub mod people;
pub mod person;
pub mod home;
mod list;
pub mod jobs;
pub mod messages;
pub mod figures;
pub mod audit;
pub mod about;
pub mod commentary;
pub mod packs;
pub mod public;
pub mod publication;
pub mod tasks;
mod pack_files;
mod pack_changes;
pub mod plan;
pub mod returns;
