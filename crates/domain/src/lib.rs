//! Stentor's vocabulary and decisions.
//!
//! Everything here is a plain function over plain values: no clock, no I/O, no randomness, no async. Time arrives
//! as an argument. The same code therefore runs in production, in a drill, in a simulation and in a lifeboat.

pub mod alert;
pub mod bulletin;
pub mod bundle;
pub mod calendar;
pub mod disclosure;
pub mod ids;
pub mod labels;
pub mod oncall;
pub mod organisation;
pub mod selector;
pub mod severity;
pub mod template;
pub mod world;
