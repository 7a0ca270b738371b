//! The channels against real receivers, and the pure parts by tables.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod backoff;
mod breaker;
mod message;
mod secret;
mod signature;
