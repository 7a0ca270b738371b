//! How Go prints values.

use minijinja::value::{Value, ValueKind};

use super::data::{List, Moment, Pairs, Record, Span};
use super::{MAX_OUTPUT, Wrong, layout};

/// Widest field and longest precision of `printf`.
const MAX_WIDTH: usize = 1_000;

/// A value as `%v` prints it; what it is when it cannot be.
pub(super) fn plain(value: &Value) -> Result<String, Wrong> {
    if let Some(text) = value.as_str() {
        return Ok(text.to_owned());
    }
    if let Some(list) = value.downcast_object_ref::<List>() {
        let mut text = String::from("[");
        for (at, item) in list.items.iter().enumerate() {
            if at > 0 {
                text.push(' ');
            }
            grow(&mut text, &plain(item)?)?;
        }
        return Ok(text + "]");
    }
    if let Some(pairs) = value.downcast_object_ref::<Pairs>() {
        let pairs: Vec<_> = pairs.0.iter().map(|(n, v)| format!("{n}:{v}")).collect();
        return Ok(format!("map[{}]", pairs.join(" ")));
    }
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        let text = layout::format(moment, layout::PLAIN);
        return text.ok_or_else(|| Wrong::new("a time beyond the calendar"));
    }
    if let Some(span) = value.downcast_object_ref::<Span>() {
        return Ok(span.to_string());
    }
    if let Some(record) = value.downcast_object_ref::<Record>() {
        // A name and its value print in this order; larger records are shown by their fields.
        if let (2, Some(name), Some(value)) =
            (record.0.len(), record.0.get("Name"), record.0.get("Value"))
        {
            return Ok(format!("{{{} {}}}", plain(name)?, plain(value)?));
        }
        return Err(Wrong::new(
            "an alert or everything cannot be printed as a whole",
        ));
    }
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => Ok("<no value>".to_owned()),
        ValueKind::Bool => Ok(value.is_true().to_string()),
        ValueKind::Number => Ok(number(value)),
        other => Err(Wrong::new(format!("a {other} cannot be printed"))),
    }
}

/// Adds to a text that may not grow without limit.
fn grow(text: &mut String, more: &str) -> Result<(), Wrong> {
    if text.len() + more.len() > MAX_OUTPUT {
        return Err(Wrong::new(format!(
            "a text is longer than {MAX_OUTPUT} bytes"
        )));
    }
    text.push_str(more);
    Ok(())
}

/// Whole floating-point numbers are shown as whole, very small and very large ones with an exponent of two digits.
fn number(value: &Value) -> String {
    let float = match f64::try_from(value.clone()) {
        Ok(float) if !value.is_integer() => float,
        _ => return value.to_string(),
    };
    let size = float.abs();
    if size == 0.0 || (1e-4..1e21).contains(&size) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Like `plain`, with a space between values of which neither is a text (`print`), or between all (`println`).
pub(super) fn joined(values: &[Value], always: bool) -> Result<String, Wrong> {
    let mut text = String::new();
    for (i, value) in values.iter().enumerate() {
        let texts = i > 0 && (value.as_str().is_some() || values[i - 1].as_str().is_some());
        if i > 0 && (always || !texts) {
            text.push(' ');
        }
        grow(&mut text, &plain(value)?)?;
    }
    Ok(text)
}

/// What `printf` does with a verb's flags.
#[derive(Default)]
struct Flags {
    left: bool,
    zeros: bool,
    plus: bool,
    width: usize,
    precision: Option<usize>,
}

/// `printf`; `escape` is applied to the texts among the arguments. What does not fit is written into the text, as Go
/// does it.
pub(super) fn printf(
    format: &str,
    arguments: &[Value],
    escape: impl Fn(String, &Value) -> String,
) -> Result<String, Wrong> {
    let mut text = String::new();
    let mut rest = format;
    let mut arguments = arguments.iter();
    while let Some(at) = rest.find('%') {
        grow(&mut text, &rest[..at])?;
        rest = &rest[at + 1..];
        let flags = flags(&mut rest)?;
        let Some(verb) = rest.chars().next() else {
            text.push_str("%!(NOVERB)");
            break;
        };
        rest = &rest[verb.len_utf8()..];
        if verb == '%' {
            text.push('%');
            continue;
        }
        let Some(value) = arguments.next() else {
            grow(&mut text, &format!("%!{verb}(MISSING)"))?;
            continue;
        };
        let shown = match verb_of(verb, value, &flags)? {
            Some(shown) => padded(&escape(shown, value), &flags, value.as_str().is_none()),
            None => format!("%!{verb}({})", escape(typed(value)?, value)),
        };
        grow(&mut text, &shown)?;
    }
    grow(&mut text, rest)?;
    if arguments.len() > 0 {
        let extra: Result<Vec<String>, Wrong> = arguments
            .map(|value| typed(value).map(|shown| escape(shown, value)))
            .collect();
        grow(&mut text, &format!("%!(EXTRA {})", extra?.join(", ")))?;
    }
    Ok(text)
}

/// A value with Go's name of its type.
fn typed(value: &Value) -> Result<String, Wrong> {
    let name = if value.as_str().is_some() {
        "string"
    } else if value.is_integer() {
        "int"
    } else if value.is_number() {
        "float64"
    } else if value.kind() == ValueKind::Bool {
        "bool"
    } else if matches!(value.kind(), ValueKind::None | ValueKind::Undefined) {
        return Ok("<nil>".to_owned());
    } else {
        return Err(Wrong::new("printf: a verb does not print this value"));
    };
    Ok(format!("{name}={}", plain(value)?))
}

fn flags(rest: &mut &str) -> Result<Flags, Wrong> {
    let mut flags = Flags::default();
    let number = |rest: &mut &str| -> Result<usize, Wrong> {
        let end = rest.find(|c: char| !c.is_ascii_digit());
        let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
        *rest = after;
        match digits.parse() {
            _ if digits.is_empty() => Ok(0),
            Ok(number) if number <= MAX_WIDTH => Ok(number),
            _ => Err(Wrong::new(format!("printf: wider than {MAX_WIDTH}"))),
        }
    };
    loop {
        match rest.chars().next() {
            Some('-') => flags.left = true,
            Some('0') => flags.zeros = true,
            Some('+') => flags.plus = true,
            _ => break,
        }
        *rest = &rest[1..];
    }
    flags.width = number(rest)?;
    if let Some(after) = rest.strip_prefix('.') {
        *rest = after;
        flags.precision = Some(number(rest)?);
    }
    Ok(flags)
}

/// What a verb makes of a value; `None` when it does not print such values.
fn verb_of(verb: char, value: &Value, flags: &Flags) -> Result<Option<String>, Wrong> {
    let clipped = |text: String| match flags.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text,
    };
    let signed = |text: String| {
        let sign = if flags.plus && !text.starts_with('-') {
            "+"
        } else {
            ""
        };
        format!("{sign}{text}")
    };
    let plain_number = value.is_number() || value.kind() == ValueKind::Bool;
    let nothing = matches!(value.kind(), ValueKind::None | ValueKind::Undefined);
    Ok(match verb {
        'v' if nothing => Some("<nil>".to_owned()),
        'v' if value.as_str().is_some() => Some(clipped(plain(value)?)),
        'v' => Some(plain(value)?),
        's' if plain_number => None,
        's' if nothing => Some("%!s(<nil>)".to_owned()),
        's' => Some(clipped(plain(value)?)),
        'd' => match value.downcast_object_ref::<Span>() {
            Some(Span(ns)) => Some(signed(ns.to_string())),
            None if value.is_integer() => value.as_i64().map(|n| signed(n.to_string())),
            None => None,
        },
        'x' | 'X' => {
            let shown = match value.as_str() {
                Some(text) => Some(text.bytes().map(|byte| format!("{byte:02x}")).collect()),
                None if value.is_integer() => value.as_i64().map(|n| match n {
                    0.. => format!("{n:x}"),
                    _ => format!("-{:x}", n.unsigned_abs()),
                }),
                None => None,
            };
            shown.map(|text: String| {
                if verb == 'X' {
                    text.to_uppercase()
                } else {
                    text
                }
            })
        }
        't' if value.kind() == ValueKind::Bool => Some(plain(value)?),
        'f' | 'F' if value.is_number() && !value.is_integer() => {
            let number = f64::try_from(value.clone());
            let number = number.map_err(|error| Wrong::new(error.to_string()))?;
            let digits = flags.precision.unwrap_or(6);
            Some(signed(format!("{number:.digits$}")))
        }
        'q' => value.as_str().map(quoted).transpose()?,
        'e' | 'E' | 'g' | 'G' | 'b' | 'c' | 'o' | 'O' | 'U' | 'T' | 'p' | '#' | ' ' | '*' | '[' => {
            return Err(Wrong::new(format!("printf: %{verb} is not known here")));
        }
        _ => None,
    })
}

/// A text as Go writes it in quotes; characters that Go would write as codes are refused.
fn quoted(text: &str) -> Result<String, Wrong> {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_ascii() && c.is_control() => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c if c.is_ascii() || c.is_alphanumeric() => quoted.push(c),
            _ => return Err(Wrong::new("printf: %q does not print this character")),
        }
    }
    quoted.push('"');
    Ok(quoted)
}

fn padded(text: &str, flags: &Flags, number: bool) -> String {
    let missing = flags.width.saturating_sub(text.chars().count());
    if flags.left {
        return format!("{text}{}", " ".repeat(missing));
    }
    if !flags.zeros || !number {
        return format!("{}{text}", " ".repeat(missing));
    }
    let digits = text.trim_start_matches(['+', '-']);
    let sign = &text[..text.len() - digits.len()];
    format!("{sign}{}{digits}", "0".repeat(missing))
}
