//! Strangers' text on its way into mail and logs.

/// Control characters, line and paragraph separators, and the marks that reorder text so that it reads as something
/// else (CVE-2021-42574).
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line without anything that could end or reorder it, at most `max` characters.
pub(crate) fn line(text: &str, max: usize) -> String {
    let spaced = text.chars().map(|c| if is_hostile(c) { ' ' } else { c });
    let mut line = String::new();
    for (n, c) in spaced.enumerate() {
        if n >= max.saturating_mul(4) {
            break; // blanks alone must not make the work unbounded
        }
        if c != ' ' || !(line.is_empty() || line.ends_with(' ')) {
            line.push(c);
        }
    }
    clip(line.trim_end(), max)
}

/// Several lines, ended by `\n`, without other control characters, at most `max` characters.
pub(crate) fn lines(text: &str, max: usize) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix
        .chars()
        .filter(|&c| c == '\n' || c == '\t' || !is_hostile(c))
        .collect();
    clip(&kept, max)
}

fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(max.saturating_sub(1)).collect();
    clipped.push('…');
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_stays_one_line() {
        let check = |text: &str, expect: &str| assert_eq!(line(text, 10), expect, "{text:?}");
        check("plain", "plain");
        check("a\r\nBcc: x", "a Bcc: x");
        check("a\n\n\nb", "a b");
        check("a\u{2028}b\u{0}c", "a b c");
        check("a\u{202e}b", "a b");
        check("  a  ", "a");
        check("1234567890", "1234567890");
        check("12345678901", "123456789…");
        check("äöüäöüäöüäöü", "äöüäöüäöü…");
        check("", "");
    }

    #[test]
    fn many_lines_keep_only_their_ends() {
        let check = |text: &str, expect: &str| assert_eq!(lines(text, 10), expect, "{text:?}");
        check("a\r\nb\rc\nd\te", "a\nb\nc\nd\te");
        check("a\u{0}\u{1b}b", "ab");
        check("a\n\n\nb", "a\n\n\nb");
        check("123456789\n1", "123456789…");
    }
}
