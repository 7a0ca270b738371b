//! The decisions, told as stories: what is asked, what follows, what is refused.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod alerts;
mod amtool;
mod announcements;
mod closing;
mod disclosures;
mod drills;
mod example;
mod golden;
mod handoffs;
mod heartbeats;
mod machine;
mod mending;
mod notices;
mod paging;
mod promises;
mod recurrence;
mod recurrence_properties;
mod silences;
mod story;
