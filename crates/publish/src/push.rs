//! Bringing one mirror to what it should be: in the safe order, only what is missing, read back as a visitor reads.

use std::collections::HashSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use stentor_verify::{Fetch, FetchError, Report, Scope, Verdict, Verification, limits};

use crate::lives::{self, later};
use crate::mirror::{Mirror, MirrorError, Reader, Step, Undone};
use crate::plan::{File, Plan, TIMESTAMP};
use crate::there::There;

/// Everything is read back at least this often; in between only what is new.
const LOOK: SignedDuration = SignedDuration::from_mins(59);

/// What every mirror of ours holds from the first day.
const FIRST_ROOT: &str = "metadata/1.root.json";

/// What stands for the content of a file whose name changes with it.
const BY_NAME: &str = "-";

/// Why a mirror does not show the current word.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MirrorFailure {
    /// It took too long.
    #[error("no answer within {} s", .after.as_secs())]
    TimedOut {
        /// The time it had.
        after: Duration,
    },
    /// It is being brought up to date at this moment. No failure yet.
    #[error("it is being written")]
    Underway,
    /// It could not be looked at.
    #[error("cannot look at it: {why}")]
    Look {
        /// The mirror's reason.
        why: String,
    },
    /// It holds another publisher's repository, which we do not overwrite.
    #[error(
        "it holds the repository of another publisher (root {fingerprint}); nothing was written"
    )]
    Foreign {
        /// SHA-256 of that publisher's first root.
        fingerprint: String,
    },
    /// It holds a newer snapshot that was validly signed.
    #[error(
        "it holds a newer snapshot, validly signed (timestamp {theirs}, ours is {ours}); nothing was written"
    )]
    Ahead {
        /// The timestamp version on the mirror.
        theirs: u64,
        /// The timestamp version to be pushed.
        ours: u64,
    },
    /// A file could not be written or deleted.
    #[error("cannot {what} {path}: {why}")]
    Write {
        /// "write" or "delete".
        what: &'static str,
        /// The file.
        path: String,
        /// The mirror's reason.
        why: String,
    },
    /// What a reader finds afterwards is not what was pushed.
    #[error("read back after writing: {0}")]
    ReadBack(Box<Report>),
    /// The word was written, but the public does not get it.
    #[error(
        "it was written, but the public does not get it; look at the web server and at caches before it: {0}"
    )]
    Served(Box<Report>),
}

impl MirrorFailure {
    fn undone(undone: Undone) -> Self {
        Self::Write {
            what: undone.what,
            path: undone.path,
            why: undone.why.to_string(),
        }
    }
}

/// What became of one mirror.
#[derive(Debug, Clone)]
pub struct MirrorOutcome {
    /// The mirror.
    pub mirror: String,
    /// When the time was signed that readers were last seen to get there.
    pub word_at: Option<Timestamp>,
    /// What a reader finds there now, or why not.
    pub result: Result<Report, MirrorFailure>,
}

/// What is to be shown, with what tells each file's content from another.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) number: u64,
    pub(crate) plan: Plan,
    pub(crate) now: Timestamp,
    /// As `plan.steps`.
    contents: [Vec<String>; 5],
}

impl Order {
    pub(crate) fn new(number: u64, plan: Plan, now: Timestamp) -> Self {
        let contents = plan
            .steps
            .each_ref()
            .map(|files| files.iter().map(content).collect());
        Self {
            number,
            plan,
            now,
            contents,
        }
    }

    /// Each file with what stands for its content, in the safe order.
    fn files(&self) -> impl Iterator<Item = (&File, &str)> {
        let contents = self.contents.iter().flatten().map(String::as_str);
        self.plan.steps.iter().flatten().zip(contents)
    }
}

fn content(file: &File) -> String {
    let named = file.path.starts_with("targets/")
        || file.path.starts_with("metadata/") && file.path != TIMESTAMP;
    if named {
        BY_NAME.to_owned()
    } else {
        hex::encode(Sha256::digest(&file.bytes))
    }
}

/// One push to one mirror.
pub(crate) struct Push<'a> {
    pub(crate) mirror: &'a dyn Mirror,
    pub(crate) trusted_root: &'a [u8],
    pub(crate) order: &'a Order,
    pub(crate) there: &'a There,
    /// The highest timestamp found on the mirror before writing, and the version that readers got at last.
    pub(crate) saw: &'a (dyn Fn(Saw) + Send + Sync),
}

/// What a push came to see.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Saw {
    /// A validly signed timestamp of this version lies on the mirror; 0 for none.
    Before(u64),
    /// Readers get the timestamp of this version.
    Readers(u64),
}

/// What one round did.
struct Round<'a> {
    sent: Vec<&'a File>,
    /// Something was left out because of what is remembered.
    relied: bool,
    /// The timestamp that must be found there now.
    timestamp: u64,
}

impl<'a> Push<'a> {
    /// Brings the mirror up to date and reads it back.
    pub(crate) async fn run(&self) -> Result<Report, MirrorFailure> {
        let round = self.round().await?;
        let everything = round.sent.is_empty() || self.is_due();
        let found = self.read_back(&round, everything).await;
        match found {
            // What was remembered does not hold: somebody else changed the mirror. Everything is compared.
            Err(MirrorFailure::ReadBack(_)) if round.relied => {
                self.there.forget();
                let round = self.round().await?;
                self.read_back(&round, true).await
            }
            other => other,
        }
    }

    fn is_due(&self) -> bool {
        let looked = self.there.looked();
        looked.is_none_or(|at| later(at, LOOK) <= self.order.now)
    }

    /// Looks, and writes what is missing. When somebody else wrote at the same moment, looks and writes once more.
    async fn round(&self) -> Result<Round<'a>, MirrorFailure> {
        match self.look_and_write().await {
            Err(Stopped::Changed) => self.look_and_write().await,
            other => other,
        }
        .map_err(|stopped| match stopped {
            Stopped::Changed => MirrorFailure::Write {
                what: "write",
                path: "to it".to_owned(),
                why: MirrorError::Changed.to_string(),
            },
            Stopped::For(failure) => failure,
        })
    }

    async fn look_and_write(&self) -> Result<Round<'a>, Stopped> {
        self.refresh().await?;
        let reader = Reader::with(self.mirror, &self.metadata()).await;
        let founded = self.refuse_foreign(&reader).await?;
        let before = survey(&reader, self.trusted_root, self.order.now).await;
        let ours = self.order.plan.timestamp;
        let theirs = before.version("timestamp").unwrap_or(0);
        (self.saw)(Saw::Before(theirs));
        if lives::snapshot_of(theirs) > lives::snapshot_of(ours) {
            return Err(MirrorFailure::Ahead { theirs, ours }.into());
        }
        if theirs == 0 && self.there.was_complete() {
            // It was wiped, or it is another place under an old name.
            self.there.forget();
        }
        if self.there.is_empty() && founded {
            self.compare().await;
        }
        let relied = !self.there.is_empty();
        let wanted = self.order.files().filter(|(file, content)| {
            // Another signer has confirmed the same snapshot since: the higher timestamp stays.
            let higher = theirs > ours && file.path == TIMESTAMP;
            !higher && !self.there.has(&file.path, content)
        });
        let (files, contents): (Vec<&File>, Vec<&str>) = wanted.unzip();
        let deleted = self.order.plan.delete.iter().map(String::as_str);
        let deleted: Vec<&str> = deleted.filter(|path| !self.there.lacks(path)).collect();
        let puts = files.iter().map(|file| Step::Put {
            path: &file.path,
            bytes: &file.bytes,
        });
        let deletes = deleted.iter().map(|path| Step::Delete { path });
        let steps: Vec<Step<'_>> = puts.chain(deletes).collect();
        if !steps.is_empty() {
            let done = |index: usize| match contents.get(index) {
                Some(content) => self.there.note(&files[index].path, content),
                None => self.there.gone(steps[index].path()),
            };
            self.mirror.apply(&steps, &done).await?;
            self.tidy();
        }
        Ok(Round {
            sent: files,
            relied,
            timestamp: ours,
        })
    }

    async fn refresh(&self) -> Result<(), MirrorFailure> {
        let looked = self.mirror.refresh().await;
        looked.map_err(|why| MirrorFailure::Look {
            why: why.to_string(),
        })
    }

    /// The metadata that a look at the mirror needs.
    fn metadata(&self) -> Vec<(String, u64)> {
        let [_, roles, snapshot, ..] = &self.order.plan.steps;
        let named = roles
            .iter()
            .chain(snapshot)
            .map(|file| (file.path.clone(), limits::METADATA_BYTES));
        let roots = roles
            .iter()
            .filter(|file| file.path.ends_with(".root.json"))
            .count();
        let first = [
            (TIMESTAMP.to_owned(), limits::TIMESTAMP_BYTES),
            // The root after the last one, which must not be there.
            (
                format!("metadata/{}.root.json", roots + 1),
                limits::ROOT_BYTES,
            ),
        ];
        first.into_iter().chain(named).collect()
    }

    /// A mirror set up for somebody else, or for another world, is not ours to write to. A first root that nobody
    /// signed is only damage, and is repaired. Says whether there is a first root.
    async fn refuse_foreign(&self, reader: &Reader<'_>) -> Result<bool, MirrorFailure> {
        let found = reader.fetch(FIRST_ROOT, limits::ROOT_BYTES).await;
        if found.as_ref().is_ok_and(|root| root == self.trusted_root) {
            return Ok(true);
        }
        // Readers have it already and never ask for it, so reading back would not miss it.
        self.there.doubt(FIRST_ROOT);
        let root = match found {
            Ok(root) => root,
            Err(FetchError::NotFound) => return Ok(false),
            Err(_) => return Ok(true),
        };
        let theirs = survey(reader, &root, self.order.now).await;
        if theirs.roles.is_empty() {
            return Ok(true);
        }
        Err(MirrorFailure::Foreign {
            fingerprint: stentor_verify::fingerprint(&root),
        })
    }

    /// Reads what is there, for a mirror of which nothing is remembered.
    async fn compare(&self) {
        let files: Vec<(&File, &str)> = self.order.files().collect();
        for some in files.chunks(AT_ONCE) {
            let wanted: Vec<_> = some
                .iter()
                .map(|(file, _)| (file.path.clone(), file.bytes.len() as u64))
                .collect();
            let reader = Reader::with(self.mirror, &wanted).await;
            for (file, content) in some {
                let there = reader.fetch(&file.path, file.bytes.len() as u64).await;
                if there.is_ok_and(|there| there == file.bytes) {
                    self.there.note(&file.path, content);
                }
            }
        }
    }

    fn tidy(&self) {
        let plan = &self.order.plan;
        let files = self.order.files().map(|(file, _)| file.path.as_str());
        let wanted: HashSet<&str> = files
            .chain(plan.delete.iter().map(String::as_str))
            .collect();
        self.there.retain(|path| wanted.contains(path));
    }

    /// Reads back as the public does; when that is not good, by our own way too, to tell whose fault it is.
    async fn read_back(
        &self,
        round: &Round<'_>,
        everything: bool,
    ) -> Result<Report, MirrorFailure> {
        let public = match self.mirror.public() {
            None => None,
            Some(public) => {
                let report = self.read(public, round, everything).await;
                if good(&report, round.timestamp) {
                    return Ok(self.found(report, everything));
                }
                Some(report)
            }
        };
        self.refresh().await?;
        let wanted: Vec<_> = self
            .metadata()
            .into_iter()
            .chain(self.compared(round, everything))
            .collect();
        let reader = Reader::with(self.mirror, &wanted).await;
        let report = self.read(&reader, round, everything).await;
        match public {
            _ if !good(&report, round.timestamp) => Err(MirrorFailure::ReadBack(Box::new(report))),
            Some(public) => Err(MirrorFailure::Served(Box::new(public))),
            None => Ok(self.found(report, everything)),
        }
    }

    fn found(&self, report: Report, everything: bool) -> Report {
        if everything {
            self.there.look(self.order.now);
        }
        report
    }

    /// The files that reading back compares.
    fn compared(&self, round: &Round<'_>, everything: bool) -> Vec<(String, u64)> {
        let [targets, .., pages] = &self.order.plan.steps;
        let all: Vec<&File> = if everything {
            targets.iter().chain(pages).collect()
        } else {
            round.sent.clone()
        };
        let wanted = all
            .iter()
            .map(|file| (file.path.clone(), file.bytes.len() as u64));
        wanted.collect()
    }

    async fn read(&self, mirror: &dyn Fetch, round: &Round<'_>, everything: bool) -> Report {
        let scope = if everything {
            Scope::Everything
        } else {
            Scope::Metadata
        };
        let check = Verification {
            scope,
            ..Verification::new(mirror, self.trusted_root, self.order.now)
        };
        let mut report = check.run().await.report;
        if let Some(version) = report.version("timestamp") {
            (self.saw)(Saw::Readers(version));
        }
        if everything || !report.verdict.is_authentic() {
            return report;
        }
        for file in round.sent.iter().filter(|file| file.path != TIMESTAMP) {
            let there = mirror.fetch(&file.path, file.bytes.len() as u64).await;
            let verdict = match there {
                Ok(bytes) if bytes == file.bytes => {
                    report.files += 1;
                    continue;
                }
                Err(FetchError::NotFound | FetchError::Unreachable(_)) => Verdict::Unreachable {
                    reason: format!("{} is missing", file.path),
                },
                Ok(_) | Err(FetchError::TooLarge { .. }) => Verdict::NotAuthentic {
                    what: vec![format!("{} is not what was written", file.path)],
                },
            };
            report.exit_code = verdict.exit_code();
            report.verdict = verdict;
            break;
        }
        report
    }
}

/// So many files are compared at once, where a place brings several in one go.
const AT_ONCE: usize = 200;

fn good(report: &Report, timestamp: u64) -> bool {
    report.verdict.is_authentic() && report.version("timestamp") >= Some(timestamp)
}

/// Why a round ended.
enum Stopped {
    /// Somebody else wrote at the same moment.
    Changed,
    For(MirrorFailure),
}

impl From<MirrorFailure> for Stopped {
    fn from(failure: MirrorFailure) -> Self {
        Self::For(failure)
    }
}

impl From<Undone> for Stopped {
    fn from(undone: Undone) -> Self {
        match undone.why {
            MirrorError::Changed => Self::Changed,
            _ => Self::For(MirrorFailure::undone(undone)),
        }
    }
}

/// What is validly signed on a mirror, as far as it goes; whether it is fresh does not matter here.
pub(crate) async fn survey(mirror: &dyn Fetch, trusted_root: &[u8], now: Timestamp) -> Report {
    let check = Verification {
        scope: Scope::Metadata,
        ..Verification::new(mirror, trusted_root, now)
    };
    check.run().await.report
}
