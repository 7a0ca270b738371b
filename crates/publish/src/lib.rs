//! Builds and signs the bulletin repository, pushes it to mirrors and reads it back.
//!
//! What goes in is a `Public<StatusPage>` and nothing else; what comes out is static files that anybody can verify
//! without us (WORD-1, WORD-2). Root and targets keys are made once, by [`found`], in a folder that a running server
//! never opens: [`OnlineKeys`] is all it gets.

mod adopt;
mod beacon;
mod canonical;
mod ceremony;
mod delegations;
mod files;
mod folder;
mod head;
mod keys;
mod lives;
mod metadata;
mod mirror;
mod plan;
mod publisher;
mod push;
mod render;
mod repository;
mod spool;
mod standing;
mod survey;
#[cfg(test)]
mod tests;

pub use adopt::AdoptError;
pub use beacon::{Beacon, BeaconError, BeaconSettings, Place, Round, Signing};
pub use ceremony::{CeremonyError, Founded, Founding, found};
pub use keys::{KeyError, KeyId, OnlineKeys};
pub use lives::ClockBehind;
pub use mirror::{LocalMirror, Mirror, MirrorError};
pub use publisher::{Publication, PublishError, Publisher, Settings};
pub use push::{MirrorFailure, MirrorOutcome};
pub use render::RenderError;
pub use repository::RepositoryError;
pub use standing::{Standing, Word};
