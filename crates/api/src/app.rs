//! What every handler is given.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use stentor_domain::command::Command;
use stentor_domain::world::World;
use stentor_engine::{Done, Engine, Idempotency};

use tokio::sync::Semaphore;

use crate::Problem;
use crate::form::fresh_key;
use crate::intake::IntakeToken;
use crate::metrics::Metrics;
use crate::senders::Counters;

/// What the surface is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    /// Everything of Stentor; people sign in.
    #[default]
    Stentor,
    /// What an Alertmanager shows, in its place: its API without sign-in, alerts and silences in the console. Whoever
    /// reaches the listener may read and silence.
    Alertmanager,
}

/// Brings the configuration into force again, or says why not.
pub trait Reload: Send + Sync {
    /// Reads it and submits it.
    fn reload(&self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>>;
}

/// Limits that an operator of Alertmanager may set; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperatorLimits {
    /// Most silences, shown ones that ended among them.
    pub silences: usize,
    /// Most bytes of the texts of one silence: names and values of matchers, creator and comment.
    pub silence_bytes: usize,
    /// Most open alerts of one name.
    pub per_alertname: usize,
}

/// How the surface behaves.
#[derive(Clone, Default)]
pub struct Options {
    /// Where people reach the console, for instance `https://stentor.example.org`. Cookies are `Secure` when it is
    /// https.
    pub console_url: String,
    /// What senders of alerts must show, as bearer token or as password of basic authentication. `None`: everybody
    /// who reaches the listener may send, and requests must name this machine or the console as their host.
    pub intake_token: Option<IntakeToken>,
    /// What the surface is.
    pub surface: Surface,
    /// Below which path it lies, for instance `/alertmanager`; empty for the root. Pages of [`Surface::Stentor`] do not
    /// know it.
    pub route_prefix: String,
    /// What `POST /-/reload` does.
    pub reload: Option<Arc<dyn Reload>>,
    /// How long ended silences are shown by Alertmanager's API, in milliseconds; as long as they are known when `None`.
    pub show_ended_ms: Option<i64>,
    /// Origins of other sites whose pages may use Alertmanager's API from a browser, for instance
    /// `https://dashboard.example.org`; `*` is every site.
    pub cors_origins: Vec<String>,
    /// What Alertmanager's API takes at most.
    pub limits: OperatorLimits,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("console_url", &self.console_url)
            .field("intake_token", &self.intake_token)
            .field("surface", &self.surface)
            .field("route_prefix", &self.route_prefix)
            .field("reload", &self.reload.is_some())
            .field("show_ended_ms", &self.show_ended_ms)
            .field("cors_origins", &self.cors_origins)
            .field("limits", &self.limits)
            .finish()
    }
}

/// One node's surface. Cheap to clone: each request does, more than once.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What a surface is made of.
pub struct Parts {
    /// The node behind it.
    pub engine: Engine,
    pub(crate) options: Options,
    pub(crate) metrics: Metrics,
    pub(crate) senders: Counters,
    /// Memory for bodies of alerts that are being read, in KiB.
    pub(crate) intake_room: Arc<Semaphore>,
    /// Long lists that are made at the same time.
    pub(crate) list_room: Arc<Semaphore>,
    /// What forms hold where nobody signs in. Other sites cannot read it.
    pub(crate) form_token: Arc<str>,
    /// Since when this surface exists, in milliseconds since the epoch.
    pub(crate) since_ms: i64,
}

/// Memory for bodies of alerts that are being read, in KiB.
const INTAKE_ROOM: usize = 64 * 1024;

/// Long lists that are made at the same time.
const LIST_ROOM: usize = 4;

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The surface of a node.
    #[must_use]
    pub fn new(engine: Engine, mut options: Options) -> Self {
        for text in [&mut options.console_url, &mut options.route_prefix] {
            while text.ends_with('/') {
                text.pop();
            }
        }
        if !options.route_prefix.is_empty() && !options.route_prefix.starts_with('/') {
            options.route_prefix.insert(0, '/');
        }
        let since_ms = engine.clock().now_ms();
        Self(Arc::new(Parts {
            engine,
            options,
            metrics: Metrics::default(),
            senders: Counters::default(),
            intake_room: Arc::new(Semaphore::new(INTAKE_ROOM)),
            list_room: Arc::new(Semaphore::new(LIST_ROOM)),
            form_token: fresh_key().into(),
            since_ms,
        }))
    }

    /// Where people reach the console; no trailing slash.
    #[must_use]
    pub fn console_url(&self) -> &str {
        &self.options.console_url
    }

    /// Brings the configuration into force again, for instance when a signal asks for it; `None` where nothing is
    /// read again.
    pub async fn reload(&self) -> Option<Result<(), String>> {
        let result = self.options.reload.as_ref()?.reload().await;
        let now_ms = self.engine.clock().now_ms();
        self.metrics.reloaded(result.is_ok(), now_ms);
        Some(result)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.options.console_url.starts_with("https://")
    }

    /// Carries out a command once, however often the request is repeated.
    ///
    /// # Errors
    /// It was refused, or could not be recorded.
    pub async fn submit(
        &self,
        world: World,
        command: Command,
        once: Idempotency,
    ) -> Result<Done, Problem> {
        Ok(self.engine.submit_once(world, command, once).await?)
    }
}
