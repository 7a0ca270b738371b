//! The one who speaks: renders what was disclosed, signs it, pushes it everywhere.

mod unsigned;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use stentor_domain::bulletin::StatusPage;
use stentor_domain::disclosure::Public;
use stentor_domain::world::World;
use stentor_verify::{FetchError, Report, Scope, Verification};

use crate::adopt::{self, AdoptError};
use crate::keys::{KeyError, OnlineKeys};
use crate::lane::{Lanes, Order};
use crate::lives;
use crate::mirror::Mirror;
use crate::push::{MirrorFailure, MirrorOutcome};
use crate::render::{RenderError, Renderer, Signer};
use crate::repository::{Hashed, Pages, Repository, RepositoryError, Seen};
use crate::waiting::Waits;

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
    /// A mirror holds another snapshot of the same number as ours, validly signed with our keys: another writer was
    /// active at the same time. Neither goes on by itself.
    #[error(
        "mirror {mirror} holds another snapshot {snapshot} than ours, validly signed: two publishers are active; \
         publishing is stopped"
    )]
    Raced {
        /// The mirror.
        mirror: String,
        /// The number of both.
        snapshot: u64,
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
    /// Pages of years to which the offline keys delegated nothing: they were not published.
    pub left_out: Vec<String>,
    /// What nobody signed yet who may speak, where no key of this machine may.
    pub waits: Option<Waits>,
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
    pub(crate) root: Vec<u8>,
    online: PathBuf,
    repository: Arc<Mutex<Repository>>,
    renderer: Arc<Mutex<Renderer>>,
    pub(crate) lanes: Lanes,
    pub(crate) timeout: Duration,
    /// Up to this snapshot it was decided which word counts, by taking over the newest.
    settled: u64,
}

impl Publisher {
    /// Opens the repository with the online keys. Writes nothing.
    ///
    /// # Errors
    /// [`PublishError`] if the keys or the repository cannot be used, or belong to another world.
    pub fn open(settings: Settings<'_>) -> Result<Self, PublishError> {
        let keys = OnlineKeys::load(settings.online)?;
        let repository = Repository::open(settings.repository, keys, settings.world)?;
        let online = settings.online.to_owned();
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
            online,
            repository: Arc::new(Mutex::new(repository)),
            renderer: Arc::default(),
            lanes,
            timeout,
            settled: 0,
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
        self.put_in_force(now).await?;
        let seen = self.highest_seen(now).await?;
        self.with_repository(move |repository| repository.confirm(seen, now))
            .await?;
        self.push(now).await
    }

    /// Pushes what is signed already, to mirrors that missed it. Changes nothing where nothing is missing. What is known
    /// to be on a mirror is not looked at for an hour, unless something went wrong there.
    ///
    /// # Errors
    /// [`PublishError`] if our own copy cannot be read or would be refused by a reader; then no mirror was touched.
    pub async fn push(&self, now: Timestamp) -> Result<Publication, PublishError> {
        let current_root = self.current_root().await?;
        let (signed, head, waits) = self
            .with_repository(move |repository| {
                Ok((
                    repository.metadata_plan(None)?,
                    Arc::clone(repository.head()),
                    repository.waits(),
                ))
            })
            .await?;
        let rehearsal = Verification {
            scope: Scope::Metadata,
            ..Verification::new(&signed, &self.root, now)
        };
        let rehearsal = rehearsal.run().await.report;
        if !rehearsal.verdict.is_authentic() {
            return Err(PublishError::Unreadable(Box::new(rehearsal)));
        }
        let order = Order {
            repository: Arc::downgrade(&self.repository),
            current_root,
            now,
        };
        Ok(Publication {
            snapshot: head.snapshot,
            timestamp: head.timestamp,
            fresh_until: head.timestamp_expires,
            left_out: Vec::new(),
            waits,
            mirrors: self.lanes.push(order).await,
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

    /// Waits for the mirrors that the last push did not wait for, and says what became of it at all.
    pub async fn to_the_end(&self, mut publication: Publication) -> Publication {
        loop {
            publication.mirrors = self.outcomes();
            let underway = |o: &MirrorOutcome| matches!(o.result, Err(MirrorFailure::Underway));
            if !publication.mirrors.iter().any(underway) {
                return publication;
            }
            self.progress().await;
        }
    }

    /// Publishes what was authorised last and lies on this disk, without asking anybody what is so now: for when the
    /// database is away. Pages keep the time at which they were written; the timestamp is signed again.
    ///
    /// # Errors
    /// [`PublishError`] if nothing could be signed; then no mirror was touched.
    pub async fn push_spooled(&mut self, now: Timestamp) -> Result<Publication, PublishError> {
        match self
            .with_repository(|repository| Ok(repository.spooled()))
            .await?
        {
            Some(pages) => self.say(pages, now).await,
            None => self.resign_timestamp(now).await,
        }
    }

    /// Forgets what is known to be on the mirrors: the next push looks at everything.
    pub fn forget(&mut self) {
        self.lanes.forget();
    }

    /// Goes on from the newest word that a mirror holds and our keys signed. For a node that takes over from another,
    /// or after our repository came back from a backup: what [`PublishError::Ahead`] stops at. Never call it while
    /// another writer is active. Says whether anything newer was found.
    ///
    /// # Errors
    /// [`PublishError::Adopt`] if the newest word cannot be read whole.
    pub async fn adopt(&mut self, now: Timestamp) -> Result<bool, PublishError> {
        let ours = self
            .with_repository(|repository| Ok(Arc::clone(repository.head())))
            .await?;
        let root = self.current_root().await?;
        let newest = self
            .lanes
            .ask(&root, now)
            .await
            .into_iter()
            .map(|(_, seen)| seen.map_or(0, |seen| seen.timestamp))
            .zip(self.lanes.mirrors())
            .max_by_key(|(seen, _)| *seen);
        let Some((_, mirror)) = newest.filter(|(seen, _)| *seen > ours.timestamp) else {
            self.settled = ours.snapshot;
            return Ok(false);
        };
        let copying = tokio::time::timeout(
            self.timeout,
            adopt::copy(mirror.as_ref(), &self.root, Some(&ours), now),
        );
        let failed = |why| PublishError::Adopt {
            mirror: mirror.name().to_owned(),
            why,
        };
        let slow = AdoptError::Read {
            path: "all".to_owned(),
            why: FetchError::Unreachable("it took too long".to_owned()),
        };
        let copy = copying.await.unwrap_or(Err(slow)).map_err(failed)?;
        let settled = copy.head.snapshot;
        let adopted = self
            .with_repository(move |repository| repository.adopt(copy, now))
            .await?;
        self.settled = settled.max(ours.snapshot);
        Ok(adopted)
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
        let pages = self.to_say(page, now).await?;
        self.say(pages, now).await
    }

    /// Renders and signs the single files, where it may take its time.
    async fn render(&self, page: StatusPage, now: Timestamp) -> Result<Pages, PublishError> {
        let renderer = Arc::clone(&self.renderer);
        let online = self.online.clone();
        let fingerprint = self.fingerprint();
        let rendered = self
            .with_repository(move |repository| {
                // It may have been replaced; one that cannot be read holds no word up.
                repository.take_single_key(&online);
                let mut renderer = renderer.lock().unwrap_or_else(PoisonError::into_inner);
                let mut pages =
                    |signer: Option<&Signer<'_>>| renderer.pages(&page, &fingerprint, signer, now);
                Ok(match repository.single_key() {
                    Some(key) => key.signing(|signer| pages(Some(signer))),
                    None => pages(None),
                })
            })
            .await?;
        Ok(rendered?)
    }

    pub(crate) async fn say(
        &mut self,
        pages: Pages,
        now: Timestamp,
    ) -> Result<Publication, PublishError> {
        // First of all onto this disk: what was authorised is published also if everything else fails meanwhile.
        let hashed = self.spool(pages).await?;
        self.put_in_force(now).await?;
        let seen = self.highest_seen(now).await?;
        let left_out = self
            .with_repository(move |repository| repository.extend(&hashed, seen, now))
            .await?;
        Ok(Publication {
            left_out,
            ..self.push(now).await?
        })
    }

    /// Signs without asking any mirror, as a publisher does that was overtaken after it had asked.
    #[cfg(test)]
    pub(crate) async fn sign_only(&self, pages: Pages, now: Timestamp) -> Result<(), PublishError> {
        self.with_repository(move |repository| {
            let hashed = Hashed::from(pages);
            repository.extend(&hashed, Seen::default(), now).map(drop)
        })
        .await
    }

    /// Keeps authorised pages.
    pub(crate) async fn spool(&self, pages: Pages) -> Result<Hashed, PublishError> {
        self.with_repository(move |repository| {
            let hashed = Hashed::from(pages);
            repository.spool(&hashed).map(|()| hashed)
        })
        .await
    }

    /// Whether the next publication does more than say what is known: a change of keys is to be put in force, or somebody
    /// left a signature for what waits.
    #[must_use]
    pub fn has_change(&self) -> bool {
        let repository = self.repository.lock();
        let repository = repository.unwrap_or_else(PoisonError::into_inner);
        repository.has_change() || (!repository.speaks() && repository.has_signature())
    }

    /// Puts a finished change of keys in force. One that is refused is set aside and holds nothing back.
    async fn put_in_force(&self, now: Timestamp) -> Result<(), PublishError> {
        let online = self.online.clone();
        let changed = move |repository: &mut Repository| match repository.put_in_force(&online, now)
        {
            Err(RepositoryError::Change { .. }) => Ok(false),
            other => other,
        };
        self.with_repository(changed).await?;
        Ok(())
    }

    /// The root in force: what mirrors are judged by. A key that it no longer names cannot hold us up, whatever was
    /// signed with it.
    async fn current_root(&self) -> Result<Vec<u8>, PublishError> {
        self.with_repository(|repository| repository.current_root())
            .await
    }

    /// Works on the repository where it may block: signing waits for the disk, the runtime must not.
    pub(crate) async fn with_repository<T: Send + 'static>(
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

    /// Reads all mirrors: the highest timestamp that is validly signed. A newer snapshot than ours stops us, and so does
    /// another one of the same number; a mirror that does not answer in time says nothing.
    async fn highest_seen(&self, now: Timestamp) -> Result<Seen, PublishError> {
        let (ours, hash) = self
            .with_repository(|repository| {
                let head = repository.head();
                let named = head.metadata.get(&head.snapshot_path());
                Ok((head.snapshot, named.map(|t| t.sha256.clone())))
            })
            .await?;
        let mut highest = 0;
        let root = self.current_root().await?;
        for (mirror, seen) in self.lanes.ask(&root, now).await {
            let Some(seen) = seen else {
                continue;
            };
            let theirs = lives::snapshot_of(seen.timestamp);
            if theirs > ours {
                return Err(PublishError::Ahead {
                    mirror,
                    theirs,
                    ours,
                });
            }
            if theirs == ours && seen.snapshot != hash && theirs > self.settled {
                let snapshot = theirs;
                return Err(PublishError::Raced { mirror, snapshot });
            }
            highest = highest.max(seen.timestamp);
        }
        Ok(Seen {
            timestamp: highest,
            settled: self.settled,
        })
    }
}
