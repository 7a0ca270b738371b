//! Text from strangers, made fit for one line.

/// One line of at most `max` characters: controls become spaces, marks that turn the direction of reading (with which
/// a text can show another one) vanish, and what is cut is marked.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    let mut line = String::new();
    let mut left = max;
    for c in text.chars().filter(|c| !turns(*c)) {
        if left == 0 {
            line.push('…');
            break;
        }
        left -= 1;
        let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        line.push(if breaks { ' ' } else { c });
    }
    line
}

/// The directional formatting characters of UAX #9.
fn turns(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_line_is_a_line() {
        let check = |text: &str, line: &str| assert_eq!(one_line(text, 5), line);
        check("plain", "plain");
        check("longer", "longe…");
        check("a\r\nb\u{2028}c", "a  b …");
        check("a\u{202e}bc\u{1b}", "abc ");
        check("ääääää", "äääää…");
    }
}
