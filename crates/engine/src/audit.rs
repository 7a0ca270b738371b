//! The audit: walks the journal from its first entry and says what it found (SURV-4).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use stentor_domain::event::Event;
use stentor_store::chain::Verifier;
use stentor_store::{Entry, Journal, Payload, Seq};

use crate::notary::signed_heads;

/// What the audit found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuditReport {
    /// Entries proven, from the first.
    pub entries: u64,
    /// Payloads that were erased on record.
    pub erased: u64,
    /// Signed heads that agree with the journal.
    pub heads: usize,
    /// The chain hash of the last proven entry, hex.
    pub head: String,
    /// The first thing that is wrong; none when the journal is intact.
    pub problem: Option<Problem>,
}

/// Where the journal is not what it was.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The first bad entry.
    pub seq: Seq,
    /// What is wrong with it.
    pub what: String,
}

/// Entries read at a time.
const PAGE: usize = 1_000;

/// Proves every entry, every erasure and every signed head in `heads`.
pub async fn audit(journal: &dyn Journal, heads: &Path) -> AuditReport {
    let mut report = AuditReport::default();
    let mut verifier = Verifier::default();
    let mut erasures: BTreeSet<(Seq, Seq)> = BTreeSet::new();
    let mut tombstones: BTreeMap<Seq, Seq> = BTreeMap::new();
    let signed = match signed_heads(heads) {
        Ok((signed, 0)) => signed,
        Ok((signed, forged)) => {
            report.problem = Some(Problem {
                seq: 0,
                what: format!("{forged} signed heads have bad signatures"),
            });
            signed
        }
        Err(error) => {
            report.problem = Some(Problem {
                seq: 0,
                what: error.to_string(),
            });
            Vec::new()
        }
    };
    let mut expected = signed.iter().peekable();
    // Read first: a server that runs may append behind us, which is no damage.
    let promised = journal.head().await;
    let found = loop {
        let entries = match journal.entries_after(verifier.head().seq, PAGE).await {
            Ok(entries) if entries.is_empty() => break None,
            Ok(entries) => entries,
            Err(error) => match one_by_one(journal, &mut verifier).await {
                Some(problem) => break Some(problem),
                None => {
                    let seq = verifier.head().seq + 1;
                    break Some(Problem {
                        seq,
                        what: error.to_string(),
                    });
                }
            },
        };
        if let Some(problem) = entries.iter().find_map(|entry| {
            if let Err(broken) = verifier.step(entry) {
                return Some(Problem {
                    seq: entry.seq,
                    what: broken.to_string(),
                });
            }
            note(entry, &mut erasures, &mut tombstones);
            while let Some(head) = expected.next_if(|head| head.seq <= entry.seq) {
                if head.seq == entry.seq && head.hash != hex::encode(entry.hash) {
                    let what = "it differs from the head that was signed for it".to_owned();
                    return Some(Problem {
                        seq: entry.seq,
                        what,
                    });
                }
                report.heads += 1;
            }
            None
        }) {
            break Some(problem);
        }
    };
    report.entries = verifier.head().seq;
    report.head = hex::encode(verifier.head().hash);
    report.erased = tombstones.len() as u64;
    let cut = match (expected.next_back(), promised, journal.head().await) {
        _ if found.is_some() => None,
        (Some(head), ..) => Some(head.seq),
        (None, Ok(promised), Ok(head)) => {
            let proven = verifier.head();
            let known = promised.seq <= proven.seq && proven.seq <= head.seq;
            let agrees = head == proven || head.seq > proven.seq;
            (!(known && agrees)).then_some(promised.seq.max(proven.seq + 1))
        }
        (None, ..) => Some(verifier.head().seq + 1),
    };
    let cut = cut.map(|until| Problem {
        seq: report.entries + 1,
        what: format!(
            "the tail is cut: entries {} to {until} are missing",
            report.entries + 1
        ),
    });
    // An erasure whose record would lie in the missing tail is explained by the cut.
    let lost = |by: Seq| cut.is_some() && by > report.entries;
    let unrecorded = tombstones
        .iter()
        .find(|(seq, by)| !erasures.contains(&(**seq, **by)) && !lost(**by));
    let unrecorded = unrecorded.map(|(seq, _)| Problem {
        seq: *seq,
        what: format!("the payload of entry {seq} is gone and no entry records its erasure"),
    });
    report.problem = found.or(unrecorded).or(cut).or(report.problem);
    report
}

fn note(entry: &Entry, erasures: &mut BTreeSet<(Seq, Seq)>, tombstones: &mut BTreeMap<Seq, Seq>) {
    match &entry.payload {
        Payload::Erased { by } => {
            tombstones.insert(entry.seq, *by);
        }
        Payload::Present { bytes, .. } if entry.kind == "payload.erased" => {
            if let Ok(Event::PayloadErased(e)) = Event::decode(&entry.kind, entry.version, bytes) {
                erasures.insert((e.seq, entry.seq));
            }
        }
        Payload::Present { .. } => {}
    }
}

/// A page that cannot be read holds an entry that cannot: finds it.
async fn one_by_one(journal: &dyn Journal, verifier: &mut Verifier) -> Option<Problem> {
    loop {
        let seq = verifier.head().seq + 1;
        match journal.entries_after(seq - 1, 1).await {
            Ok(entries) => match entries.first() {
                None => return None,
                Some(entry) => {
                    if let Err(broken) = verifier.step(entry) {
                        return Some(Problem {
                            seq,
                            what: broken.to_string(),
                        });
                    }
                }
            },
            Err(error) => {
                return Some(Problem {
                    seq,
                    what: error.to_string(),
                });
            }
        }
    }
}
