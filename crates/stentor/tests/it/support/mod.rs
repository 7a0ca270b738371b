//! What the tests of the program share.

pub(crate) mod alerts;
pub(crate) mod browser;
pub(crate) mod caller;
pub(crate) mod clock;
pub(crate) mod files;
pub(crate) mod house;
pub(crate) mod http;
pub(crate) mod journal;
pub(crate) mod mirrors;
mod outside;
pub(crate) mod syscalls;
mod until;

pub(crate) use house::{Engine, House, Ran, listening, run, stentor, stop};
pub(crate) use outside::{Outside, Receivers};
pub(crate) use until::until;
