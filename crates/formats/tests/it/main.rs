//! Other people's formats, judged by what their programs send and by what they must refuse.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod alertmanager;
mod generic;
mod hostile;
