//! A beacon: confirms from an independent site that what was said last still stands.
//!
//! It holds a timestamp key and nothing else. It signs only for the highest snapshot that it has verified from the
//! pinned root, under a number that is made of the snapshot's and of the time: so whatever its clock says and whatever
//! mirrors show it, an older word cannot outrank a newer one.

#[cfg(test)]
pub(crate) mod broken;
mod memory;
mod sight;
mod word;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use serde_json::Value;
use stentor_verify::{Report, limits};

use crate::head::role_path;
use crate::keys::{KeyError, SecretKey};
use crate::lives::{self, ClockBehind, later};
use crate::metadata;
use crate::mirror::{Mirror, Reader};
use crate::plan::{Known, TIMESTAMP};
use crate::push::MirrorOutcome;
use memory::Memory;
use sight::Sight;

/// How often it looks again within one round when somebody else signed meanwhile.
const AGAIN: usize = 3;

/// Why a beacon cannot work.
#[derive(Debug, thiserror::Error)]
pub enum BeaconError {
    /// The timestamp key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The pinned root is none.
    #[error("the pinned root cannot be used: {0}")]
    Root(String),
    /// What is to be remembered cannot be read or written. Without it an older word could pass for the newest.
    #[error("cannot {what} {path}: {why}")]
    State {
        /// "read" or "write".
        what: &'static str,
        /// The file.
        path: String,
        /// The reason.
        why: String,
    },
}

/// A mirror, and what a beacon may do there.
pub struct Place {
    /// The mirror.
    pub mirror: Box<dyn Mirror>,
    /// Whether the beacon writes there, or only reads.
    pub writes: bool,
}

/// What a beacon is given.
pub struct BeaconSettings<'a> {
    /// The first trusted root.
    pub root: Vec<u8>,
    /// The file of its timestamp key.
    pub key: &'a Path,
    /// Where it reads, and where it writes.
    pub places: Vec<Place>,
    /// How long one mirror has for one thing; some kinds have longer for bringing files.
    pub timeout: Duration,
    /// Where it remembers what it has seen; without it a restarted beacon has to believe the mirrors.
    pub state: Option<PathBuf>,
    /// Whether it signs in each round, also while the publisher does.
    pub always: bool,
}

/// Whether a beacon signed, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// It did.
    Signed,
    /// The newest timestamp has more than half of its life before it.
    NotDue,
    /// No mirror shows a word that can be verified.
    NothingSeen,
    /// The newest root does not name its key.
    NotNamed,
    /// The snapshot has expired: only the publisher can sign a new one, and a timestamp does not help.
    SnapshotExpired,
    /// Its clock is far behind what another signer wrote.
    ClockBehind(ClockBehind),
}

/// What came of one round.
#[derive(Debug, Clone)]
pub struct Round {
    /// Whether it signed.
    pub signing: Signing,
    /// The newest snapshot.
    pub snapshot: u64,
    /// The newest timestamp.
    pub timestamp: u64,
    /// Until when readers call it fresh; `None` if nothing was seen.
    pub fresh_until: Option<Timestamp>,
    /// Mirrors that could not be read or verified, and why.
    pub unseen: Vec<(String, String)>,
    /// What came of writing, for each mirror where it writes.
    pub written: Vec<MirrorOutcome>,
}

impl Round {
    /// Whether readers of every mirror where it writes find a fresh word.
    #[must_use]
    pub fn is_well(&self, now: Timestamp) -> bool {
        self.fresh_until.is_some_and(|until| until > now)
            && self.written.iter().all(|outcome| outcome.result.is_ok())
    }
}

/// Mirrors that show the newest snapshot, by name.
type Holders = BTreeSet<String>;

/// The beacon.
pub struct Beacon {
    root: Vec<u8>,
    root_version: u64,
    key: SecretKey,
    places: Vec<Place>,
    timeout: Duration,
    state: Option<PathBuf>,
    always: bool,
    memory: Memory,
    /// By mirror where it writes: what is there.
    known: BTreeMap<String, Known>,
    #[cfg(test)]
    pub(crate) breaks: Option<broken::Rule>,
}

impl Beacon {
    /// Reads key and memory. Asks no mirror.
    ///
    /// # Errors
    /// [`BeaconError`] if the key, the root or the memory cannot be used.
    pub fn open(settings: BeaconSettings<'_>) -> Result<Self, BeaconError> {
        let key = SecretKey::load(settings.key)?;
        let root: Value =
            serde_json::from_slice(&settings.root).map_err(|e| BeaconError::Root(e.to_string()))?;
        if root["signed"]["_type"] != "root" {
            return Err(BeaconError::Root("it is not a root.json".to_owned()));
        }
        let root_version = root["signed"]["version"].as_u64().unwrap_or(0);
        let memory = match &settings.state {
            Some(dir) => Memory::load(dir)?,
            None => Memory::default(),
        };
        Ok(Self {
            root: settings.root,
            root_version,
            key,
            places: settings.places,
            timeout: settings.timeout,
            state: settings.state,
            always: settings.always,
            memory,
            known: BTreeMap::new(),
            #[cfg(test)]
            breaks: None,
        })
    }

    /// Looks at every mirror, signs if it is due, and brings the newest to the mirrors where it writes.
    ///
    /// # Errors
    /// [`BeaconError::State`] if what was seen cannot be remembered; then nothing was signed or written.
    pub async fn round(&mut self, now: Timestamp) -> Result<Round, BeaconError> {
        let mut round = Round {
            signing: Signing::NothingSeen,
            snapshot: 0,
            timestamp: 0,
            fresh_until: None,
            unseen: Vec::new(),
            written: Vec::new(),
        };
        for time in 0..AGAIN {
            let (seen, unseen) = self.look(now).await;
            round.unseen = unseen;
            let Some((mut best, holders)) = seen else {
                return Ok(round);
            };
            if best.timestamp == round.timestamp {
                break;
            }
            // What appeared while we wrote is only put where it is missing.
            if time == 0 {
                round.signing = self.sign(&mut best, now);
            }
            self.remember(&best)?;
            (round.snapshot, round.timestamp) = (best.snapshot, best.timestamp);
            round.fresh_until = Some(best.expires);
            round.written = self.write(&best, &holders, now).await;
            #[cfg(test)]
            if self.breaks == Some(broken::Rule::PutsTheHigherBack) {
                break;
            }
        }
        Ok(round)
    }

    /// The newest that is validly signed, on any mirror or in memory, with the mirrors that show its snapshot; and
    /// those that could not be read.
    async fn look(&mut self, now: Timestamp) -> (Option<(Sight, Holders)>, Vec<(String, String)>) {
        loop {
            let roots = self.memory.roots.len();
            let seen = join_all(self.places.iter().map(|place| self.look_at(place, now))).await;
            let memory = &self.memory;
            let kept = sight::look(memory, &self.root, memory, now).await;
            let kept = kept.ok().map(|sight| (None, sight));
            let (mut sights, mut unseen) = (Vec::from_iter(kept), Vec::new());
            #[cfg(test)]
            if self.breaks == Some(broken::Rule::ReadsFirst)
                && let [(_, kept)] = &sights[..]
            {
                let all = seen.into_iter().map(|(name, _)| name);
                return (Some((kept.clone(), all.collect())), unseen);
            }
            for (name, sight) in seen {
                match sight {
                    Ok(sight) => sights.push((Some(name), sight)),
                    Err(why) => unseen.push((name, why)),
                }
            }
            for (_, sight) in &sights {
                self.memory.learn(&sight.roots);
            }
            // A newer root may name other keys: everything is judged by it.
            if self.memory.roots.len() == roots {
                let best = sights.iter().max_by_key(|(_, sight)| sight.timestamp);
                let Some((_, best)) = best.cloned() else {
                    return (None, unseen);
                };
                let same = |sight: &Sight| sight.snapshot_json == best.snapshot_json;
                let holders = sights.into_iter().filter(|(_, sight)| same(sight));
                let holders = holders.filter_map(|(name, _)| name).collect();
                return (Some((best, holders)), unseen);
            }
        }
    }

    async fn look_at(&self, place: &Place, now: Timestamp) -> (String, Result<Sight, String>) {
        let mirror = place.mirror.as_ref();
        let looking = async {
            mirror.refresh().await.map_err(|why| why.to_string())?;
            let newest = self.memory.roots.keys().next_back().copied();
            let next = newest.unwrap_or(0).max(self.root_version) + 1;
            // In one go, where each visit is dear.
            let wanted = [
                (TIMESTAMP.to_owned(), limits::TIMESTAMP_BYTES),
                (role_path("root", next), limits::ROOT_BYTES),
            ];
            let reader = Reader::with(mirror, &wanted).await;
            #[cfg(test)]
            if self.breaks == Some(broken::Rule::Verifies) {
                let memory = &self.memory;
                let verified = sight::look(memory, &self.root, memory, now).await.ok();
                if let Some(believed) = broken::believe(&reader, verified.as_ref()).await {
                    return Ok(believed);
                }
            }
            sight::look(&reader, &self.root, &self.memory, now).await
        };
        let seen = tokio::time::timeout(self.timeout, looking).await;
        let slow = |_| Err(format!("no answer within {} s", self.timeout.as_secs()));
        (mirror.name().to_owned(), seen.unwrap_or_else(slow))
    }

    /// Signs the timestamp again, if that is due and ours to do.
    fn sign(&self, best: &mut Sight, now: Timestamp) -> Signing {
        if !self.always && later(now, lives::HALF_TIMESTAMP) < best.expires {
            return Signing::NotDue;
        }
        if !best.signers.contains(&self.key.id().to_string()) {
            return Signing::NotNamed;
        }
        if best.snapshot_expires <= now {
            return Signing::SnapshotExpired;
        }
        let next = lives::next_version(best.snapshot, best.timestamp, now);
        #[cfg(test)]
        let next = match self.breaks {
            Some(broken::Rule::KeepsToItsDay) => {
                Ok(broken::next_version(best.snapshot, best.timestamp, now))
            }
            _ => next,
        };
        match next {
            Err(behind) => Signing::ClockBehind(behind),
            Ok(version) => {
                best.timestamp = version;
                best.expires = later(now, lives::TIMESTAMP);
                let pin = metadata::pin(best.snapshot, &best.snapshot_json);
                best.timestamp_json = metadata::timestamp(version, best.expires, pin, &self.key);
                Signing::Signed
            }
        }
    }

    /// Before anything is written: after a crash it must not be less than what somebody may have seen.
    fn remember(&mut self, best: &Sight) -> Result<(), BeaconError> {
        self.memory.keep(best);
        self.save()
    }

    fn save(&self) -> Result<(), BeaconError> {
        match &self.state {
            Some(dir) => self.memory.save(dir),
            None => Ok(()),
        }
    }

    /// Brings the newest word to every mirror at once: one that hangs or fails holds up no other.
    async fn write(
        &mut self,
        best: &Sight,
        holders: &Holders,
        now: Timestamp,
    ) -> Vec<MirrorOutcome> {
        let job = word::Job {
            root: &self.root,
            best,
            holders,
            places: &self.places,
            timeout: self.timeout,
            now,
        };
        let mut bringing = Vec::new();
        for place in self.places.iter().filter(|place| place.writes) {
            let mirror = place.mirror.as_ref();
            let known = self.known.remove(mirror.name());
            let known = known.filter(|known| known.is_believed_copy(now));
            let old = self.memory.superseded.remove(mirror.name());
            let brought = job.bring(mirror, known, old.unwrap_or_default());
            bringing.push(async { (mirror.name().to_owned(), brought.await) });
        }
        let mut outcomes = Vec::new();
        for (mirror, result) in join_all(bringing).await {
            let (result, superseded) = match result {
                Ok(done) => {
                    let superseded = done.known.head.superseded.clone();
                    self.known.insert(mirror.clone(), done.known);
                    (Ok(done.report), superseded)
                }
                Err((failure, old)) => (Err(failure), old),
            };
            self.memory.superseded.insert(mirror.clone(), superseded);
            let version = |report: &Report| report.version("timestamp").unwrap_or(0);
            outcomes.push(MirrorOutcome {
                word_at: lives::signed_at(result.as_ref().map_or(0, version)),
                mirror,
                result,
            });
        }
        // What may be deleted later is worth remembering, but not worth failing for.
        let _ = self.save();
        outcomes
    }
}
