//! The running system: command intake with group commit, reconcilers and lanes.
//!
//! One [`Engine`] is one node. Commands go to its writer, which decides and commits them in groups; reads are taken
//! from the folded state. Workers are woken by signals and by a period, and re-read their duty before they act.

mod access;
mod audit;
mod changes;
mod clock;
mod cluster;
mod courier;
mod drill;
mod engine;
mod erasure;
mod gate;
mod groups;
mod handover;
mod health;
mod idempotency;
mod keys;
mod leadership;
mod live;
mod live_groups;
mod load;
mod mirrors;
mod notary;
mod notifier;
mod pager;
mod places;
mod project;
mod publisher;
mod secret;
mod shared;
mod snapshot;
mod submission;
mod timekeeper;
mod watch;
mod word_recorder;
mod workers;
mod writer;

pub use access::{
    API_PREFIX, API_TOKEN_MS, ApiToken, SESSION_AT_MOST_MS, SESSION_MS, SIGN_IN_MS, Secret, Session,
};
pub use audit::{AuditReport, Problem, audit};
pub use changes::Changes;
pub use clock::{Clock, SystemClock};
pub use courier::Courier;
pub use engine::{Done, Engine, Settings, StartError, SubmitError};
pub use erasure::EraseError;
pub use gate::{NotAdmitted, TokenTrouble};
pub use health::{Health, LaneHealth, MirrorHealth, WayHealth, WayReport};
pub use idempotency::Idempotency;
pub use keys::{InstanceKey, PageToken};
pub use live_groups::LiveGroups;
pub use mirrors::{guard, surroundings};
pub use notary::{Notary, NotaryError, SignedHead, signed_heads};
pub use notifier::GroupCourier;
pub use places::{DrillPlaces, Places, WordPlaces};
pub use publisher::TrustedRoot;
pub use snapshot::encode as encode_state;
/// What a courier carries, and how that ends.
pub use stentor_channels::{Message, Outcome};
pub use stentor_publish::Waits;
/// What readers of the database meet, so that nobody above needs the ports themselves.
pub use stentor_store::{
    InboxMessage, IncidentRow, Lane, Member, Seq, Store, StoreError, TimelineFilter, TimelineRow,
};
