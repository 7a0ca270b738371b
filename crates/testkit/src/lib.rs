//! Real fakes for tests: clock, mail and webhook receivers, private PostgreSQL, the simulated store.

// This crate is test code throughout: a failed expectation is a failed test.
#![allow(clippy::unwrap_used)]

pub mod authority;
#[cfg(feature = "browser")]
pub mod browser;
pub mod collected;
pub mod contract;
pub mod git_https;
pub mod npm;
pub mod postgres;
pub mod process;
pub mod prometheus;
pub mod proxy;
pub mod put_server;
pub mod python;
pub mod scenario;
pub mod simulated;
pub mod small_disk;
pub mod smtp;
pub mod ssh;
pub mod stores;
pub mod webhook;
