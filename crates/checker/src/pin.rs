//! Pins: the SHA-256 of a root, come by another way than the mirror.
//!
//! As digits, in groups or not, from paper or the phone; or as a record, from a DNS TXT entry, a package, a partner's site:
//!
//! ```text
//! v=stentor1; root=sha256:9e0c…
//! ```
//!
//! Fields are divided by semicolons; the first is `v=stentor1`, one is `root`, others are let pass.

use std::fmt;

/// What a record begins with.
const VERSION: &str = "v=stentor1";
/// Bytes of a text that holds pins.
pub(crate) const PIN_BYTES: u64 = 65_536;
/// Pins in one call.
pub(crate) const PINS: usize = 16;

/// The SHA-256 of a root, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pin {
    /// 64 digits in lower case.
    pub(crate) sha256: String,
    /// For reports: where it came from.
    pub(crate) from: String,
}

/// Why a text is no pin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPin {
    /// Not a SHA-256 in hexadecimal.
    #[error(
        "a pin has 64 hexadecimal digits, in groups or not, and this has {0}; other signs than blanks, colons and hyphens may not stand between them"
    )]
    Digits(usize),
    /// No record in the text.
    #[error("no line of it reads `v=stentor1; root=sha256:HEX`")]
    NoRecord,
    /// Too many.
    #[error("more than {PINS} pins")]
    TooMany,
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sha256, self.from)
    }
}

/// The digits of a SHA-256, as people write and read them out.
pub(crate) fn digits(text: &str) -> Result<String, BadPin> {
    let text = text.trim();
    let text = text
        .get(..7)
        .filter(|start| start.eq_ignore_ascii_case("sha256:"))
        .map_or(text, |_| &text[7..]);
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let good = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if good {
        Ok(digits)
    } else {
        Err(BadPin::Digits(
            digits.chars().filter(char::is_ascii_hexdigit).count(),
        ))
    }
}

/// The pins in the records of a text: a DNS zone's line, a web page, a file of a package.
pub(crate) fn records(text: &str, from: &str) -> Result<Vec<Pin>, BadPin> {
    let mut pins: Vec<Pin> = Vec::new();
    for line in text.lines() {
        // In zone files a long string stands in several quoted parts.
        let line = line.replace("\" \"", "").replace('"', " ");
        let Some((_, record)) = line.split_once(VERSION) else {
            continue;
        };
        let mut fields = record.split(';').map(str::trim);
        if fields.next() != Some("") {
            continue; // another version, stentor10 for instance
        }
        for field in fields {
            let Some(value) = field.strip_prefix("root=") else {
                continue;
            };
            let sha256 = digits(value.split(['<', '&']).next().unwrap_or_default())?;
            if pins.iter().any(|p| p.sha256 == sha256) {
                continue;
            }
            if pins.len() == PINS {
                return Err(BadPin::TooMany);
            }
            pins.push(Pin {
                sha256,
                from: from.to_owned(),
            });
        }
    }
    if pins.is_empty() {
        return Err(BadPin::NoRecord);
    }
    Ok(pins)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";

    #[test]
    fn digits_are_read_as_people_write_them() {
        let groups: Vec<_> = HEX
            .as_bytes()
            .chunks(4)
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect();
        for text in [
            HEX.to_owned(),
            HEX.to_uppercase(),
            format!("sha256:{HEX}"),
            format!("SHA256: {HEX}\n"),
            groups.join(" "),
            groups.join(":"),
            groups.join("-\n"),
        ] {
            assert_eq!(digits(&text).as_deref(), Ok(HEX), "{text}");
        }
        for (text, found) in [
            (String::new(), 0),
            (HEX[1..].to_owned(), 63),
            (format!("{HEX}0"), 65),
            (HEX.replace('8', "x"), 64 - HEX.matches('8').count()),
            (format!("{HEX}ä"), 64),
        ] {
            assert_eq!(digits(&text), Err(BadPin::Digits(found)), "{text}");
        }
    }

    #[test]
    fn records_are_found_in_texts() {
        #[track_caller]
        fn check(text: &str, expect: Result<usize, BadPin>) {
            let found = records(text, "here").map(|pins| pins.len());
            assert_eq!(found, expect, "{text}");
        }
        let record = format!("v=stentor1; root=sha256:{HEX}");
        check(&record, Ok(1));
        check(&format!("\"{record}\""), Ok(1));
        check(
            &format!("_stentor.example.org. 300 IN TXT \"v=stentor1; \" \"root=sha256:{HEX}\""),
            Ok(1),
        );
        check(
            &format!("v=stentor1;mirror=https://a.example;root={HEX};x=y"),
            Ok(1),
        );
        check(
            &format!("<p>Our friends:</p>\n<code>{record}</code>\n"),
            Ok(1),
        );
        check(&format!("{record}\n{record}"), Ok(1));
        let other = HEX.replace('8', "9");
        check(&format!("{record}\nv=stentor1; root={other}"), Ok(2));
        check(&format!("{record}; root={other}"), Ok(2));
        check("", Err(BadPin::NoRecord));
        check(&format!("v=stentor10; root={HEX}"), Err(BadPin::NoRecord));
        check("v=stentor1; x=y", Err(BadPin::NoRecord));
        check("v=stentor1; root=abc", Err(BadPin::Digits(3)));
        let many: String = (0..20)
            .map(|n| format!("v=stentor1; root={n:064x}\n"))
            .collect();
        check(&many, Err(BadPin::TooMany));
    }
}
