//! The guard's table, and the client against servers that misbehave on loopback.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod client;
mod guard;
mod server;
mod target;
mod tls;
