//! Bringing mirrors to what they should be: each on its own, in the safe order, read back as a visitor reads.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use jiff::Timestamp;
use stentor_verify::{Fetch, FetchError, Report, Scope, Verification, limits};

use crate::lives;
use crate::mirror::Mirror;
use crate::plan::{File, Plan, TIMESTAMP};
use crate::survey::{Seen, survey};

/// Why a mirror does not show the current word.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MirrorFailure {
    /// It took too long.
    #[error("no answer within {} s", .after.as_secs())]
    TimedOut {
        /// The time it had.
        after: Duration,
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
    /// A file that was written is another one when it is read back.
    #[error("read back after writing: {path} is not what was written")]
    Changed {
        /// The file.
        path: String,
    },
}

/// What became of one mirror.
#[derive(Debug, Clone)]
pub struct MirrorOutcome {
    /// The mirror.
    pub mirror: String,
    /// What a reader finds there now, or why not.
    pub result: Result<Report, MirrorFailure>,
}

/// On whose authority is pushed, and how long a mirror has.
#[derive(Clone, Copy)]
pub(crate) struct Push<'a> {
    /// What readers pin.
    pub(crate) trusted_root: &'a [u8],
    /// The root in force: what was signed with keys that it does not name is damage.
    pub(crate) current_root: &'a [u8],
    pub(crate) now: Timestamp,
    pub(crate) timeout: Duration,
    /// Up to this snapshot it was decided which word counts; another one that was signed too is replaced.
    pub(crate) settled: u64,
}

impl Push<'_> {
    /// Pushes to all mirrors at once, each its own plan. None waits for, or fails with, another.
    pub(crate) async fn all(
        self,
        mirrors: &[Box<dyn Mirror>],
        plans: &[Arc<Plan>],
    ) -> Vec<MirrorOutcome> {
        let each = mirrors.iter().zip(plans);
        join_all(each.map(|(mirror, plan)| self.one(mirror.as_ref(), plan))).await
    }

    pub(crate) async fn one(self, mirror: &dyn Mirror, plan: &Plan) -> MirrorOutcome {
        let result = tokio::time::timeout(self.timeout, self.bring_up_to_date(mirror, plan))
            .await
            .unwrap_or(Err(MirrorFailure::TimedOut {
                after: self.timeout,
            }));
        MirrorOutcome {
            mirror: mirror.name().to_owned(),
            result,
        }
    }

    async fn bring_up_to_date(
        self,
        mirror: &dyn Mirror,
        plan: &Plan,
    ) -> Result<Report, MirrorFailure> {
        self.refuse_foreign(mirror).await?;
        self.may_write(mirror, plan).await?;
        for file in plan.steps.iter().flatten() {
            // Another signer may have confirmed the same snapshot since: the higher timestamp stays. Or another
            // publisher has said something while we wrote: what nothing names yet is then all that we wrote.
            if file.path == TIMESTAMP
                && self.may_write(mirror, plan).await?.timestamp > plan.timestamp
            {
                continue;
            }
            put(mirror, file).await?;
        }
        for path in &plan.delete {
            let why = |why: crate::MirrorError| MirrorFailure::Write {
                what: "delete",
                path: path.clone(),
                why: why.to_string(),
            };
            mirror.delete(path).await.map_err(why)?;
        }
        self.read_back(mirror, plan).await
    }

    /// Looks whether what is there may be replaced.
    async fn may_write(self, mirror: &dyn Mirror, plan: &Plan) -> Result<Seen, MirrorFailure> {
        let seen = survey(mirror, self.current_root, self.now).await;
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

    async fn read_back(self, mirror: &dyn Mirror, plan: &Plan) -> Result<Report, MirrorFailure> {
        let reader = ReadBack { mirror, plan };
        let everything = Verification::new(&reader, self.trusted_root, self.now);
        let check = if plan.whole {
            everything
        } else {
            self.compare(mirror, plan).await?;
            Verification {
                scope: Scope::Metadata,
                ..everything
            }
        };
        let after = check.run().await.report;
        if after.verdict.is_authentic() && after.version("timestamp") >= Some(plan.timestamp) {
            return Ok(after);
        }
        // Somebody else may have written at the same time.
        self.may_write(mirror, plan).await?;
        Err(MirrorFailure::ReadBack(Box::new(after)))
    }

    /// Reads what was written. The rest was read back when it was.
    async fn compare(self, mirror: &dyn Mirror, plan: &Plan) -> Result<(), MirrorFailure> {
        for file in plan.steps.iter().flatten() {
            // Another signer may have replaced it by a higher one; the verification judges that.
            if file.path == TIMESTAMP {
                continue;
            }
            let there = mirror.read(&file.path, file.bytes.len() as u64).await;
            if there.is_ok_and(|there| *there == *file.bytes) {
                continue;
            }
            self.may_write(mirror, plan).await?;
            return Err(MirrorFailure::Changed {
                path: file.path.clone(),
            });
        }
        Ok(())
    }

    /// A mirror set up for somebody else, or for another world, is not ours to write to. A first root that nobody
    /// signed is only damage, and is repaired.
    async fn refuse_foreign(self, mirror: &dyn Mirror) -> Result<(), MirrorFailure> {
        let Ok(root) = mirror
            .read("metadata/1.root.json", limits::ROOT_BYTES)
            .await
        else {
            return Ok(());
        };
        if root == self.trusted_root
            || survey(mirror, &root, self.now)
                .await
                .report
                .roles
                .is_empty()
        {
            return Ok(());
        }
        Err(MirrorFailure::Foreign {
            fingerprint: stentor_verify::fingerprint(&root),
        })
    }
}

/// Writes a file unless a reader gets just that already.
async fn put(mirror: &dyn Mirror, file: &File) -> Result<(), MirrorFailure> {
    if mirror
        .read(&file.path, file.bytes.len() as u64)
        .await
        .is_ok_and(|there| *there == *file.bytes)
    {
        return Ok(());
    }
    mirror
        .write(&file.path, &file.bytes)
        .await
        .map_err(|why| MirrorFailure::Write {
            what: "write",
            path: file.path.clone(),
            why: why.to_string(),
        })
}

/// A mirror as its visitors find it, but for large metadata that was read back when it was written.
struct ReadBack<'a> {
    mirror: &'a dyn Mirror,
    plan: &'a Plan,
}

#[async_trait]
impl Fetch for ReadBack<'_> {
    fn name(&self) -> String {
        self.mirror.name().to_owned()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        match self.plan.known.iter().find(|file| file.path == path) {
            Some(file) if file.bytes.len() as u64 <= limit => Ok(file.bytes.to_vec()),
            _ => self.mirror.read(path, limit).await,
        }
    }
}
