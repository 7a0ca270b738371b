//! What fires, as it is looked at: filtered, judged, in order, by pages. The API, its compatible twin and the console
//! all read alerts here.
//!
//! The writer waits for whoever reads the state. So a look copies pointers under the lock and does the rest without;
//! what must be judged under the lock is judged in small parts.

mod directory;
mod groups;
mod order;
mod query;
mod select;

use std::sync::Arc;

use stentor_domain::alert::Alert;
use stentor_domain::ids::{IncidentId, ServiceId};
use stentor_domain::routing::{Dispatcher, Quiet};
use stentor_domain::state::State;
use stentor_engine::Engine;

pub(crate) use directory::Directory;
pub(crate) use groups::Bunch;
pub(crate) use order::Sort;
pub(crate) use query::{BadQuery, Query};
pub(crate) use select::Look;

/// An alert that fires.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What it says.
    pub(crate) alert: Arc<Alert>,
    /// When it ends unless it is sent again, in milliseconds since the epoch.
    pub(crate) ends_ms: i64,
    /// When it last changed, in milliseconds since the epoch.
    pub(crate) updated_ms: i64,
    /// The service it was mapped to.
    pub(crate) service: ServiceId,
    /// The incident it is attached to.
    pub(crate) incident: Option<IncidentId>,
    /// What keeps it quiet.
    pub(crate) quiet: Quiet,
    /// Whom it is told to.
    pub(crate) receivers: Vec<Arc<str>>,
}

/// Where states are read.
pub(crate) trait Source {
    /// Reads the state.
    fn state<R>(&self, read: impl FnOnce(&State) -> R) -> R;

    /// Reads the groups of alerts beside it.
    fn groups<R>(&self, read: impl FnOnce(&State, Option<&Dispatcher>) -> R) -> R;
}

impl Source for Engine {
    fn state<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        self.read(read)
    }

    fn groups<R>(&self, read: impl FnOnce(&State, Option<&Dispatcher>) -> R) -> R {
        self.read_groups(read)
    }
}
