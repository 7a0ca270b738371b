//! The writer judged by readers: our own and a foreign one.
//!
//! These live inside the crate because nothing outside it can sign bytes of its own choosing.

mod ceremony;
mod foreign;
mod lanes;
mod mirrors;
mod python;
mod render;
mod repository;
mod support;
