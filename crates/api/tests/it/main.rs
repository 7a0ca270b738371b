//! The surface as people and programs meet it.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod axe;
mod browser;
mod browser_pages;
mod console_forms;
mod console_link;
mod console_pages;
mod house;
