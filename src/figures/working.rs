//! The steps of a result, for whoever wants to check it by hand.

use super::money::Pence;

/// One step: what the agreement says, the sum it leads to, and what that comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The clause in words, such as "Band 1: up to 2% of plan".
    pub clause: String,
    /// The sum in figures, such as "the lesser of 30000.01 and 20000.00, less 0.00".
    pub arithmetic: String,
    pub result: Pence,
}
