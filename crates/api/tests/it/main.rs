//! The HTTP surface over a real database, driven request by request.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod acts;
mod faults;
mod headers;
mod house;
mod intake;
mod openapi;
mod reads;
mod serve;
mod sign_in;
mod tokens;
