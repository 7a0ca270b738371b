//! Mirrors of every kind, against real servers.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod contract;
mod faults;
mod full_disk;
mod killed;
mod places;
mod publication;
mod served;
mod tls;
