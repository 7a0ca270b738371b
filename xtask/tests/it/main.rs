//! The rules of the workspace, as tests: what the house promises about its own shape.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod ci;
mod docs;
mod files;
mod layers;
mod locked;
mod manifests;
mod purity;
mod source;
