//! Verifies and follows the public word for people who run nothing else of Stentor.
//!
//! The commands `verify`, `follow` and `tuf` live here, for the small program `stentor-verify` and for `stentor` itself.

mod mirror_http;

pub use mirror_http::{HttpMirror, Patience, Web};
