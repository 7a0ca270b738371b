//! Stentor's vocabulary and decisions.
//!
//! Everything here is a plain function over plain values: no clock, no I/O, no randomness, no async. Time arrives
//! as an argument. The same code therefore runs in production, in a drill, in a simulation and in a lifeboat.

pub mod alert;
pub mod announcement;
pub mod bulletin;
pub mod bundle;
pub mod calendar;
pub mod command;
pub mod decide;
pub mod disclosure;
pub mod drill;
pub mod duty;
pub mod event;
mod fold;
mod fold_heartbeats;
mod fold_public;
mod fold_told;
pub mod go_template;
pub mod headings;
pub mod heartbeat;
pub mod ids;
pub mod incident;
pub mod labels;
pub mod marks;
pub mod matcher;
pub mod mirror;
pub mod notice;
pub mod notification;
pub mod oncall;
pub mod organisation;
mod outcome;
pub mod page;
pub mod recurrence;
pub mod routing;
pub mod selector;
pub mod severity;
pub mod shared_fate;
pub mod silence;
pub mod source;
pub mod state;
pub mod status_page;
pub mod template;
pub mod text;
pub mod time_text;
pub mod timeline;
pub mod told;
pub mod uuid;
pub mod world;
