//! The running system: command intake with group commit, reconcilers and lanes.
//!
//! One [`Engine`] is one node. Commands go to its writer, which decides and commits them in groups; reads are taken
//! from the folded state. Workers are woken by signals and by a period, and re-read their duty before they act.

mod clock;
mod courier;
mod engine;
mod health;
mod keys;
mod live;
mod load;
mod pager;
mod project;
mod shared;
mod timekeeper;
mod workers;
mod writer;

pub use clock::{Clock, SystemClock};
pub use engine::{Done, Engine, Settings, StartError, SubmitError};
pub use health::{Health, LaneHealth, MirrorHealth};
pub use keys::{InstanceKey, PageToken};
pub use live::LivePlaces;
