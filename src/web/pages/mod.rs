//! The pages, a file a part of the site.

pub mod assets;
pub mod sign_in;
pub mod home;
pub mod figures;
pub mod returns;
