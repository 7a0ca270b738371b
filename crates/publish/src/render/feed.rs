//! Names in the Atom feed (RFC 4287, 4.2.6): permanent, universal, the same on every mirror and after every restart.

use sha2::{Digest, Sha256};

/// A UUID (RFC 9562, version 8) derived from what it names.
pub(super) fn id(parts: &[&str]) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(parts.join("/")).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(&bytes[..16]);
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_different() {
        let name = id(&["root", "INC-1", "1"]);
        assert_eq!(name, id(&["root", "INC-1", "1"]));
        assert_ne!(name, id(&["root", "INC-1", "2"]));
        assert_eq!(
            name.len(),
            "urn:uuid:00000000-0000-8000-8000-000000000000".len()
        );
        assert_eq!(&name[23..24], "8");
    }
}
