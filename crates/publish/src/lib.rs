//! Builds and signs the bulletin repository, pushes it to mirrors and reads it back.
//!
//! What goes in is a `Public<StatusPage>` and nothing else; what comes out is static files that anybody can verify
//! without us (WORD-1, WORD-2). Root and targets keys are made once, by [`found`], in a folder that a running server
//! never opens: [`OnlineKeys`] is all it gets.

mod adopt;
mod canonical;
mod ceremony;
mod files;
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
#[cfg(test)]
mod tests;

pub use adopt::AdoptError;
pub use ceremony::{CeremonyError, Founded, Founding, found};
pub use keys::{KeyError, KeyId, OnlineKeys};
pub use mirror::{LocalMirror, Mirror, MirrorError};
pub use publisher::{Publication, PublishError, Publisher, Settings};
pub use push::{MirrorFailure, MirrorOutcome};
pub use render::{RenderError, Signer};
pub use repository::RepositoryError;
