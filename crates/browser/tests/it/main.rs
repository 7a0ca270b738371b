//! The page: over the corpus in Node.js, and in a real Chromium.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod chromium;
mod fixture;
mod in_chromium;
mod in_node;
mod memory_in_chromium;
