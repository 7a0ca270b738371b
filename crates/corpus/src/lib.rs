//! Good and spoiled publications, by which every verifier of the public word is judged: ours in Rust, ours in the
//! browser, and clients of TUF that are not ours.
//!
//! [`cases`] makes them in memory, the same bytes each time. [`write`](write::write) puts them into a folder, and
//! [`Server`] serves that folder on loopback with the faults that a folder cannot have. The README says how a case is
//! laid out.

// This crate is test code throughout: a failed expectation is a failed test.
#![allow(clippy::unwrap_used)]

mod case;
mod cases;
mod house;
mod serve;
mod word;
mod write;
mod wycheproof_json;

pub use case::{Case, Expect, Fault, Files, Foreign};
pub use cases::cases;
pub use serve::Server;
pub use write::{read_case, write};
pub use wycheproof_json::wycheproof;
