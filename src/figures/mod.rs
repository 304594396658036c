//! The core: every figure, from facts and agreements to a position.
//!
//! Nothing here knows of databases, files, the web, the clock or the environment. A calculation
//! that needs a date is given one, so that any figure can be worked out again years later.

pub mod agreement;
pub mod capitation;
pub mod facts;
pub mod fraction;
pub mod fund;
pub mod fund_line;
pub mod incentive;
pub mod measure;
pub mod money;
pub mod period;
pub mod position;
pub mod profile;
pub mod risk_share;
pub mod spc;
pub mod split;
pub mod what_if;
pub mod working;
