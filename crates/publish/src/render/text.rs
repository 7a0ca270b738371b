//! Text from outside, made safe to place: without controls, without what turns its direction around.

/// Text without what XML 1.0 cannot hold and without direction overrides, which make text read as what it is not.
pub(super) fn clean(text: &str) -> String {
    let unwanted = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
            || (u32::from(*c) & 0xfffe) == 0xfffe
            || matches!(c, '\u{fdd0}'..='\u{fdef}')
    };
    text.chars().filter(|c| !unwanted(c)).collect()
}

/// [`clean`] text on one line.
pub(super) fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Blank lines separate paragraphs.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for row in clean(text).lines().map(str::trim) {
        match (row.is_empty(), out.last_mut()) {
            (true, _) => out.push(String::new()),
            (false, Some(paragraph)) => {
                if !paragraph.is_empty() {
                    paragraph.push('\n');
                }
                paragraph.push_str(row);
            }
            (false, None) => {}
        }
    }
    out.retain(|p| !p.is_empty());
    out
}

/// `text` set apart where plain text has no markup for it: foreign letters must not reorder the words around them.
/// `dir` is the direction of those words.
pub(super) fn apart(text: &str, dir: &str) -> String {
    let right_to_left = text.chars().any(is_right_to_left);
    let left_to_right = text
        .chars()
        .any(|c| c.is_alphabetic() && !is_right_to_left(c));
    if (dir == "rtl" && left_to_right) || (dir == "ltr" && right_to_left) {
        format!("\u{2068}{text}\u{2069}")
    } else {
        text.to_owned()
    }
}

/// Letters of the scripts that are written from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// What a browser may be sent to from an official channel: never a script, never a file.
pub(super) fn is_link(address: &str) -> bool {
    let scheme = ["https://", "http://", "mailto:", "tel:"];
    scheme
        .iter()
        .any(|s| address.len() > s.len() && address.starts_with(s))
        && address
            .chars()
            .all(|c| !c.is_whitespace() && !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_and_cleaned() {
        #[track_caller]
        fn check(text: &str, expect: &[&str]) {
            assert_eq!(paragraphs(text), expect);
        }
        check("", &[]);
        check("one\ntwo\r\n\r\n\n three ", &["one\ntwo", "three"]);
        check("a\u{0}b\u{1b}[2Jc\u{202e}d\u{fffe}\u{2028}", &["ab[2Jcd"]);
        assert_eq!(line(" a\r\nSubject: b\t c "), "a Subject: b c");
    }

    #[test]
    fn foreign_letters_are_set_apart() {
        assert_eq!(apart("Portal", "ltr"), "Portal");
        assert_eq!(apart("Portal", "rtl"), "\u{2068}Portal\u{2069}");
        assert_eq!(apart("بوابة", "ltr"), "\u{2068}بوابة\u{2069}");
        assert_eq!(apart("12:30", "rtl"), "12:30");
    }

    #[test]
    fn only_harmless_addresses_are_links() {
        for good in [
            "https://example.org/a",
            "mailto:a@example.org",
            "tel:+491234",
        ] {
            assert!(is_link(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "https://",
            "@a@b.example",
            "https://a b",
            "file:///etc",
            "data:text/html,x",
        ] {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
