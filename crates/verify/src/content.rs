//! The files behind the metadata: each signed target, and the page of the same path at the top of the mirror.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use sha2::{Digest, Sha256};
use sigstore_tuf::TargetFile;

use crate::chain::Chain;
use crate::fetch::{Fetch, FetchError, safe_path};
use crate::limits::{AT_ONCE, KEPT_BYTES, PRESENT, TARGET_BYTES, TARGETS};
use crate::roles::STATUS;
use crate::verdict::Verdict;
use crate::verification::Scope;

/// What was compared and found to be what was signed.
#[derive(Default)]
pub(crate) struct Compared {
    /// How many files.
    pub(crate) count: usize,
    /// Files by their path, where the scope wants them.
    pub(crate) kept: BTreeMap<String, Vec<u8>>,
}

/// What comparing the files showed.
#[derive(Default)]
struct Findings {
    forged: Vec<String>,
    missing: Vec<String>,
    compared: Compared,
}

/// A signed file and a place where it should lie.
struct Place<'a> {
    path: &'a str,
    file: &'a TargetFile,
    place: String,
    wrong: &'static str,
}

/// Compares the files that `scope` asks for. A forged file outranks a missing one.
pub(crate) async fn compare(
    chain: &Chain,
    mirror: &dyn Fetch,
    scope: Scope<'_>,
) -> Result<Compared, Verdict> {
    let keep = matches!(scope, Scope::Present | Scope::File(_));
    let places = places(chain, scope)?;
    let mut findings = Findings::default();
    // A few at once: over a network most of the time is waiting.
    for some in places.chunks(AT_ONCE) {
        let answers = join_all(some.iter().map(|p| mirror.fetch(&p.place, p.file.length))).await;
        let mut down = None;
        for (place, answer) in some.iter().zip(answers) {
            if let Err(verdict) = findings.note(place, answer, keep) {
                down = down.or(Some(verdict));
            }
        }
        match down {
            Some(verdict) if findings.forged.is_empty() => return Err(verdict),
            Some(_) => break,
            None => {}
        }
    }
    if !findings.forged.is_empty() {
        return Err(Verdict::all_forged(&findings.forged));
    }
    match findings.missing.as_slice() {
        [] => Ok(findings.compared),
        [first, rest @ ..] => Err(Verdict::unreachable(match rest.len() {
            0 => format!("{first} is signed but missing"),
            n => format!("{first} and {n} more are signed but missing"),
        })),
    }
}

impl Findings {
    /// Takes the answer for one place; an error is a mirror that does not answer.
    fn note(
        &mut self,
        place: &Place<'_>,
        answer: Result<Vec<u8>, FetchError>,
        keep: bool,
    ) -> Result<(), Verdict> {
        let Place {
            path,
            file,
            place,
            wrong,
        } = place;
        let same = |bytes: &[u8]| {
            bytes.len() as u64 == file.length
                && file.hashes.get("sha256") == Some(&hex::encode(Sha256::digest(bytes)))
        };
        match answer {
            Ok(bytes) if same(&bytes) => {
                self.compared.count += 1;
                if keep {
                    self.compared.kept.insert((*path).to_owned(), bytes);
                }
            }
            Ok(_) | Err(FetchError::TooLarge { .. }) => {
                self.forged.push(format!("{place} {wrong}"))
            }
            Err(FetchError::NotFound) => self.missing.push(place.clone()),
            Err(e) => return Err(Verdict::unreachable(format!("{place}: {e}"))),
        }
        Ok(())
    }
}

/// Where to look for what.
fn places<'a>(chain: &'a Chain, scope: Scope<'a>) -> Result<Vec<Place<'a>>, Verdict> {
    let listed = match scope {
        Scope::Head | Scope::Metadata => return Ok(Vec::new()),
        Scope::Present | Scope::Everything | Scope::File(_) => listed(chain)?,
    };
    let consistent = chain.trusted.root().consistent_snapshot;
    let mut places = Vec::new();
    for (role, path, file) in listed {
        let hash = file
            .hashes
            .get("sha256")
            .ok_or_else(|| Verdict::forged(format!("{path} is signed without a SHA-256 hash")))?;
        let target = Place {
            path,
            file,
            place: match path.rsplit_once('/') {
                _ if !consistent => format!("targets/{path}"),
                Some((dir, name)) => format!("targets/{dir}/{hash}.{name}"),
                None => format!("targets/{hash}.{path}"),
            },
            wrong: "does not match its signed length and hash",
        };
        let page = Place {
            path,
            file,
            place: path.to_owned(),
            wrong: "at the top of the mirror is not the signed page",
        };
        match scope {
            Scope::Present if role == STATUS && PRESENT.contains(&path) => places.push(page),
            Scope::File(wanted) if wanted == path => places.push(target),
            Scope::Everything => places.extend([target, page]),
            _ => {}
        }
    }
    if let (Scope::File(wanted), []) = (scope, places.as_slice()) {
        return Err(Verdict::unreachable(format!(
            "the publisher has signed no file called {wanted}"
        )));
    }
    let kept: u64 = places.iter().map(|p| p.file.length).sum();
    if scope == Scope::Present && kept > KEPT_BYTES {
        return Err(Verdict::forged(format!(
            "{STATUS} lists {kept} bytes, more than a reader accepts"
        )));
    }
    Ok(places)
}

/// Every signed target once, with its role, the earliest role first, each within what its role may speak for.
fn listed(chain: &Chain) -> Result<Vec<(&str, &str, &TargetFile)>, Verdict> {
    let mut seen = BTreeSet::new();
    let mut listed = Vec::new();
    for name in std::iter::once("targets").chain(chain.delegated.iter().map(String::as_str)) {
        let Some(role) = chain.trusted.targets_role(name) else {
            continue;
        };
        let delegation = chain
            .trusted
            .targets_role("targets")
            .and_then(|t| t.delegations.as_ref())
            .and_then(|d| d.roles.iter().find(|r| r.name == name));
        for (path, file) in &role.targets {
            if !safe_path(path) {
                return Err(Verdict::forged(format!(
                    "{name} lists a forbidden path: {path}"
                )));
            }
            let allowed = match delegation {
                Some(role) => role
                    .matches_path(path)
                    .map_err(|e| Verdict::forged(e.to_string()))?,
                None => true,
            };
            if !allowed {
                return Err(Verdict::forged(format!(
                    "{name} lists {path}, for which it has no authority"
                )));
            }
            if file.length > TARGET_BYTES || listed.len() >= TARGETS {
                return Err(Verdict::forged(format!(
                    "{name} lists more than a reader accepts: {path}"
                )));
            }
            if seen.insert(path) {
                listed.push((name, path.as_str(), file));
            }
        }
    }
    Ok(listed)
}
