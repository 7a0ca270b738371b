//! Verifies and follows the public word for people who run nothing else of Stentor.
//!
//! The commands `verify`, `follow` and `tuf` live here, for the small program `stentor-verify` and for `stentor` itself.

mod clock;
mod directory;
mod failure;
mod follow;
mod judgement;
mod keep;
mod mirror_http;
mod pin;
mod places;
mod trust;
mod tuf;
mod verify;

pub use failure::Failure;
pub use follow::Follow;
pub use mirror_http::{HttpMirror, Patience, Web};
pub use tuf::Tuf;
pub use verify::Verify;
