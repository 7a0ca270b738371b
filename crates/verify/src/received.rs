//! From what a mirror answers to bytes that are safe to parse, and from a refusal to words.

use std::error::Error as _;

use sigstore_tuf::Error as TufError;

use crate::fetch::FetchError;
use crate::json::strict;
use crate::limits::JSON_DEPTH;
use crate::verdict::Verdict;

/// Turns the answer to a fetch of metadata into bytes that are safe to parse.
pub(crate) fn received(
    path: &str,
    answer: Result<Vec<u8>, FetchError>,
    limit: u64,
) -> Result<Vec<u8>, Verdict> {
    match answer {
        Ok(bytes) if is_page(&bytes) => Err(Verdict::unreachable(format!(
            "{path}: a web page came instead of it: of a network that asks for a login first, or of a server that \
             answers so where it has no file"
        ))),
        Ok(bytes) => match parsable(&bytes, limit) {
            Ok(()) => Ok(bytes),
            Err(why) => Err(Verdict::forged(format!("{path}: {why}"))),
        },
        Err(e @ FetchError::TooLarge { .. }) => {
            Err(Verdict::forged(format!("{path}: {e}; refused to read on")))
        }
        Err(e) => Err(Verdict::unreachable(format!("{path}: {e}"))),
    }
}

/// A version that counts: they begin at 1 (TUF 1.0.34, 4.3).
pub(crate) fn positive(path: &str, version: u64) -> Result<(), Verdict> {
    if version == 0 {
        return Err(Verdict::forged(format!("{path}: its version is 0")));
    }
    Ok(())
}

/// Whether this is HTML or XML, which metadata never is. It says nothing about the publisher.
fn is_page(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'<')
}

pub(crate) fn parsable(bytes: &[u8], limit: u64) -> Result<(), String> {
    if bytes.len() as u64 > limit {
        Err(format!("it is longer than {limit} bytes"))
    } else {
        strict(bytes, JSON_DEPTH)
    }
}

pub(crate) fn text(path: &str, bytes: Vec<u8>) -> Result<String, Verdict> {
    String::from_utf8(bytes).map_err(|_| Verdict::forged(format!("{path} is not UTF-8")))
}

pub(crate) fn damaged(error: &TufError) -> Verdict {
    Verdict::unreachable(format!(
        "what was remembered from earlier visits is damaged or belongs to another publisher ({}); \
         remove it to start over as on a first visit",
        chain_of(error)
    ))
}

pub(crate) fn forged(path: &str, error: &TufError) -> Verdict {
    Verdict::forged(match error {
        TufError::Rollback { role, trusted, new } => format!(
            "{path}: an older state was put back: {role} is at version {new}, but version {trusted} was seen before"
        ),
        TufError::ThresholdNotMet {
            role,
            found,
            threshold,
        } => {
            format!("{path}: {found} of the {threshold} valid signatures that {role} needs")
        }
        TufError::IntegrityMismatch(why) => {
            format!(
                "{path}: not the file its signed parent names (changed, or mixed from two versions): {why}"
            )
        }
        other => format!("{path}: {}", chain_of(other)),
    })
}

pub(crate) fn chain_of(error: &TufError) -> String {
    let mut out = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        out = format!("{out}: {cause}");
        source = cause.source();
    }
    out
}
