//! The writer judged by readers: our own and a foreign one.
//!
//! These live inside the crate because nothing outside it can sign bytes of its own choosing.

mod alone;
mod assembly;
mod beacon;
mod ceremony;
mod changes;
mod faults;
mod foreign;
mod lanes;
mod liaisons;
mod mirrors;
mod offline_keys;
mod python;
mod render;
mod repository;
mod rotations;
mod scale;
mod simulation;
mod single_keys;
mod support;
mod years;
