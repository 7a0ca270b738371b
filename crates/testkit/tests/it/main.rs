//! The fakes themselves, judged like what they stand for: one that lies makes every test worthless that leans on it.

#![allow(clippy::unwrap_used)]

mod process;
mod prometheus;
mod proxy;
mod recurrence;
mod scenarios;
mod simulated;
mod webhook;
