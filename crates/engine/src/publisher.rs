//! The public lane of one world: what was disclosed is rendered, signed and brought to every mirror, and the
//! timestamp is signed again before anybody could call it stale. It shares nothing with the pages lane.

mod notes;

use std::sync::Arc;
use std::time::Duration;

use stentor_domain::bulletin::StatusPage;
use stentor_domain::disclosure::Public;
use stentor_domain::status_page::Edition;
use stentor_domain::world::World;
use stentor_publish::{PublishError, Publisher, Settings, Waits};

use crate::engine::Engine;
use crate::leadership::{Leadership, Terms};
use crate::mirrors::{Declared, Mirrors};
use crate::places::WordPlaces;
use crate::word_recorder::Recorder;

use notes::Underway;

/// How often the timestamp is signed again, in milliseconds.
const RESIGN_MS: i64 = 3_600_000;

/// How long one mirror has for one push.
const MIRROR_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a node that ends still waits for mirrors that are being written.
const LAST_PUSH: Duration = Duration::from_secs(10);

/// Waits after a failed push, in milliseconds; the last one repeats.
const RETRY_MS: [i64; 5] = [1_000, 2_000, 5_000, 15_000, 60_000];

/// Looks at its duty at least this often.
const PERIOD: Duration = Duration::from_secs(30);

/// Looks so often for the signature that a word waits for.
const SIGNATURE_PERIOD: Duration = Duration::from_secs(1);

/// Of several nodes one publishes. A push that began in time is over before another node may begin.
pub(crate) const TERMS: Terms = Terms {
    lease: "word",
    term_ms: 40_000,
    renew: Duration::from_secs(5),
    margin: Duration::from_secs(22),
    survives_restart: true,
};

/// How soon a node tries again to take over.
const TAKE_OVER: Duration = Duration::from_secs(1);

pub(crate) struct PublicLane {
    engine: Engine,
    world: World,
    places: WordPlaces,
    mirrors: Mirrors,
    publisher: Option<(Declared, Publisher)>,
    said: Option<Said>,
    failures: usize,
    retry_at_ms: Option<i64>,
    /// The last word could not even be signed.
    unsigned: bool,
    /// Where other nodes could publish too.
    leadership: Option<Arc<Leadership>>,
    /// This node took over, and what others published is known to it.
    leads: bool,
    recorder: Recorder,
    /// Pages that could not be published for want of a delegation.
    left_out: Vec<String>,
    /// What could not be published for want of a signature.
    waits: Option<Waits>,
    /// Mirrors that were still being written when the last push returned, and whether it brought something new.
    underway: Option<Underway>,
}

/// What was published last.
struct Said {
    edition: Edition,
    page: Public<StatusPage>,
    at_ms: i64,
}

impl PublicLane {
    /// The lane of a world; with `leadership` where other nodes could publish it too.
    pub(crate) fn new(
        engine: Engine,
        world: World,
        places: WordPlaces,
        mirrors: Mirrors,
        leadership: Option<Arc<Leadership>>,
    ) -> Self {
        Self {
            recorder: Recorder::start(engine.clone(), world),
            leadership,
            leads: false,
            left_out: Vec::new(),
            waits: None,
            engine,
            world,
            places,
            mirrors,
            publisher: None,
            said: None,
            failures: 0,
            retry_at_ms: None,
            unsigned: false,
            underway: None,
        }
    }

    /// Runs until `stop` or until `finished` says that the world is over. What was authorised by then is said, and no
    /// mirror is left half written, if it can be helped within [`LAST_PUSH`].
    pub(crate) async fn run(
        mut self,
        finished: impl Fn(&Engine) -> bool + Send,
        stop: impl Future<Output = ()> + Send,
    ) {
        let Some(leadership) = self.leadership.clone() else {
            return self.work(finished, stop).await;
        };
        let position = Arc::clone(&self.engine.shared.seq);
        tokio::select! {
            () = leadership.keep(|| position.signal()) => {}
            () = self.work(finished, stop) => {}
        }
        // Another node publishes at once, and this one no more.
        self.publisher = None;
        leadership.give_up().await;
    }

    async fn work(
        &mut self,
        finished: impl Fn(&Engine) -> bool + Send,
        stop: impl Future<Output = ()> + Send,
    ) {
        tokio::pin!(stop);
        let mut stopping = false;
        let mut changes = self.engine.changes();
        loop {
            changes.mark_unchanged();
            let over = stopping || finished(&self.engine);
            let wait = match self.may_publish().await {
                Ok(()) => self.meet().await,
                Err(wait) => wait,
            };
            if over {
                // Slow mirrors are for the next start, or for another node.
                let _ = tokio::time::timeout(LAST_PUSH, self.settle()).await;
                return;
            }
            tokio::select! {
                () = &mut stop => stopping = true,
                () = changes.changed() => {}
                () = self.engine.clock().sleep(wait.min(self.period())) => {}
                () = self.slow_mirror() => self.note_slow(),
            }
        }
    }

    /// How long nothing has to happen before the duty is looked at.
    fn period(&self) -> Duration {
        match self.waits {
            Some(_) => SIGNATURE_PERIOD,
            None => PERIOD,
        }
    }

    /// Waits until no mirror is being written.
    async fn settle(&mut self) {
        while self.underway.is_some() {
            self.slow_mirror().await;
            self.note_slow();
        }
    }

    /// Whether this node publishes; otherwise, when to ask again. Without the database, the node that led goes on.
    async fn may_publish(&mut self) -> Result<(), Duration> {
        let Some(leadership) = &self.leadership else {
            return Ok(());
        };
        if !leadership.leads() && !leadership.is_left_alone() {
            if std::mem::take(&mut self.leads) {
                tracing::info!("another node publishes the word");
                // Stops what is still on its way to slow mirrors.
                self.publisher = None;
                self.underway = None;
                self.tell_waits(None);
            }
            self.said = None;
            return Err(PERIOD);
        }
        if !self.leads {
            self.take_over().await?;
        }
        Ok(())
    }

    /// Goes on where the node before stopped: with everything that was authorised, and from what it published.
    async fn take_over(&mut self) -> Result<(), Duration> {
        let now_ms = self.engine.clock().now_ms();
        if self.retry_at_ms.is_some_and(|at| now_ms < at) {
            return Err(TAKE_OVER);
        }
        // What another node said may not have been folded here yet.
        let head = self.engine.store().head().await.map_err(|error| {
            tracing::warn!(%error, "cannot take over the public word");
            TAKE_OVER
        })?;
        self.engine.wait_for(head.seq).await;
        if self.engine.seq() < head.seq || self.open().is_none() {
            return Err(TAKE_OVER);
        }
        let Some((_, publisher)) = &mut self.publisher else {
            return Err(TAKE_OVER);
        };
        publisher.forget();
        match publisher.adopt(self.engine.clock().now()).await {
            Ok(newer) => {
                tracing::info!(newer, "this node publishes the word from now on");
                self.leads = true;
                self.said = None;
                Ok(())
            }
            Err(error) => {
                self.refused(&error, now_ms);
                Err(TAKE_OVER)
            }
        }
    }

    /// Waits until a mirror is done that the last push did not wait for.
    async fn slow_mirror(&self) {
        match (&self.underway, &self.publisher) {
            (Some(_), Some((_, publisher))) => publisher.progress().await,
            _ => std::future::pending().await,
        }
    }

    /// Publishes when there is something new, when the last word grows old, or when a mirror missed it.
    async fn meet(&mut self) -> Duration {
        let now = self.engine.clock().now();
        let now_ms = now.as_millisecond();
        // Before it is judged what is new: a new mirror has everything to learn.
        let opened = self.open().is_some();
        // A change of keys waits for nothing, and neither does a signature that came.
        let changed = self.publisher.as_ref().is_some_and(|(_, p)| p.has_change());
        let new = self.new_word(now_ms);
        let news = changed || new.is_some();
        let old = self
            .said
            .as_ref()
            .is_none_or(|said| now_ms >= said.at_ms + RESIGN_MS);
        let missed = self.retry_at_ms.is_some_and(|at| now_ms >= at);
        // Mirrors that failed are tried again apart from news; signing that failed holds back everything.
        let held = self.unsigned && self.retry_at_ms.is_some_and(|at| now_ms < at);
        if !opened || held || !(news || old || missed) {
            let next = self.said.as_ref().map(|said| said.at_ms + RESIGN_MS);
            let wake = [next, self.retry_at_ms].into_iter().flatten().min();
            let wake = if held { self.retry_at_ms } else { wake };
            return wake.map_or(PERIOD, |at| {
                Duration::from_millis((at - now_ms).max(0).unsigned_abs())
            });
        }
        // What ended long ago leaves the page when the word is signed anew.
        let word = match new {
            None if news || old => self.word(now_ms),
            new => new,
        };
        let Some((_, publisher)) = &mut self.publisher else {
            return PERIOD;
        };
        let done = match &word {
            Some((_, page)) => publisher.publish(page, now).await,
            // Without an organisation there is nothing to say.
            None if news || old => return PERIOD,
            None => publisher.push(now).await,
        };
        match done {
            Ok(publication) => {
                self.unsigned = false;
                if let Some((edition, page)) = word {
                    self.said = Some(Said {
                        edition,
                        page,
                        at_ms: now_ms,
                    });
                    self.tell_left_out(publication.left_out);
                }
                self.tell_waits(publication.waits);
                self.note(
                    publication.snapshot,
                    publication.fresh_until,
                    &publication.mirrors,
                    news,
                );
            }
            Err(error) => {
                self.refused(&error, now_ms);
                self.stand_back(&error);
            }
        }
        Duration::ZERO
    }

    /// What the public is to read now.
    fn word(&self, now_ms: i64) -> Option<(Edition, Public<StatusPage>)> {
        self.engine.read(|state| {
            let edition = state.edition(self.world)?;
            Some((edition, state.status_page(self.world, now_ms)?))
        })
    }

    /// The same where it differs from what was said last. The page is looked at only in an edition that is not known yet:
    /// it may be long, and most that happens is not public.
    fn new_word(&mut self, now_ms: i64) -> Option<(Edition, Public<StatusPage>)> {
        if let Some(said) = &self.said {
            let edition = self.engine.read(|state| state.edition(self.world));
            if edition.is_none_or(|edition| edition == said.edition) {
                return None;
            }
        }
        let word = self.word(now_ms)?;
        match &mut self.said {
            Some(said) if said.page == word.1 => {
                said.edition = word.0;
                None
            }
            _ => Some(word),
        }
    }

    /// The publisher for the mirrors as they are configured now.
    fn open(&mut self) -> Option<()> {
        let declared = self.mirrors.declared(&self.engine)?;
        if self
            .publisher
            .as_ref()
            .is_some_and(|(known, _)| *known == declared)
        {
            return Some(());
        }
        // The old one holds the repository's lock.
        self.publisher = None;
        self.underway = None;
        let clock = Arc::clone(self.engine.clock());
        let mirrors = self.mirrors.open(&declared, clock);
        let settings = Settings {
            world: self.world,
            repository: &self.places.repository,
            online: &self.places.online,
            mirrors,
            timeout: MIRROR_TIMEOUT,
        };
        match Publisher::open(settings) {
            Ok(publisher) => {
                self.engine
                    .shared
                    .set_root(self.world, publisher.trusted_root());
                self.publisher = Some((declared, publisher));
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
            Some((declared, _)) => declared.mirrors.iter().map(|m| m.name.clone()).collect(),
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

    /// Another node published while this one could not ask the database who may: it waits until it can.
    fn stand_back(&mut self, error: &PublishError) {
        let outrun = matches!(
            error,
            PublishError::Ahead { .. } | PublishError::Raced { .. }
        );
        if let Some(leadership) = &self.leadership
            && outrun
            && !leadership.leads()
        {
            leadership.stand_back();
        }
    }

    /// Says once which pages wait for the offline keys.
    fn tell_left_out(&mut self, left_out: Vec<String>) {
        if !left_out.is_empty() && left_out != self.left_out {
            tracing::error!(
                world = %self.world,
                pages = left_out.join(", "),
                "nothing is delegated for the year of these pages, so they are not published; the offline targets key has \
                 to sign a new delegation"
            );
        }
        self.left_out = left_out;
    }

    fn back_off(&mut self, now_ms: i64) {
        let wait = RETRY_MS[self.failures.min(RETRY_MS.len() - 1)];
        self.failures += 1;
        self.retry_at_ms = Some(now_ms + wait);
    }
}

/// The root that readers of a world pin.
pub type TrustedRoot = Arc<[u8]>;
