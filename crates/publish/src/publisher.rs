//! The one who speaks: renders what was disclosed, signs it, pushes it everywhere.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use stentor_domain::bulletin::StatusPage;
use stentor_domain::disclosure::Public;
use stentor_domain::world::World;
use stentor_verify::{FetchError, Report, Verification};

use crate::adopt::{self, AdoptError};
use crate::keys::{KeyError, OnlineKeys};
use crate::lane::Lanes;
use crate::lives;
use crate::mirror::Mirror;
use crate::push::MirrorOutcome;
use crate::render::{self, RenderError};
use crate::repository::{Pages, Repository, RepositoryError};

/// Why nothing was signed. What happens at single mirrors is in [`Publication`] instead.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The online keys cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The repository cannot be used or extended.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The page cannot be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The page belongs to another world than these keys and mirrors.
    #[error("a page of {page} cannot be published by the publisher of {publisher}")]
    WrongWorld {
        /// The page's world.
        page: World,
        /// The publisher's world.
        publisher: World,
    },
    /// What we signed would be refused by a reader: our repository is damaged.
    #[error("what was signed would be refused by readers, so it was not pushed: {0}")]
    Unreadable(Box<Report>),
    /// A mirror's newer word could not be taken over.
    #[error("mirror {mirror}: {why}")]
    Adopt {
        /// The mirror.
        mirror: String,
        /// Why not.
        why: AdoptError,
    },
    /// A mirror holds a newer snapshot, validly signed with our keys: another writer is active, or our own
    /// repository was restored from an old backup.
    #[error(
        "mirror {mirror} holds snapshot {theirs}, validly signed, but ours is {ours}; publishing is stopped"
    )]
    Ahead {
        /// The mirror.
        mirror: String,
        /// Its snapshot version.
        theirs: u64,
        /// Our snapshot version.
        ours: u64,
    },
}

/// Where a publisher finds its things.
pub struct Settings<'a> {
    /// The world whose pages it publishes; the repository must have been founded for it.
    pub world: World,
    /// The repository folder that [`found`](crate::found) laid out. One process at a time writes there.
    pub repository: &'a Path,
    /// The folder of the online keys.
    pub online: &'a Path,
    /// Where the word is put.
    pub mirrors: Vec<Box<dyn Mirror>>,
    /// How long one mirror has for one push.
    pub timeout: Duration,
}

/// What was signed, and what became of it at each mirror.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The version of what is said.
    pub snapshot: u64,
    /// The version of the confirmation that it still stands.
    pub timestamp: u64,
    /// Until when readers call it fresh.
    pub fresh_until: Timestamp,
    /// Each mirror, in the order of the settings.
    pub mirrors: Vec<MirrorOutcome>,
}

impl Publication {
    /// Whether every mirror shows the current word.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.mirrors.iter().all(|m| m.result.is_ok())
    }
}

/// Signs and pushes the word of one world.
pub struct Publisher {
    world: World,
    root: Vec<u8>,
    repository: Arc<Mutex<Repository>>,
    lanes: Lanes,
    timeout: Duration,
}

impl Publisher {
    /// Opens the repository with the online keys. Writes nothing.
    ///
    /// # Errors
    /// [`PublishError`] if the keys or the repository cannot be used, or belong to another world.
    pub fn open(settings: Settings<'_>) -> Result<Self, PublishError> {
        let keys = OnlineKeys::load(settings.online)?;
        let repository = Repository::open(settings.repository, keys, settings.world)?;
        let Settings {
            world,
            mirrors,
            timeout,
            repository: dir,
            ..
        } = settings;
        let root = repository.root().to_vec();
        let lanes = Lanes::new(mirrors, &root, timeout, &dir.join("pushed"));
        Ok(Self {
            world,
            root,
            repository: Arc::new(Mutex::new(repository)),
            lanes,
            timeout,
        })
    }

    /// The first trusted root: what readers pin, and what is shown for them to take.
    #[must_use]
    pub fn trusted_root(&self) -> &[u8] {
        &self.root
    }

    /// SHA-256 of [`Self::trusted_root`] in hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        stentor_verify::fingerprint(&self.root)
    }

    /// Renders, signs and pushes `page` as of `now`. To be called when something was disclosed and at least hourly:
    /// the page itself says until when it may be believed.
    ///
    /// # Errors
    /// [`PublishError`] if nothing could be signed; then no mirror was touched.
    pub async fn publish(
        &mut self,
        page: &Public<StatusPage>,
        now: Timestamp,
    ) -> Result<Publication, PublishError> {
        self.publish_page(page, now).await
    }

    /// Signs the timestamp again without rendering: what was said still stands. For when there is no page at hand.
    ///
    /// # Errors
    /// [`PublishError`] if nothing could be signed; then no mirror was touched.
    pub async fn resign_timestamp(&mut self, now: Timestamp) -> Result<Publication, PublishError> {
        let seen = self.highest_seen(now).await?;
        self.with_repository(move |repository| repository.confirm(seen, now))
            .await?;
        self.push(now).await
    }

    /// Pushes what is signed already, to mirrors that missed it. Changes nothing where nothing is missing.
    ///
    /// # Errors
    /// [`PublishError`] if our own copy cannot be read or would be refused by a reader; then no mirror was touched.
    pub async fn push(&self, now: Timestamp) -> Result<Publication, PublishError> {
        let (plan, head) = self
            .with_repository(move |repository| {
                Ok((repository.plan(now)?, repository.head().clone()))
            })
            .await?;
        let rehearsal = Verification::new(&plan, &self.root, now).run().await.report;
        if !rehearsal.verdict.is_authentic() {
            return Err(PublishError::Unreadable(Box::new(rehearsal)));
        }
        Ok(Publication {
            snapshot: head.snapshot,
            timestamp: head.timestamp,
            fresh_until: head.timestamp_expires,
            mirrors: self.lanes.push(plan, now).await,
        })
    }

    /// What has become of the last push at each mirror by now. Mirrors that answer slowly are not waited for: until
    /// they are done, they are [`Underway`](crate::MirrorFailure::Underway).
    #[must_use]
    pub fn outcomes(&self) -> Vec<MirrorOutcome> {
        self.lanes.outcomes()
    }

    /// Waits until one more mirror is done with the last push. Never ends when none is under way.
    pub async fn progress(&self) {
        self.lanes.progress().await;
    }

    /// Goes on from the newest word that a mirror holds and our keys signed. For a node that takes over from another,
    /// or after our repository came back from a backup: what [`PublishError::Ahead`] stops at. Never call it while
    /// another writer is active. Says whether anything newer was found.
    ///
    /// # Errors
    /// [`PublishError::Adopt`] if the newest word cannot be read whole.
    pub async fn adopt(&mut self, now: Timestamp) -> Result<bool, PublishError> {
        let ours = self
            .with_repository(|repository| Ok(repository.head().timestamp))
            .await?;
        let asked = self.lanes.ask(now).await;
        let newest = asked
            .into_iter()
            .map(|(_, seen)| seen)
            .zip(self.lanes.mirrors())
            .max_by_key(|(seen, _)| *seen);
        let Some((_, mirror)) = newest.filter(|(seen, _)| *seen > ours) else {
            return Ok(false);
        };
        let copying =
            tokio::time::timeout(self.timeout, adopt::copy(mirror.as_ref(), &self.root, now));
        let failed = |why| PublishError::Adopt {
            mirror: mirror.name().to_owned(),
            why,
        };
        let slow = AdoptError::Read {
            path: "all".to_owned(),
            why: FetchError::Unreachable("it took too long".to_owned()),
        };
        let copy = copying.await.unwrap_or(Err(slow)).map_err(failed)?;
        self.with_repository(move |repository| repository.adopt(copy, now))
            .await
    }

    /// [`Self::publish`] without the proof that the page is public; for this crate and its tests only.
    pub(crate) async fn publish_page(
        &mut self,
        page: &StatusPage,
        now: Timestamp,
    ) -> Result<Publication, PublishError> {
        if page.world != self.world {
            return Err(PublishError::WrongWorld {
                page: page.world,
                publisher: self.world,
            });
        }
        let pages = render::pages(page, &self.fingerprint(), now)?;
        self.say(pages, now).await
    }

    pub(crate) async fn say(
        &mut self,
        pages: Pages,
        now: Timestamp,
    ) -> Result<Publication, PublishError> {
        let seen = self.highest_seen(now).await?;
        self.with_repository(move |repository| repository.extend(&pages, seen, now))
            .await?;
        self.push(now).await
    }

    /// Works on the repository where it may block: signing waits for the disk, the runtime must not.
    async fn with_repository<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Repository) -> Result<T, RepositoryError> + Send + 'static,
    ) -> Result<T, PublishError> {
        let repository = Arc::clone(&self.repository);
        // A panic in between leaves the head as it was on disk and in memory: it is replaced as the last step.
        let locked = move || work(&mut repository.lock().unwrap_or_else(PoisonError::into_inner));
        let done = tokio::task::spawn_blocking(locked)
            .await
            .map_err(|_| RepositoryError::Stopped)?;
        Ok(done?)
    }

    /// Reads all mirrors: the highest timestamp that is validly signed. A newer snapshot than ours stops us; a mirror
    /// that does not answer in time says nothing.
    async fn highest_seen(&self, now: Timestamp) -> Result<u64, PublishError> {
        let ours = self
            .with_repository(|repository| Ok(repository.head().snapshot))
            .await?;
        let mut highest = 0;
        for (mirror, seen) in self.lanes.ask(now).await {
            let theirs = lives::snapshot_of(seen);
            if theirs > ours {
                return Err(PublishError::Ahead {
                    mirror,
                    theirs,
                    ours,
                });
            }
            highest = highest.max(seen);
        }
        Ok(highest)
    }
}
