//! The files behind the metadata: each signed target, and the page of the same path at the top of the mirror.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use sigstore_tuf::TargetFile;

use crate::chain::Chain;
use crate::fetch::{Fetch, FetchError, safe_path};
use crate::limits::{TARGET_BYTES, TARGETS};
use crate::verdict::Verdict;

/// What comparing the files showed.
#[derive(Default)]
struct Findings {
    forged: Vec<String>,
    missing: Vec<String>,
    compared: usize,
}

/// Compares every signed file. Returns how many were compared; a forged file outranks a missing one.
pub(crate) async fn compare(chain: &Chain, mirror: &dyn Fetch) -> Result<usize, Verdict> {
    let listed = listed(chain)?;
    let mut findings = Findings::default();
    for (path, file) in listed {
        if let Err(down) = one(
            mirror,
            path,
            file,
            chain.trusted.root().consistent_snapshot,
            &mut findings,
        )
        .await
        {
            if findings.forged.is_empty() {
                return Err(down);
            }
            break;
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

/// Every signed target once, the earliest role first, each within what its role may speak for.
fn listed(chain: &Chain) -> Result<Vec<(&str, &TargetFile)>, Verdict> {
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
                listed.push((path.as_str(), file));
            }
        }
    }
    Ok(listed)
}

async fn one(
    mirror: &dyn Fetch,
    path: &str,
    file: &TargetFile,
    consistent: bool,
    findings: &mut Findings,
) -> Result<(), Verdict> {
    let Some(hash) = file.hashes.get("sha256") else {
        findings
            .forged
            .push(format!("{path} is signed without a SHA-256 hash"));
        return Ok(());
    };
    let target = match path.rsplit_once('/') {
        _ if !consistent => format!("targets/{path}"),
        Some((dir, name)) => format!("targets/{dir}/{hash}.{name}"),
        None => format!("targets/{hash}.{path}"),
    };
    let same = |bytes: &[u8]| {
        bytes.len() as u64 == file.length && hex::encode(Sha256::digest(bytes)) == *hash
    };
    for (place, wrong) in [
        (target.as_str(), "does not match its signed length and hash"),
        (path, "at the top of the mirror is not the signed page"),
    ] {
        match mirror.fetch(place, file.length).await {
            Ok(bytes) if same(&bytes) => findings.compared += 1,
            Ok(_) | Err(FetchError::TooLarge { .. }) => {
                findings.forged.push(format!("{place} {wrong}"))
            }
            Err(FetchError::NotFound) => findings.missing.push(place.to_owned()),
            Err(e) => return Err(Verdict::unreachable(format!("{place}: {e}"))),
        }
    }
    Ok(())
}
