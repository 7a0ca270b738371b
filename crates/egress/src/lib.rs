//! The only way out: one HTTP client with an SSRF guard, limits and no redirects.
//!
//! Addresses that people type in (webhooks, mirrors, checks) are hostile until checked: a name is resolved once, every
//! address it stands for is judged by the [`Guard`], and the connection goes to exactly the address that was judged,
//! so a name that changes its answer between the check and the connection (DNS rebinding) gains nothing. A redirect
//! is a failure: it would name a target nobody has checked (ASVS 5.0.0 V15.3.2).
//!
//! Mail does not pass through here. The mail server is one host that the operator names in the configuration, very
//! often inside the private network; no stranger and no user of the console can choose it.

mod client;
mod connect;
mod error;
mod guard;
mod resolve;
mod target;
mod trust;

pub use client::{Client, Limits, LongBody, Request, Response};
pub use error::EgressError;
pub use guard::{Guard, Kind, Network};
pub use ipnet::AddrParseError as BadNetwork;
pub use resolve::{Resolve, SystemResolver};
pub use target::Target;
