//! Mirrors, honest and hostile, and what is said about them.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod fixture;
mod freshness;
mod hostile;
mod local;
mod memory;
mod roots;
mod scope;
mod vectors;
