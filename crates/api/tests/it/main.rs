//! The HTTP surface over a real database: requests of programs, the console's pages and forms, a real browser.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod acts;
mod alert_rest;
mod alertmanager;
mod amtool;
mod announcements;
mod browser_pages;
mod console_alerts;
mod console_forms;
mod console_link;
mod console_pages;
mod console_public;
mod faults;
mod headers;
mod house;
mod intake;
mod openapi;
mod reads;
mod routed;
mod senders;
mod serve;
mod sign_in;
mod site;
mod tokens;
