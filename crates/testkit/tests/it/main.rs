//! The fakes themselves, judged like what they stand for.

#![allow(clippy::unwrap_used)]

mod simulated;
