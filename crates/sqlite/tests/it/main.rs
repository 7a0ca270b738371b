//! The SQLite engine against the store contract, and what only this engine can get wrong.

#![allow(clippy::unwrap_used)]

mod contract;
mod faults;
mod file;
mod snapshots;
mod sync;
