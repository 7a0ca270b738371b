//! Where a publisher stands beside what its mirrors hold: what a person looks at before taking something over.

use futures::future::join_all;
use jiff::Timestamp;

use crate::lives;
use crate::mirror::Reader;
use crate::publisher::{PublishError, Publisher};
use crate::survey::survey;

/// A word: which one, and when it was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The version of what is said.
    pub snapshot: u64,
    /// The version of the confirmation that it still stands.
    pub timestamp: u64,
    /// When the confirmation was signed, by the clock of who signed it.
    pub signed: Timestamp,
    /// SHA-256 of the snapshot, in hex.
    pub hash: String,
}

/// Our word, and what each mirror holds.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What we signed last.
    pub ours: Word,
    /// By mirror, in the order of the settings: what is validly signed there, or why nothing can be told.
    pub mirrors: Vec<(String, Result<Word, String>)>,
}

impl Standing {
    /// The newest word on a mirror that we do not know.
    #[must_use]
    pub fn newer(&self) -> Option<(&str, &Word)> {
        let held = self.mirrors.iter();
        held.filter_map(|(name, word)| Some((name.as_str(), word.as_ref().ok()?)))
            .filter(|(_, word)| word.snapshot >= self.ours.snapshot && word.hash != self.ours.hash)
            .max_by_key(|(_, word)| word.timestamp)
    }
}

impl Publisher {
    /// Reads what each mirror holds. Writes nothing.
    ///
    /// # Errors
    /// [`PublishError`] if our own repository cannot be read.
    pub async fn standing(&self, now: Timestamp) -> Result<Standing, PublishError> {
        let ours = self
            .with_repository(|repository| {
                let head = repository.head();
                let named = head.metadata.get(&head.snapshot_path());
                Ok(Word {
                    snapshot: head.snapshot,
                    timestamp: head.timestamp,
                    signed: lives::later(head.timestamp_expires, -lives::TIMESTAMP),
                    hash: named.map(|t| t.sha256.clone()).unwrap_or_default(),
                })
            })
            .await?;
        let look = self.lanes.mirrors().map(|mirror| async {
            let looking = async {
                // A place that cannot be looked at anew is read as it was.
                let _ = mirror.refresh().await;
                survey(&Reader::of(mirror.as_ref()), &self.root, now).await
            };
            let seen = tokio::time::timeout(self.timeout, looking).await;
            let word = match seen {
                Err(_) => Err("no answer in time".to_owned()),
                Ok(seen) => {
                    let role = seen.report.roles.iter().find(|r| r.name == "timestamp");
                    match (role, seen.snapshot) {
                        (Some(role), Some(hash)) => Ok(Word {
                            snapshot: lives::snapshot_of(role.version),
                            timestamp: role.version,
                            signed: lives::later(role.expires, -lives::TIMESTAMP),
                            hash,
                        }),
                        _ => Err(seen.report.explain()),
                    }
                }
            };
            (mirror.name().to_owned(), word)
        });
        Ok(Standing {
            ours,
            mirrors: join_all(look).await,
        })
    }
}
