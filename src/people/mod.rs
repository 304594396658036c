//! People: who may do what, and how they show who they are. Pure: no store, no clock; what is random
//! is asked of the system.

mod role;
pub mod password;
pub mod sealing;
pub mod second_factor;
pub mod token;

pub use role::{Person, PersonState, Role, RoleHeld};
