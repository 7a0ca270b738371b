//! Real fakes for tests: clock, mail and webhook receivers, private PostgreSQL, the simulated store.

pub mod authority;
pub mod collected;
pub mod process;
pub mod prometheus;
pub mod proxy;
pub mod python;
pub mod smtp;
pub mod webhook;
