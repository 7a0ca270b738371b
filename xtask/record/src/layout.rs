//! JSON that is short and can be read: what fits on a line stays on it.

use serde::Serialize;

use crate::failure::Failure;

/// Longer than this, a list or an object is spread over lines.
const WIDTH: usize = 220;

/// Writes a value, its fields in the order of the type.
pub(crate) fn write(value: &impl Serialize) -> Result<String, Failure> {
    let compact = serde_json::to_string(value)
        .map_err(|error| Failure::Unexpected(format!("a recording is not JSON: {error}")))?;
    let mut out = String::new();
    spread(&compact, 0, &mut out);
    out.push('\n');
    Ok(out)
}

fn spread(text: &str, depth: usize, out: &mut String) {
    let open = text.chars().next().unwrap_or_default();
    let inner = text.get(1..text.len() - 1).unwrap_or_default();
    let (key, value) = if open == '"' {
        field(text)
    } else {
        (None, text)
    };
    if let Some(key) = key {
        out.push_str(key);
        out.push_str(": ");
        return spread(value, depth, out);
    }
    let lines = inner.starts_with('"') && open == '[' && inner.len() > 60;
    if !matches!(open, '{' | '[') || (text.len() + 2 * depth <= WIDTH && !lines) {
        out.push_str(text);
        return;
    }
    out.push(open);
    for (i, part) in parts(inner).into_iter().enumerate() {
        out.push_str(if i > 0 { ",\n" } else { "\n" });
        out.push_str(&"  ".repeat(depth + 1));
        spread(part, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(if open == '{' { '}' } else { ']' });
}

/// Splits `"key":value`; a text alone has no key.
fn field(text: &str) -> (Option<&str>, &str) {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                return match text[i + 1..].strip_prefix(':') {
                    Some(value) => (Some(&text[..=i]), value),
                    None => (None, text),
                };
            }
            _ => {}
        }
    }
    (None, text)
}

/// Splits at the commas that lie neither in a text nor in a list or object within.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut depth) = (Vec::new(), 0, 0);
    let (mut quoted, mut escaped) = (false, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[from..i]);
                from = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_spread_says_the_same() {
        let long = "x,{\"y".repeat(40);
        let value = json!({"a": [1, {"b": long}, []], "c\"": {"d": [long, "e:"]}, "f": "g:h"});
        let text = write(&value).unwrap();
        assert!(text.lines().count() > 5, "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn what_is_short_stays_on_its_line() {
        assert_eq!(write(&json!({"a": [1, 2]})).unwrap(), "{\"a\":[1,2]}\n");
    }
}
