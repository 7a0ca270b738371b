//! The receivers of an alertmanager.yml on a node: what is in force comes from the journal, secrets from its own files.

use std::path::PathBuf;
use std::sync::Arc;

use stentor_engine::{Engine, GroupCourier as _, LiveGroups};

use crate::failure::Failure;
use crate::files::{self, Configuration, Unusable};

/// Keeps those who tell receivers informed.
#[derive(Clone)]
pub(crate) struct Receivers {
    groups: Arc<LiveGroups>,
    configuration: PathBuf,
}

impl Receivers {
    /// For the configuration directory given.
    pub(crate) fn new(configuration: PathBuf) -> Self {
        Self {
            groups: LiveGroups::guarded(configuration.clone()),
            configuration,
        }
    }

    /// Who carries messages.
    pub(crate) fn groups(&self) -> Arc<LiveGroups> {
        Arc::clone(&self.groups)
    }

    /// Takes over the secrets of this node's files; they are used when what they belong to is in force.
    pub(crate) fn know(&self, configuration: &Configuration) {
        let routing = configuration.organisation.routing.as_ref();
        let receivers = routing.map_or(&[][..], |routing| &routing.receivers);
        self.groups
            .know_for(receivers, configuration.secrets.clone());
    }

    /// Takes over what is in force.
    pub(crate) fn follow(&self, engine: &Engine) {
        let known = engine.read(|state| {
            let organisation = state.organisation()?;
            Some((
                organisation.allow_networks.clone(),
                organisation.routing.clone(),
            ))
        });
        let Some((networks, routing)) = known else {
            return;
        };
        self.groups.allow(&networks);
        if let Some(routing) = routing {
            self.groups.follow(&routing);
        }
    }

    /// Follows what comes into force, from wherever; this node's files are read again for their secrets then.
    pub(crate) async fn keep_following(self, engine: Engine) {
        let hash = || engine.read(|s| s.configuration.as_ref().map(|c| c.hash.clone()));
        let mut changes = engine.changes();
        let mut known = hash();
        self.follow(&engine);
        loop {
            changes.mark_unchanged();
            let now = hash();
            if now != known {
                known = now;
                self.read_again().await;
                self.follow(&engine);
            }
            changes.changed().await;
        }
    }

    async fn read_again(&self) {
        let dir = self.configuration.clone();
        let read =
            tokio::task::spawn_blocking(move || files::read(&dir).map_err(Unusable::into_failure));
        match read.await.map_err(Failure::new).and_then(|read| read) {
            Ok(configuration) => self.know(&configuration),
            Err(failure) => tracing::warn!(
                "another configuration is in force, and the files of this node cannot be read for its secrets: {failure}"
            ),
        }
    }
}
