//! The commands against mirrors, honest and hostile.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod corpus;
mod follow;
#[cfg(feature = "mail")]
mod mail;
mod support;
mod tuf;
mod verify;
