//! What every handler is given.

use std::sync::Arc;

use stentor_domain::command::Command;
use stentor_domain::world::World;
use stentor_engine::{Done, Engine, Idempotency};

use tokio::sync::Semaphore;

use crate::Problem;
use crate::intake::IntakeToken;
use crate::metrics::Metrics;
use crate::senders::Counters;

/// How the surface behaves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where people reach the console, for instance `https://stentor.example.org`. Cookies are `Secure` when it is
    /// https.
    pub console_url: String,
    /// What senders of alerts must show, as bearer token or as password of basic authentication. `None`: everybody
    /// who reaches the listener may send, and requests must name this machine or the console as their host.
    pub intake_token: Option<IntakeToken>,
}

/// One node's surface. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The node behind it.
    pub engine: Engine,
    pub(crate) options: Arc<Options>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) senders: Arc<Counters>,
    /// Memory for bodies of alerts that are being read, in KiB.
    pub(crate) intake_room: Arc<Semaphore>,
    /// Since when this surface exists, in milliseconds since the epoch.
    pub(crate) since_ms: i64,
}

/// Memory for bodies of alerts that are being read, in KiB.
const INTAKE_ROOM: usize = 64 * 1024;

impl App {
    /// The surface of a node.
    #[must_use]
    pub fn new(engine: Engine, mut options: Options) -> Self {
        while options.console_url.ends_with('/') {
            options.console_url.pop();
        }
        let since_ms = engine.clock().now_ms();
        Self {
            engine,
            options: Arc::new(options),
            metrics: Arc::new(Metrics::default()),
            senders: Arc::default(),
            intake_room: Arc::new(Semaphore::new(INTAKE_ROOM)),
            since_ms,
        }
    }

    /// Where people reach the console; no trailing slash.
    #[must_use]
    pub fn console_url(&self) -> &str {
        &self.options.console_url
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
