//! The corpus against clients of TUF that are not ours.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod foreign;
mod serving;
