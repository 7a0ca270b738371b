//! OLPC canonical JSON, the form of metadata that TUF signatures cover.
//!
//! Keys sorted, no white space, integers only, and of all characters only `"` and `\` escaped. It is not RFC 8785.

use serde_json::Value;

/// The value holds a number that is not an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("canonical JSON has integers only")]
pub(crate) struct NotAnInteger;

/// The canonical bytes of `value`.
pub(crate) fn canonical(value: &Value) -> Result<Vec<u8>, NotAnInteger> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotAnInteger> {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(b) => out.extend(b.to_string().bytes()),
        Value::Number(n) if n.is_i64() || n.is_u64() => out.extend(n.to_string().bytes()),
        Value::Number(_) => return Err(NotAnInteger),
        Value::String(s) => write_string(s, out),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                separate(i, out);
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            // UTF-8 sorts by bytes as it does by code points.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                separate(i, out);
                write_string(key, out);
                out.push(b':');
                write(item, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_have_one_form() {
        #[track_caller]
        fn check(value: Value, expect: &str) {
            assert_eq!(
                String::from_utf8(canonical(&value).unwrap()).unwrap(),
                expect
            );
        }
        check(
            json!({"b": 1, "a": [true, null, -2], "é": {}, "B": []}),
            r#"{"B":[],"a":[true,null,-2],"b":1,"é":{}}"#,
        );
        check(
            json!("tab\tnew\nline \"quoted\" back\\slash \u{7} /"),
            "\"tab\tnew\nline \\\"quoted\\\" back\\\\slash \u{7} /\"",
        );
        check(json!(u64::MAX), "18446744073709551615");
        assert_eq!(canonical(&json!([1.5])), Err(NotAnInteger));
    }
}
