//! One check of one mirror.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sigstore_tuf::Role;

use crate::chain::Chain;
use crate::content::{self, Compared};
use crate::fetch::Fetch;
use crate::memory::{Remembered, StateDir};
use crate::provider;
use crate::verdict::{Report, RoleState, Rollback, Verdict, printable};

/// How much to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Root, timestamp, snapshot and targets: which word this is. Delegated roles are not fetched.
    Head,
    /// All metadata and no file. What a publisher asks before it writes.
    Metadata,
    /// The metadata as far as `status`, and of its pages those of [`limits::PRESENT`](crate::limits::PRESENT).
    /// What a reader of the present asks, on a phone for instance: roles and pages of years that are over are not
    /// fetched.
    Present,
    /// The metadata as far as the role that lists this path, and the one file, by its path without hash.
    File(&'a str),
    /// All metadata, every signed file and every page. What a reader asks who wants to know all.
    Everything,
}

/// What to check, against what.
pub struct Verification<'a> {
    /// The mirror.
    pub mirror: &'a dyn Fetch,
    /// The first trusted `root.json`, handed to the reader by another way.
    pub trusted_root: &'a [u8],
    /// What was seen on earlier visits, of this or another mirror of the publisher.
    pub remembered: Option<&'a Remembered>,
    /// The clock reading used for everything.
    pub now: Timestamp,
    /// How much to look at.
    pub scope: Scope<'a>,
}

/// A report, and what to remember of the visit.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was found.
    pub report: Report,
    /// What to hand to the next check. Never holds anything that was not verified.
    pub remember: Remembered,
    /// The files that were verified, by path: those of [`Scope::Present`] and [`Scope::File`]. Empty unless the verdict is
    /// authentic.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl<'a> Verification<'a> {
    /// A check of everything, without memory.
    #[must_use]
    pub fn new(mirror: &'a dyn Fetch, trusted_root: &'a [u8], now: Timestamp) -> Self {
        Self {
            mirror,
            trusted_root,
            remembered: None,
            now,
            scope: Scope::Everything,
        }
    }

    /// Checks the mirror. Every outcome is a verdict; there is no other kind of failure.
    pub async fn run(&self) -> Outcome {
        provider::install();
        match Chain::start(self.trusted_root, self.remembered) {
            Ok(mut chain) => {
                let checked = self.check(&mut chain).await;
                let roles = self.roles(&chain);
                let (verdict, compared) = match checked {
                    Ok(compared) => (freshness(&roles, self.now), compared),
                    Err(verdict) => (verdict, Compared::default()),
                };
                Outcome {
                    report: self.report(verdict, roles, compared.count),
                    remember: chain.memory,
                    files: compared.kept,
                }
            }
            Err(verdict) => Outcome {
                report: self.report(verdict, Vec::new(), 0),
                remember: self.remembered.cloned().unwrap_or_default(),
                files: BTreeMap::new(),
            },
        }
    }

    /// Checks with memory kept in a directory, as [`Self::visit`], for whoever needs the report only.
    pub async fn run_with_state(&self, state: &StateDir) -> Report {
        self.visit(state).await.report
    }

    /// Checks with memory kept in a directory: read before, written after.
    ///
    /// State that cannot be read or written makes the verdict [`Verdict::Unreachable`]: without it a rollback could
    /// pass unnoticed, and the caller asked for that to be excluded.
    pub async fn visit(&self, state: &StateDir) -> Outcome {
        let remembered = match state.load() {
            Ok(remembered) => remembered,
            Err(e) => {
                return Outcome {
                    report: self.report(Verdict::unreachable(e.to_string()), Vec::new(), 0),
                    remember: Remembered::default(),
                    files: BTreeMap::new(),
                };
            }
        };
        let this = Verification {
            remembered: remembered.as_ref(),
            ..*self
        };
        let mut outcome = this.run().await;
        let changed = *this.remembered.unwrap_or(&Remembered::default()) != outcome.remember;
        // A forgery is told even if it cannot be noted.
        if changed
            && let Err(e) = state.save(this.remembered, &outcome.remember)
            && outcome.report.verdict.is_authentic()
        {
            let Report { roles, files, .. } = outcome.report;
            outcome.report = this.report(Verdict::unreachable(e.to_string()), roles, files);
            outcome.files.clear();
        }
        outcome
    }

    async fn check(&self, chain: &mut Chain) -> Result<Compared, Verdict> {
        chain.walk(self.mirror, self.scope).await?;
        content::compare(chain, self.mirror, self.scope).await
    }

    fn report(&self, verdict: Verdict, roles: Vec<RoleState>, files: usize) -> Report {
        let floors = self.remembered.is_some_and(|r| r.timestamp.is_some());
        Report {
            mirror: printable(&self.mirror.name()),
            trusted_root: fingerprint(self.trusted_root),
            checked_at: self.now,
            exit_code: verdict.exit_code(),
            verdict,
            rollback: if floors {
                Rollback::Compared
            } else {
                Rollback::CannotBeExcluded
            },
            roles,
            files,
        }
    }

    fn roles(&self, chain: &Chain) -> Vec<RoleState> {
        let state = |name: &str, version: u64, expires: Timestamp| RoleState {
            name: name.to_owned(),
            version,
            expires,
            // TUF 5.3.10: expired unless the expiration is later than the reference time.
            expired: expires <= self.now,
        };
        let of = |name: &str, role: &dyn Signed| state(name, role.version(), role.expires());
        let trusted = &chain.trusted;
        let mut roles = vec![of("root", trusted.root())];
        roles.extend(trusted.timestamp().map(|r| of("timestamp", r)));
        roles.extend(trusted.snapshot().map(|r| of("snapshot", r)));
        roles.extend(trusted.targets_role("targets").map(|r| of("targets", r)));
        roles.extend(
            chain
                .delegated
                .iter()
                .filter_map(|n| trusted.targets_role(n).map(|r| of(n, r))),
        );
        roles
    }
}

/// The part of [`Role`] that can be asked without knowing its type.
trait Signed {
    fn version(&self) -> u64;
    fn expires(&self) -> Timestamp;
}

impl<T: Role> Signed for T {
    fn version(&self) -> u64 {
        Role::version(self)
    }

    fn expires(&self) -> Timestamp {
        Role::expires(self)
    }
}

fn freshness(roles: &[RoleState], now: Timestamp) -> Verdict {
    match roles.iter().filter(|r| r.expired).map(|r| r.expires).min() {
        Some(since) => Verdict::Stale {
            since,
            age_seconds: now.as_second() - since.as_second(),
        },
        None => Verdict::Fresh,
    }
}

/// The SHA-256 of a `root.json` as it is printed and compared by people: lower-case hex.
#[must_use]
pub fn fingerprint(root: &[u8]) -> String {
    hex::encode(Sha256::digest(root))
}
