//! The program as a whole, on real parts: Prometheus, a mail server, PostgreSQL, a foreign TUF client, failing disks.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod alertmanager;
mod beacon;
mod beacon_mirrors;
mod command_line;
mod configuration;
mod drill;
mod failing_disk;
mod import;
mod keys;
mod killed;
mod liaison;
mod lights_out;
mod routing;
mod senders;
mod storm;
mod story;
mod strangers;
mod support;
mod unreachable;
mod word;
