//! Finds the alerts of a batch before any of them is parsed: depth and count are bounded here, and one alert that
//! cannot be parsed does not lose the others.

use super::{MAX_ALERTS, MAX_DEPTH, Unreadable};

/// The elements of a JSON array, unparsed. Whether each is valid JSON is for the caller to find out.
pub(crate) fn items(body: &[u8]) -> Result<Vec<&[u8]>, Unreadable> {
    let body = body.trim_ascii();
    if body.first() != Some(&b'[') {
        return Err(Unreadable::NotAnArray);
    }
    let mut items = Vec::new();
    let mut depth = 0_usize;
    let mut start = 1;
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => at = end_of_text(body, at)?,
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Unreadable::TooDeep);
                }
            }
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return finish(body, items, start, at);
                }
            }
            b',' if depth == 1 => {
                push(&mut items, &body[start..at])?;
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    Err(Unreadable::CutOff)
}

/// Whether any JSON holds `most` values at most and nests no deeper than allowed, so that parsing it is safe.
pub(crate) fn bounds(body: &[u8], most: usize) -> Result<(), Unreadable> {
    let (mut depth, mut values) = (0_usize, 1_usize);
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => at = end_of_text(body, at)?,
            b'[' | b'{' => {
                depth += 1;
                values += 1;
            }
            b',' => values += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(Unreadable::TooDeep);
        }
        if values > most {
            return Err(Unreadable::TooLong(most));
        }
        at += 1;
    }
    Ok(())
}

fn finish<'a>(
    body: &'a [u8],
    mut items: Vec<&'a [u8]>,
    start: usize,
    end: usize,
) -> Result<Vec<&'a [u8]>, Unreadable> {
    if end + 1 != body.len() {
        return Err(Unreadable::Trailing);
    }
    let last = &body[start..end];
    if !(items.is_empty() && last.trim_ascii().is_empty()) {
        push(&mut items, last)?;
    }
    Ok(items)
}

fn push<'a>(items: &mut Vec<&'a [u8]>, item: &'a [u8]) -> Result<(), Unreadable> {
    if items.len() == MAX_ALERTS {
        return Err(Unreadable::TooMany);
    }
    items.push(item);
    Ok(())
}

/// The place of the closing quote of the text that begins at `start`.
fn end_of_text(body: &[u8], start: usize) -> Result<usize, Unreadable> {
    let mut at = start + 1;
    loop {
        match body.get(at).ok_or(Unreadable::CutOff)? {
            b'"' => return Ok(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_falls_into_its_elements() {
        let check = |body: &str, expect: Result<&[&str], Unreadable>| {
            let found = items(body.as_bytes());
            let expect = expect.map(|e| e.iter().map(|i| i.as_bytes()).collect::<Vec<_>>());
            assert_eq!(found, expect, "{body}");
        };
        check("[]", Ok(&[]));
        check(" [ ]\n", Ok(&[]));
        check("[1,{\"a\":[2,3]}]", Ok(&["1", "{\"a\":[2,3]}"]));
        check(
            r#"["a]\",",{"]":","}]"#,
            Ok(&[r#""a]\",""#, r#"{"]":","}"#]),
        );
        check("[1,]", Ok(&["1", ""]));
        check("[{]}]", Err(Unreadable::Trailing));
        check("", Err(Unreadable::NotAnArray));
        check("null", Err(Unreadable::NotAnArray));
        check("{}", Err(Unreadable::NotAnArray));
        check("[1", Err(Unreadable::CutOff));
        check("[\"", Err(Unreadable::CutOff));
        check("[\"\\", Err(Unreadable::CutOff));
        check("[1] [2]", Err(Unreadable::Trailing));
    }

    #[test]
    fn any_json_is_bounded() {
        let check = |body: &[u8], expect| assert_eq!(bounds(body, 1_000), expect);
        check(b"", Ok(()));
        check(br#"{"a":[1,"]]]]",{"b":null}]}"#, Ok(()));
        check(b"]]]]", Ok(()));
        check(b"\"", Err(Unreadable::CutOff));
        check(&[b'['; 1 << 20], Err(Unreadable::TooDeep));
        check("[{".repeat(MAX_DEPTH).as_bytes(), Err(Unreadable::TooDeep));
        check(&[b','; 999], Ok(()));
        check(&[b','; 1_000], Err(Unreadable::TooLong(1_000)));
        check(&b"[]".repeat(1_000), Err(Unreadable::TooLong(1_000)));
    }

    #[test]
    fn depth_and_count_are_bounded() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(items(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(
            items(nested(MAX_DEPTH + 1).as_bytes()),
            Err(Unreadable::TooDeep)
        );
        // Never recurses, however deep it is.
        assert_eq!(items(&[b'['; 1 << 20]), Err(Unreadable::TooDeep));
        let many = |n: usize| format!("[{}1]", "1,".repeat(n - 1));
        assert_eq!(
            items(many(MAX_ALERTS).as_bytes()).map(|i| i.len()),
            Ok(MAX_ALERTS)
        );
        assert_eq!(
            items(many(MAX_ALERTS + 1).as_bytes()),
            Err(Unreadable::TooMany)
        );
    }
}
