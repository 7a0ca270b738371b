//! The verifier of the public word as one HTML file, which people keep and open from their own disk.
//!
//! Its sources lie in `page/`, plain JavaScript that `node crates/browser/assemble.mjs` puts together. It judges as
//! `stentor-verify` does; the corpus holds both to that.

/// The page, which trusts nobody until its user says whom.
pub const PAGE: &str = include_str!("../verify.html");

/// Where the page holds what its distributor trusts. Not a script, so the hashes in the page's policy stay right.
const TRUST: &str = "{\"root_sha256\": \"\", \"mirrors\": []}";

/// Most mirrors that the page looks at.
pub const MIRRORS: usize = 16;

/// What cannot be written into the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The fingerprint is not 64 hex digits.
    #[error("{0:?} is not the SHA-256 of a root.json: that has 64 digits from 0 to 9 and a to f")]
    Fingerprint(String),
    /// An address is not one of a mirror.
    #[error(
        "{0:?} is not an address of a mirror: it begins with https:// or http://, without quotes or blanks"
    )]
    Mirror(String),
    /// There are too many mirrors.
    #[error("{0} mirrors are more than the {MIRRORS} that the page looks at")]
    TooMany(usize),
}

/// The page with the SHA-256 of the first trusted root and the mirrors written into it, by whoever hands it out.
///
/// # Errors
/// [`TrustError`] if something of it is not what it should be.
pub fn page_that_trusts(root_sha256: &str, mirrors: &[String]) -> Result<String, TrustError> {
    let digits = root_sha256.len() == 64 && root_sha256.bytes().all(|b| b.is_ascii_hexdigit());
    if !digits {
        return Err(TrustError::Fingerprint(root_sha256.to_owned()));
    }
    if mirrors.len() > MIRRORS {
        return Err(TrustError::TooMany(mirrors.len()));
    }
    if let Some(bad) = mirrors.iter().find(|mirror| !is_address(mirror)) {
        return Err(TrustError::Mirror(bad.clone()));
    }
    let listed: Vec<_> = mirrors.iter().map(|m| format!("\"{m}\"")).collect();
    let trust = format!(
        "{{\"root_sha256\": \"{}\", \"mirrors\": [{}]}}",
        root_sha256.to_ascii_lowercase(),
        listed.join(", ")
    );
    Ok(PAGE.replacen(TRUST, &trust, 1))
}

/// An address that needs no escaping, neither in JSON nor in HTML.
fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/._-~:%[]@+,=".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_written_in_one_place() {
        let pin = "AB".repeat(32);
        let mirrors = ["https://status.example.org/a".to_owned()];
        let page = page_that_trusts(&pin, &mirrors).unwrap();
        let (pin, mirror) = ("ab".repeat(32), &mirrors[0]);
        let trust = format!("{{\"root_sha256\": \"{pin}\", \"mirrors\": [\"{mirror}\"]}}");
        assert_eq!(page.matches(&trust).count(), 1);
        assert_eq!(page.replace(&trust, TRUST), PAGE);
    }

    #[test]
    fn what_would_break_the_page_is_refused() {
        let pin = "ab".repeat(32);
        for bad in ["", "ab", &"g".repeat(64)] {
            let refused = page_that_trusts(bad, &[]);
            assert_eq!(refused, Err(TrustError::Fingerprint(bad.to_owned())));
        }
        for bad in [
            "",
            "https://",
            "ftp://a",
            "javascript:x",
            "https://a\"]}</script>",
            "https://a b",
        ] {
            let refused = page_that_trusts(&pin, &[bad.to_owned()]);
            assert_eq!(refused, Err(TrustError::Mirror(bad.to_owned())));
        }
        let many = vec!["https://a".to_owned(); MIRRORS + 1];
        assert_eq!(
            page_that_trusts(&pin, &many),
            Err(TrustError::TooMany(MIRRORS + 1))
        );
    }
}
