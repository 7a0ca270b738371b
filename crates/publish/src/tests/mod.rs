//! The writer judged by readers: our own and a foreign one.
//!
//! These live inside the crate because nothing outside it can sign bytes of its own choosing.

mod beacon;
mod ceremony;
mod faults;
mod foreign;
mod mirrors;
mod python;
mod render;
mod repository;
mod scale;
mod simulation;
mod support;
mod years;
