//! The live world's way to the receivers of an alertmanager.yml.

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_channels::group::{CONNECTIONS, GroupSender, Surroundings};
use stentor_channels::secret::Secret;
use stentor_channels::{Key, Outcome};
use stentor_domain::bundle::alertmanager::Hidden;
use stentor_domain::go_template::Library;
use stentor_domain::notification::Notification;
use stentor_domain::routing::{Integration, Receiver, Routing, SecretAt};
use stentor_egress::{Client, Guard, Limits, Network};

use crate::notifier::GroupCourier;

/// Largest file with a secret or certificates, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// Every network there is: for a program that goes where its configuration sends it, as Alertmanager does.
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// By way: how it is told, or why not.
type Senders = HashMap<String, Result<Arc<GroupSender>, String>>;

/// Secrets of one reading of the configuration are kept while it comes into force beside those in use.
const READINGS: usize = 2;

/// Secrets by the place at which each stood.
struct Known {
    /// The receivers that they were written for; `None` for whatever is in force.
    receivers: Option<Vec<Receiver>>,
    secrets: BTreeMap<String, Hidden>,
}

/// Carries messages about groups of alerts to real receivers.
pub struct LiveGroups {
    /// What file names in the configuration are relative to.
    base: PathBuf,
    allow: Mutex<Vec<Network>>,
    /// The newest last.
    secrets: RwLock<Vec<Known>>,
    senders: RwLock<Senders>,
    routing: Mutex<Option<Arc<Routing>>>,
}

impl LiveGroups {
    /// Carries messages wherever the configuration sends them. `base` is what its file names are relative to.
    #[must_use]
    pub fn unguarded(base: PathBuf) -> Arc<Self> {
        let groups = Self::guarded(base);
        groups.allow(&EVERYWHERE.map(str::to_owned));
        groups
    }

    /// Carries messages to public addresses, and to networks that are allowed by [`LiveGroups::allow`].
    #[must_use]
    pub fn guarded(base: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            base,
            allow: Mutex::default(),
            secrets: RwLock::default(),
            senders: RwLock::default(),
            routing: Mutex::default(),
        })
    }

    /// Takes over the networks that may be reached besides public ones, as CIDR blocks.
    pub fn allow(&self, networks: &[String]) {
        let networks: Vec<Network> = networks.iter().filter_map(|n| n.parse().ok()).collect();
        let mut allowed = self.allow.lock().unwrap_or_else(PoisonError::into_inner);
        if *allowed != networks {
            *allowed = networks;
            drop(allowed);
            self.make();
        }
    }

    /// Takes over the secrets that were cut out of the configuration.
    pub fn know(&self, secrets: BTreeMap<String, Hidden>) {
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = vec![Known {
            receivers: None,
            secrets,
        }];
        self.make();
    }

    /// Takes over the secrets that were cut out of files with these receivers. They are used only while exactly these
    /// receivers are in force: places are counted, and a secret must not reach another receiver than its own.
    pub fn know_for(&self, receivers: &[Receiver], secrets: BTreeMap<String, Hidden>) {
        let mut known = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|k| k.receivers.as_deref() != Some(receivers));
        known.push(Known {
            receivers: Some(receivers.to_vec()),
            secrets,
        });
        let old = known.len().saturating_sub(READINGS);
        known.drain(..old);
        drop(known);
        self.make();
    }

    fn secret(&self, in_force: &[Receiver], at: &SecretAt) -> Result<Secret, String> {
        match at {
            SecretAt::Yaml(path) => {
                let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
                let fits = |k: &&Known| k.receivers.as_deref().is_none_or(|r| r == in_force);
                let known = secrets
                    .iter()
                    .rev()
                    .find(fits)
                    .and_then(|known| known.secrets.get(path))
                    .map(|s| Secret::new(s.reveal().to_owned()));
                known.ok_or_else(|| {
                    format!(
                        "the secret at {path} is not known to this node: the file it stands in was not read here; give \
                         every node the same file"
                    )
                })
            }
            SecretAt::File(name) => {
                let text = String::from_utf8(self.file(name)?)
                    .map_err(|_| format!("{name} is not text"))?;
                Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.base.join(name);
        let trouble = |e: std::io::Error| format!("{}: {e}", path.display());
        let file = std::fs::File::open(&path).map_err(trouble)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(trouble)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(format!("{} is larger than 1 MiB", path.display()));
        }
        Ok(bytes)
    }

    fn sender(&self, way: &str) -> Result<Arc<GroupSender>, String> {
        let senders = self.senders.read().unwrap_or_else(PoisonError::into_inner);
        match senders.get(way) {
            Some(sender) => sender.clone(),
            None => Err("this receiver is not configured any more".to_owned()),
        }
    }

    /// Prepares a sender for every way of the routing.
    fn make(&self) {
        let routing = self.routing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(routing) = routing.clone() else {
            return;
        };
        let allow = self.allow.lock().unwrap_or_else(PoisonError::into_inner);
        let guard = Guard::allowing(allow.clone());
        drop(allow);
        let limits = Limits {
            max_idle_per_host: CONNECTIONS,
            ..Limits::default()
        };
        let client = match Client::new(guard.clone(), limits, None) {
            Ok(client) => client,
            Err(error) => {
                tracing::error!(%error, "no receiver can be told");
                return;
            }
        };
        let own = Library::default();
        let mut senders = Senders::new();
        for receiver in &routing.receivers {
            let with = Surroundings {
                secrets: &|at| self.secret(&routing.receivers, at),
                files: &|name| self.file(name),
                library: routing.templates.get(&receiver.name).unwrap_or(&own),
                client: &client,
                guard: &guard,
                limits,
            };
            for integration in &receiver.integrations {
                let way = integration.way(&receiver.name);
                let sender = GroupSender::new(&receiver.name, integration, &with);
                match &sender {
                    Ok(sender) => {
                        for problem in sender.problems() {
                            tracing::warn!(receiver = %way, "{problem}");
                        }
                    }
                    Err(unusable) => {
                        tracing::error!(receiver = %way, "is not told: {}", unusable.reason);
                    }
                }
                senders.insert(way, sender.map(Arc::new).map_err(|e| e.reason));
            }
        }
        *self.senders.write().unwrap_or_else(PoisonError::into_inner) = senders;
    }
}

#[async_trait]
impl GroupCourier for LiveGroups {
    fn follow(&self, routing: &Arc<Routing>) {
        let mut known = self.routing.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_some_and(|k| Arc::ptr_eq(k, routing)) {
            return;
        }
        *known = Some(Arc::clone(routing));
        drop(known);
        self.make();
    }

    async fn carry(
        &self,
        receiver: &str,
        integration: &Integration,
        notification: &Notification,
        key: &Key,
        now: Timestamp,
    ) -> Outcome {
        match self.sender(&integration.way(receiver)) {
            Ok(sender) => sender.send(notification, key, now).await,
            Err(error) => Outcome::Failed { error },
        }
    }
}
