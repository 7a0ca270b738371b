//! The running system on a simulated store, in virtual time.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod heartbeats;
mod journal;
mod lab;
mod notifier;
mod replay;
mod simulation;
mod word;
mod word_without_database;
mod workers;
mod world;
mod writer;
