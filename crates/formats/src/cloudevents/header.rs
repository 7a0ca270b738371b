//! Attributes in headers: quoted texts of older senders, and percent-encoding.

/// The value of an attribute; `None` when it is not UTF-8, which the binding says has to be refused.
pub(super) fn decode(value: &[u8]) -> Option<String> {
    String::from_utf8(percent_decoded(&unquoted(value.trim_ascii()))).ok()
}

/// Without the quotes around it, and the backslashes within, of RFC 7230.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
    else {
        return value.to_vec();
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter();
    while let Some(byte) = rest.next() {
        let byte = if *byte == b'\\' {
            rest.next()
        } else {
            Some(byte)
        };
        bytes.extend(byte);
    }
    bytes
}

/// One round of decoding. A `%` without two digits stands for itself, as senders before version 1.0.1 wrote it.
fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16).map(|digit| digit as u8);
    let mut bytes = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        let pair = digit(value.get(at + 1)).zip(digit(value.get(at + 2)));
        match pair {
            Some((high, low)) if *byte == b'%' => {
                bytes.push(high << 4 | low);
                at += 3;
            }
            _ => {
                bytes.push(*byte);
                at += 1;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_once() {
        let check = |value: &[u8], expect: Option<&str>| {
            assert_eq!(decode(value).as_deref(), expect, "{}", value.escape_ascii());
        };
        check(b"plain", Some("plain"));
        check(b" /a/b ", Some("/a/b"));
        check(b"Gr%C3%BC%c3%9fe%20an%20%F0%9F%A6%80", Some("Grüße an 🦀"));
        check(b"%41%2520", Some("A%20"));
        check(b"100%", Some("100%"));
        check(b"%zz%4", Some("%zz%4"));
        check(b"\"a \\\"b\\\\ %22\"", Some("a \"b\\ \""));
        check(b"\"", Some("\""));
        check(b"\"\\\"", Some(""));
        check("schön".as_bytes(), Some("schön"));
        check(b"", Some(""));
        check(b"%C0%A0", None);
        check(b"%ff", None);
        check(b"\xff", None);
    }
}
