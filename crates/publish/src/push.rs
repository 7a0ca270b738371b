//! Bringing one mirror to what it should be: in the safe order, only what is missing, read back as a visitor reads.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use stentor_verify::{Fetch, FetchError, Report, Scope, Verdict, Verification, limits};

use crate::lives;
use crate::mirror::{Mirror, MirrorError, Reader, Step, Undone};
use crate::plan::{File, Plan, TIMESTAMP};
use crate::survey::{Seen, survey};
use crate::there::There;

/// What every mirror of ours holds from the first day.
const FIRST_ROOT: &str = "metadata/1.root.json";

/// What stands for the content of a file whose name changes with it.
const BY_NAME: &str = "-";

/// So many files are compared at once, where a place brings several in one go.
const AT_ONCE: usize = 200;

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
    /// Our own copy cannot be read.
    #[error("our own copy: {why}")]
    Own {
        /// What is wrong with it.
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
    /// It holds another snapshot of the same number that was validly signed: two publishers are active.
    #[error(
        "it holds another snapshot {snapshot} than ours, validly signed: two publishers are active; nothing was written"
    )]
    Raced {
        /// The number of both.
        snapshot: u64,
    },
    /// No mirror that can be read holds all of the newest word, so there is nothing to copy.
    #[error("no other mirror holds all of snapshot {snapshot}: {why}")]
    NoSource {
        /// The newest snapshot.
        snapshot: u64,
        /// What the last one lacked.
        why: String,
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

/// One push to one mirror, and on whose authority.
pub(crate) struct Push<'a> {
    pub(crate) mirror: &'a dyn Mirror,
    /// What readers pin.
    pub(crate) trusted_root: &'a [u8],
    /// The root in force: what was signed with keys that it does not name is damage.
    pub(crate) current_root: &'a [u8],
    pub(crate) now: Timestamp,
    /// Up to this snapshot it was decided which word counts; another one that was signed too is replaced.
    pub(crate) settled: u64,
    pub(crate) there: &'a There,
    /// Is told what was found on the mirror before writing, and the version that readers get at last.
    pub(crate) saw: &'a (dyn Fn(Saw<'_>) + Send + Sync),
}

/// What a push came to see.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Saw<'a> {
    /// What is validly signed on the mirror.
    Before(&'a Seen),
    /// Readers get the timestamp of this version.
    Readers(u64),
}

/// What one round did.
struct Round<'a> {
    sent: Vec<&'a File>,
    /// Something was left out because of what is remembered.
    relied: bool,
}

impl Push<'_> {
    /// Brings the mirror to what the plan says and reads it back.
    pub(crate) async fn run(&self, plan: &Plan) -> Result<Report, MirrorFailure> {
        let round = self.round(plan).await?;
        let found = self.read_back(plan, &round).await;
        match found {
            // What was remembered does not hold: somebody else changed the mirror. Everything is compared.
            Err(MirrorFailure::ReadBack(_)) if round.relied && plan.whole => {
                self.there.forget();
                let round = self.round(plan).await?;
                self.read_back(plan, &round).await
            }
            other => other,
        }
    }

    /// Looks, and writes what is missing. When somebody else wrote at the same moment, looks and writes once more.
    async fn round<'p>(&self, plan: &'p Plan) -> Result<Round<'p>, MirrorFailure> {
        match self.look_and_write(plan).await {
            Err(Stopped::Changed) => self.look_and_write(plan).await,
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

    async fn look_and_write<'p>(&self, plan: &'p Plan) -> Result<Round<'p>, Stopped> {
        self.refresh().await?;
        let reader = Reader::with(self.mirror, &metadata(plan)).await;
        let founded = self.refuse_foreign(&reader).await?;
        let before = self.may_write(&reader, plan).await?;
        if before.timestamp == 0 && self.there.was_complete() {
            // It was wiped, or it is another place under an old name.
            self.there.forget();
        }
        if plan.whole && self.there.is_empty() && founded {
            self.compare(plan).await;
        }
        let relied = !self.there.is_empty();
        let [targets, roles, snapshot, timestamp, pages] = &plan.steps;
        let mut sent = self
            .write(targets.iter().chain(roles).chain(snapshot), &[])
            .await?;
        // Another signer may have confirmed the same snapshot since: the higher timestamp stays. Or another publisher
        // has said something while we wrote: what nothing names yet is then all that we wrote.
        self.refresh().await?;
        let reader = Reader::with(self.mirror, &metadata(plan)).await;
        let higher = self.may_write(&reader, plan).await?.timestamp > plan.timestamp;
        let timestamp = timestamp.iter().filter(|_| !higher);
        sent.extend(self.write(timestamp.chain(pages), &plan.delete).await?);
        if plan.whole {
            self.tidy(plan);
        }
        Ok(Round { sent, relied })
    }

    /// Writes the files that are not known to be there, then deletes.
    async fn write<'p>(
        &self,
        files: impl Iterator<Item = &'p File>,
        delete: &[String],
    ) -> Result<Vec<&'p File>, Stopped> {
        let contents = files.map(|file| (file, content(file)));
        let missing = contents.filter(|(file, content)| !self.there.has(&file.path, content));
        let (files, contents): (Vec<&File>, Vec<String>) = missing.unzip();
        let gone = |path: &&String| !self.there.lacks(path);
        let puts = files.iter().map(|file| Step::Put {
            path: &file.path,
            bytes: &file.bytes,
        });
        let deletes = delete.iter().filter(gone).map(|path| Step::Delete { path });
        let steps: Vec<Step<'_>> = puts.chain(deletes).collect();
        if !steps.is_empty() {
            let done = |index: usize| match contents.get(index) {
                Some(content) => self.there.note(&files[index].path, content),
                None => self.there.gone(steps[index].path()),
            };
            self.mirror.apply(&steps, &done).await?;
        }
        Ok(files)
    }

    async fn refresh(&self) -> Result<(), MirrorFailure> {
        let looked = self.mirror.refresh().await;
        looked.map_err(|why| MirrorFailure::Look {
            why: why.to_string(),
        })
    }

    /// Looks whether what is there may be replaced.
    async fn may_write(&self, reader: &dyn Fetch, plan: &Plan) -> Result<Seen, MirrorFailure> {
        let seen = survey(reader, self.current_root, self.now).await;
        (self.saw)(Saw::Before(&seen));
        let (theirs, ours) = (seen.timestamp, plan.timestamp);
        let snapshot = lives::snapshot_of(theirs);
        if snapshot > lives::snapshot_of(ours) {
            return Err(MirrorFailure::Ahead { theirs, ours });
        }
        let same = seen.snapshot.as_ref() == Some(&plan.snapshot);
        if snapshot == lives::snapshot_of(ours) && !same && snapshot > self.settled {
            return Err(MirrorFailure::Raced { snapshot });
        }
        Ok(seen)
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
        let theirs = survey(reader, &root, self.now).await;
        if theirs.report.roles.is_empty() {
            return Ok(true);
        }
        Err(MirrorFailure::Foreign {
            fingerprint: stentor_verify::fingerprint(&root),
        })
    }

    /// Reads what is there, for a mirror of which nothing is remembered.
    async fn compare(&self, plan: &Plan) {
        let files: Vec<&File> = plan.steps.iter().flatten().collect();
        for some in files.chunks(AT_ONCE) {
            let wanted: Vec<_> = some
                .iter()
                .map(|file| (file.path.clone(), file.bytes.len() as u64))
                .collect();
            let reader = Reader::with(self.mirror, &wanted).await;
            for file in some {
                let there = reader.fetch(&file.path, file.bytes.len() as u64).await;
                if there.is_ok_and(|there| *there == *file.bytes) {
                    self.there.note(&file.path, &content(file));
                }
            }
        }
    }

    fn tidy(&self, plan: &Plan) {
        let files = plan.steps.iter().flatten().map(|file| file.path.as_str());
        let wanted: HashSet<&str> = files
            .chain(plan.delete.iter().map(String::as_str))
            .collect();
        self.there.retain(|path| wanted.contains(path));
    }

    /// Reads back as the public does; when that is not good, by our own way too, to tell whose fault it is.
    async fn read_back(&self, plan: &Plan, round: &Round<'_>) -> Result<Report, MirrorFailure> {
        let public = match self.mirror.public() {
            None => None,
            Some(public) => {
                let report = self.read(public, plan, round).await;
                if good(&report, plan) {
                    return Ok(report);
                }
                Some(report)
            }
        };
        self.refresh().await?;
        let mut wanted = metadata(plan);
        wanted.extend(compared(plan, round));
        let reader = Reader::with(self.mirror, &wanted).await;
        let report = self.read(&reader, plan, round).await;
        match public {
            _ if !good(&report, plan) => {
                // Somebody else may have written at the same time.
                self.may_write(&Reader::of(self.mirror), plan).await?;
                Err(MirrorFailure::ReadBack(Box::new(report)))
            }
            Some(public) => Err(MirrorFailure::Served(Box::new(public))),
            None => Ok(report),
        }
    }

    async fn read(&self, mirror: &dyn Fetch, plan: &Plan, round: &Round<'_>) -> Report {
        let scope = if plan.whole {
            Scope::Everything
        } else {
            Scope::Metadata
        };
        let spared = Spared { mirror, plan };
        let check = Verification {
            scope,
            ..Verification::new(&spared, self.trusted_root, self.now)
        };
        let mut report = check.run().await.report;
        if let Some(version) = report.version("timestamp") {
            (self.saw)(Saw::Readers(version));
        }
        if plan.whole || !report.verdict.is_authentic() {
            return report;
        }
        // What was written; the rest was read back when it was.
        for file in round.sent.iter().filter(|file| file.path != TIMESTAMP) {
            let there = mirror.fetch(&file.path, file.bytes.len() as u64).await;
            let verdict = match there {
                Ok(bytes) if *bytes == *file.bytes => {
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

fn content(file: &File) -> String {
    let named = file.path.starts_with("targets/")
        || file.path.starts_with("metadata/") && file.path != TIMESTAMP;
    if named {
        BY_NAME.to_owned()
    } else {
        hex::encode(Sha256::digest(&file.bytes))
    }
}

/// The metadata that a look at the mirror needs.
fn metadata(plan: &Plan) -> Vec<(String, u64)> {
    let [_, roles, snapshot, ..] = &plan.steps;
    let files = roles.iter().chain(snapshot).chain(&plan.known);
    let all = files.map(|file| &file.path).chain(&plan.asked);
    let roots = all.clone().filter(|path| path.ends_with(".root.json"));
    let roots = roots.count();
    let named = all.map(|path| (path.clone(), limits::METADATA_BYTES));
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

/// The files that reading back compares.
fn compared(plan: &Plan, round: &Round<'_>) -> Vec<(String, u64)> {
    let [targets, .., pages] = &plan.steps;
    let all: Vec<&File> = if plan.whole {
        targets.iter().chain(pages).collect()
    } else {
        round.sent.clone()
    };
    let wanted = all
        .iter()
        .map(|file| (file.path.clone(), file.bytes.len() as u64));
    wanted.collect()
}

fn good(report: &Report, plan: &Plan) -> bool {
    report.verdict.is_authentic() && report.version("timestamp") >= Some(plan.timestamp)
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

/// A mirror as its visitors find it, but for large metadata that was read back when it was written.
struct Spared<'a> {
    mirror: &'a dyn Fetch,
    plan: &'a Plan,
}

#[async_trait]
impl Fetch for Spared<'_> {
    fn name(&self) -> String {
        self.mirror.name()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        match self.plan.known.iter().find(|file| file.path == path) {
            Some(file) if file.bytes.len() as u64 <= limit => Ok(file.bytes.to_vec()),
            _ => self.mirror.fetch(path, limit).await,
        }
    }
}
