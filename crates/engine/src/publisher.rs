//! The public lane of one world: what was disclosed is rendered, signed and brought to every mirror, and the
//! timestamp is signed again before anybody could call it stale. It shares nothing with the pages lane.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use stentor_domain::bulletin::StatusPage;
use stentor_domain::command::Command;
use stentor_domain::disclosure::Public;
use stentor_domain::world::World;
use stentor_publish::{LocalMirror, Mirror, MirrorOutcome, PublishError, Publisher, Settings};

use crate::engine::Engine;
use crate::health::MirrorHealth;
use crate::places::WordPlaces;

/// How often the timestamp is signed again, in milliseconds.
const RESIGN_MS: i64 = 3_600_000;

/// How long one mirror has for one push.
const MIRROR_TIMEOUT: Duration = Duration::from_secs(20);

/// Waits after a failed push, in milliseconds; the last one repeats.
const RETRY_MS: [i64; 5] = [1_000, 2_000, 5_000, 15_000, 60_000];

/// Looks at its duty at least this often.
const PERIOD: Duration = Duration::from_secs(30);

/// Where the mirrors of a world are named.
#[derive(Clone)]
pub(crate) enum Mirrors {
    /// In the configuration; relative directories lie in the data directory.
    Configured {
        /// The data directory.
        data: PathBuf,
    },
    /// One directory: a drill's own.
    One(PathBuf),
}

pub(crate) struct PublicLane {
    engine: Engine,
    world: World,
    places: WordPlaces,
    mirrors: Mirrors,
    publisher: Option<(Vec<(String, PathBuf)>, Publisher)>,
    said: Option<Said>,
    failures: usize,
    retry_at_ms: Option<i64>,
    /// The last word could not even be signed.
    unsigned: bool,
}

/// What was published last.
struct Said {
    page: Public<StatusPage>,
    at_ms: i64,
}

impl PublicLane {
    pub(crate) fn new(engine: Engine, world: World, places: WordPlaces, mirrors: Mirrors) -> Self {
        Self {
            engine,
            world,
            places,
            mirrors,
            publisher: None,
            said: None,
            failures: 0,
            retry_at_ms: None,
            unsigned: false,
        }
    }

    /// Runs until the node stops or `finished` says that the world is over and said all it had to say.
    pub(crate) async fn run(mut self, finished: impl Fn(&Engine) -> bool + Send) {
        let mut changes = self.engine.changes();
        loop {
            changes.mark_unchanged();
            let over = finished(&self.engine);
            let wait = self.meet().await;
            if over {
                return;
            }
            tokio::select! {
                () = changes.changed() => {}
                () = self.engine.clock().sleep(wait.min(PERIOD)) => {}
            }
        }
    }

    /// Publishes when there is something new, when the last word grows old, or when a mirror missed it.
    async fn meet(&mut self) -> Duration {
        let Some(page) = self.engine.read(|state| state.status_page(self.world)) else {
            return PERIOD;
        };
        let now = self.engine.clock().now();
        let now_ms = now.as_millisecond();
        // A change of keys waits for nothing.
        let changed = self.publisher.as_ref().is_some_and(|(_, p)| p.has_change());
        let news = changed || self.said.as_ref().is_none_or(|said| said.page != page);
        let old = self
            .said
            .as_ref()
            .is_none_or(|said| now_ms >= said.at_ms + RESIGN_MS);
        let missed = self.retry_at_ms.is_some_and(|at| now_ms >= at);
        // Mirrors that failed are tried again apart from news; signing that failed holds back everything.
        let held = self.unsigned && self.retry_at_ms.is_some_and(|at| now_ms < at);
        if self.open().is_none() || held || !(news || old || missed) {
            let next = self.said.as_ref().map(|said| said.at_ms + RESIGN_MS);
            let wake = [next, self.retry_at_ms].into_iter().flatten().min();
            let wake = if held { self.retry_at_ms } else { wake };
            return wake.map_or(PERIOD, |at| {
                Duration::from_millis((at - now_ms).max(0).unsigned_abs())
            });
        }
        let Some((_, publisher)) = &mut self.publisher else {
            return PERIOD;
        };
        let done = if news || old {
            publisher.publish(&page, now).await
        } else {
            publisher.push(now).await
        };
        match done {
            Ok(publication) => {
                self.unsigned = false;
                if news || old {
                    self.said = Some(Said {
                        page,
                        at_ms: now_ms,
                    });
                }
                self.note(
                    publication.snapshot,
                    publication.fresh_until,
                    &publication.mirrors,
                    news,
                )
                .await;
            }
            Err(error) => self.refused(&error, now_ms),
        }
        Duration::ZERO
    }

    /// The publisher for the mirrors as they are configured now.
    fn open(&mut self) -> Option<()> {
        let mirrors = match &self.mirrors {
            Mirrors::One(dir) => vec![("drill".to_owned(), dir.clone())],
            Mirrors::Configured { data } => self.engine.read(|state| {
                let organisation = state.organisation()?;
                let specs = organisation.mirrors.iter();
                Some(
                    specs
                        .map(|m| (m.name.clone(), data.join(&m.directory)))
                        .collect::<Vec<_>>(),
                )
            })?,
        };
        if self
            .publisher
            .as_ref()
            .is_some_and(|(known, _)| *known == mirrors)
        {
            return Some(());
        }
        // The old one holds the repository's lock.
        self.publisher = None;
        let places = mirrors
            .iter()
            .map(|(name, dir)| Box::new(LocalMirror::new(name, dir)) as Box<dyn Mirror>)
            .collect();
        let settings = Settings {
            world: self.world,
            repository: &self.places.repository,
            online: &self.places.online,
            mirrors: places,
            timeout: MIRROR_TIMEOUT,
        };
        match Publisher::open(settings) {
            Ok(publisher) => {
                self.engine
                    .shared
                    .set_root(self.world, publisher.trusted_root());
                self.publisher = Some((mirrors, publisher));
                // A new mirror has everything to learn.
                self.said = None;
                Some(())
            }
            Err(error) => {
                let now_ms = self.engine.clock().now_ms();
                if self.retry_at_ms.is_none_or(|at| now_ms >= at) {
                    self.refused(&error, now_ms);
                }
                None
            }
        }
    }

    /// Nothing could be signed: every mirror keeps what it has.
    fn refused(&mut self, error: &PublishError, now_ms: i64) {
        tracing::error!(world = %self.world, %error, "the public word could not be signed");
        let names = match &self.publisher {
            Some((mirrors, _)) => mirrors.iter().map(|(name, _)| name.clone()).collect(),
            None => vec!["all".to_owned()],
        };
        let text = error.to_string();
        self.engine
            .shared
            .update_mirrors(self.world, &names, |health| {
                health.error = Some(text.clone());
            });
        self.unsigned = true;
        self.back_off(now_ms);
    }

    fn back_off(&mut self, now_ms: i64) {
        let wait = RETRY_MS[self.failures.min(RETRY_MS.len() - 1)];
        self.failures += 1;
        self.retry_at_ms = Some(now_ms + wait);
    }

    /// Notes how each mirror fared; what is new goes into the journal.
    async fn note(
        &mut self,
        snapshot: u64,
        fresh_until: Timestamp,
        outcomes: &[MirrorOutcome],
        news: bool,
    ) {
        let now_ms = self.engine.clock().now_ms();
        let before: Vec<MirrorHealth> = self.engine.mirrors();
        let names: Vec<String> = outcomes.iter().map(|o| o.mirror.clone()).collect();
        self.engine
            .shared
            .update_mirrors(self.world, &names, |health| {
                let Some(outcome) = outcomes.iter().find(|o| o.mirror == health.name) else {
                    return;
                };
                match &outcome.result {
                    Ok(_) => {
                        health.snapshot = Some(snapshot);
                        health.confirmed_ms = Some(now_ms);
                        health.fresh_until_ms = Some(fresh_until.as_millisecond());
                        health.error = None;
                    }
                    Err(error) => health.error = Some(error.to_string()),
                }
            });
        for outcome in outcomes {
            let error = outcome.result.as_ref().err().map(ToString::to_string);
            let known = before
                .iter()
                .find(|h| h.world == self.world && h.name == outcome.mirror);
            let turned = known.is_some_and(|h| h.error.is_some() != error.is_some());
            match &error {
                Some(error) if news || turned => {
                    tracing::warn!(world = %self.world, mirror = outcome.mirror, error, "a mirror does not show the current word");
                }
                None if turned => {
                    tracing::info!(world = %self.world, mirror = outcome.mirror, "a mirror shows the current word again");
                }
                _ => {}
            }
            if news || turned {
                let mirror = outcome.mirror.clone();
                let command = Command::RecordPush {
                    mirror,
                    snapshot,
                    error,
                };
                if let Err(error) = self.engine.submit(self.world, command).await {
                    tracing::warn!(%error, "the outcome of a push was not recorded");
                }
            }
        }
        if outcomes.iter().all(|o| o.result.is_ok()) {
            (self.failures, self.retry_at_ms) = (0, None);
        } else {
            self.back_off(now_ms);
        }
    }
}

/// The root that readers of a world pin.
pub type TrustedRoot = Arc<[u8]>;
