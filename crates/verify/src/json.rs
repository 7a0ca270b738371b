//! A bound on the nesting of JSON, looked at before any parser sees it.

/// Whether no array or object nests deeper than `max`. Looks at brackets outside strings only; whether the text is
/// JSON at all is the parser's business.
pub(crate) fn depth_within(bytes: &[u8], max: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > max {
                    return false;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_strings() {
        #[track_caller]
        fn check(text: &str, max: usize, expect: bool) {
            assert_eq!(depth_within(text.as_bytes(), max), expect, "{text}");
        }
        check("1", 0, true);
        check("[]", 0, false);
        check(r#"{"a":[1,{"b":2}]}"#, 3, true);
        check(r#"{"a":[1,{"b":2}]}"#, 2, false);
        check(r#"["[[[[", "\"[[[", "\\"]"#, 1, true);
        check(&"[],".repeat(1000), 1, true);
        check(&"[".repeat(1000), 32, false);
    }
}
