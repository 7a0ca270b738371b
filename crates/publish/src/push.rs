//! Bringing mirrors to what they should be: each on its own, in the safe order, read back as a visitor reads.

use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use stentor_verify::{Report, Scope, Verification, limits};

use crate::lives;
use crate::mirror::{Mirror, Reader};
use crate::plan::{File, Plan, TIMESTAMP};

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
}

/// What became of one mirror.
#[derive(Debug, Clone)]
pub struct MirrorOutcome {
    /// The mirror.
    pub mirror: String,
    /// What a reader finds there now, or why not.
    pub result: Result<Report, MirrorFailure>,
}

/// What is pushed, on whose authority, and how long a mirror has.
#[derive(Clone, Copy)]
pub(crate) struct Push<'a> {
    pub(crate) plan: &'a Plan,
    /// What readers pin.
    pub(crate) trusted_root: &'a [u8],
    /// The root in force: what was signed with keys that it does not name is damage.
    pub(crate) current_root: &'a [u8],
    pub(crate) now: Timestamp,
    pub(crate) timeout: Duration,
}

impl Push<'_> {
    /// Pushes to all mirrors at once. None waits for, or fails with, another.
    pub(crate) async fn all(self, mirrors: &[Box<dyn Mirror>]) -> Vec<MirrorOutcome> {
        join_all(mirrors.iter().map(|mirror| self.one(mirror.as_ref()))).await
    }

    async fn one(self, mirror: &dyn Mirror) -> MirrorOutcome {
        let result = tokio::time::timeout(self.timeout, self.bring_up_to_date(mirror))
            .await
            .unwrap_or(Err(MirrorFailure::TimedOut {
                after: self.timeout,
            }));
        MirrorOutcome {
            mirror: mirror.name().to_owned(),
            result,
        }
    }

    async fn bring_up_to_date(self, mirror: &dyn Mirror) -> Result<Report, MirrorFailure> {
        self.refuse_foreign(mirror).await?;
        let before = survey(mirror, self.current_root, self.now).await;
        let ours = self.plan.timestamp;
        let theirs = before.version("timestamp").unwrap_or(0);
        if lives::snapshot_of(theirs) > lives::snapshot_of(ours) {
            return Err(MirrorFailure::Ahead { theirs, ours });
        }
        for file in self.plan.steps.iter().flatten() {
            // Another signer has confirmed the same snapshot since: the higher timestamp stays.
            if theirs > ours && file.path == TIMESTAMP {
                continue;
            }
            put(mirror, file).await?;
        }
        for path in &self.plan.delete {
            let why = |why: crate::MirrorError| MirrorFailure::Write {
                what: "delete",
                path: path.clone(),
                why: why.to_string(),
            };
            mirror.delete(path).await.map_err(why)?;
        }
        let after = Verification::new(&Reader(mirror), self.trusted_root, self.now)
            .run()
            .await
            .report;
        if after.verdict.is_authentic() && after.version("timestamp") >= Some(ours) {
            Ok(after)
        } else {
            Err(MirrorFailure::ReadBack(Box::new(after)))
        }
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
        if root == self.trusted_root || survey(mirror, &root, self.now).await.roles.is_empty() {
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
        .is_ok_and(|there| there == file.bytes)
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

/// What is validly signed on a mirror, as far as it goes; whether it is fresh does not matter here.
pub(crate) async fn survey(mirror: &dyn Mirror, trusted_root: &[u8], now: Timestamp) -> Report {
    let reader = Reader(mirror);
    let check = Verification {
        scope: Scope::Metadata,
        ..Verification::new(&reader, trusted_root, now)
    };
    check.run().await.report
}
