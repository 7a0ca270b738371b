//! Builds and signs the bulletin repository, pushes it to mirrors and reads it back.
//!
//! What goes in is a `Public<StatusPage>` and nothing else; what comes out is static files that anybody can verify
//! without us (WORD-1, WORD-2). Root and targets keys are made once, by [`found`], in a folder that a running server
//! never opens: [`OnlineKeys`] is all it gets.

mod adopt;
mod beacon;
mod calendar;
mod canonical;
mod ceremony;
mod delegations;
mod files;
mod folder;
mod head;
mod keys;
mod lane;
mod lives;
mod local;
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
mod there;
mod waiting;

pub use adopt::AdoptError;
pub use beacon::{Beacon, BeaconError, BeaconSettings, Place, Round, Signing};
pub use calendar::{Expiry, expiries};
pub use ceremony::{
    Beginning, Ceremony, CeremonyError, Change, Finished, Founded, Founding, Holders, Name, Names,
    Need, OfflineRole, Roster, SIGNATURE_LINE, Sheet, found, found_keys, next_online_key,
    online_keys, server_keys,
};
pub use keys::{
    Agent, KeyError, KeyId, OnlineKeys, Protection, PublicKey, Signer, Unlock, create_key,
    public_path, read_secret, rotate_single_key,
};
pub use lives::ClockBehind;
pub use local::LocalMirror;
pub use mirror::{Brought, Done, Mirror, MirrorError, Step, Undone};
pub use publisher::{Publication, PublishError, Publisher, Settings};
pub use push::{MirrorFailure, MirrorOutcome};
pub use render::RenderError;
pub use repository::RepositoryError;
pub use standing::{Standing, Word};
pub use waiting::{Waits, WordRequest, leave_signature};
