//! Verification of the public word: TUF 1.0.34, and a verdict about freshness.
//!
//! A mirror is untrusted. [`Verification::run`] walks it from a pinned root and says one of four things: authentic
//! and fresh, authentic but stale, not authentic, or could not be checked. Expiry never hides what the signatures say:
//! a reader in the middle of an outage is told the last authentic word and its age, not an error.
//!
//! The signatures and version floors are checked by `sigstore-tuf`, fed with a reference time at which nothing is
//! expired; expiry is then judged here, once, with one clock reading for all roles.

mod chain;
mod content;
mod explain;
mod fetch;
mod json;
pub mod limits;
mod memory;
mod provider;
mod received;
mod roles;
mod verdict;
mod verification;

pub use fetch::{Fetch, FetchError, LocalDir, safe_path};
pub use memory::{Remembered, StateDir, StateError};
pub use provider::Ed25519Provider;
pub use verdict::{Report, RoleState, Rollback, Verdict, printable};
pub use verification::{Outcome, Scope, Verification, fingerprint};
