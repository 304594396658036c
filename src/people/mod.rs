//! People: who may do what. Pure: no store, no clock; what is random is asked of the system.

mod role;

pub use role::{Person, PersonState, Role, RoleHeld};
