//! How Go prints values.

use minijinja::value::{Value, ValueKind};

use super::data::{List, Moment, Pairs, Record};
use super::layout;

/// Widest field and longest precision of `printf`.
const MAX_WIDTH: usize = 1_000;

/// A value as `%v` prints it; what it is when it cannot be.
pub(super) fn plain(value: &Value) -> Result<String, String> {
    if let Some(text) = value.as_str() {
        return Ok(text.to_owned());
    }
    if let Some(list) = value.downcast_object_ref::<List>() {
        let items: Result<Vec<_>, _> = list.items.iter().map(plain).collect();
        return Ok(format!("[{}]", items?.join(" ")));
    }
    if let Some(pairs) = value.downcast_object_ref::<Pairs>() {
        let pairs: Vec<_> = pairs.0.iter().map(|(n, v)| format!("{n}:{v}")).collect();
        return Ok(format!("map[{}]", pairs.join(" ")));
    }
    if let Some(Moment(ms)) = value.downcast_object_ref::<Moment>() {
        let text = layout::format(*ms, layout::PLAIN);
        return text.ok_or_else(|| "a time beyond the calendar".to_owned());
    }
    if let Some(record) = value.downcast_object_ref::<Record>() {
        // A name and its value print in this order; larger records are shown by their fields.
        if let (2, Some(name), Some(value)) =
            (record.0.len(), record.0.get("Name"), record.0.get("Value"))
        {
            return Ok(format!("{{{} {}}}", plain(name)?, plain(value)?));
        }
        return Err("an alert or everything cannot be printed as a whole".to_owned());
    }
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => Ok("<no value>".to_owned()),
        ValueKind::Bool => Ok(value.is_true().to_string()),
        ValueKind::Number => Ok(number(value)),
        other => Err(format!("a {other} cannot be printed")),
    }
}

/// Whole floating-point numbers are shown as whole.
fn number(value: &Value) -> String {
    match f64::try_from(value.clone()) {
        Ok(float) if !value.is_integer() && float.fract() == 0.0 => format!("{float:.0}"),
        _ => value.to_string(),
    }
}

/// Like `plain`, with a space between values of which neither is a text (`print`), or between all (`println`).
pub(super) fn joined(values: &[Value], always: bool) -> Result<String, String> {
    let mut text = String::new();
    for (i, value) in values.iter().enumerate() {
        let texts = i > 0 && (value.as_str().is_some() || values[i - 1].as_str().is_some());
        if i > 0 && (always || !texts) {
            text.push(' ');
        }
        text.push_str(&plain(value)?);
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

/// `printf`; `escape` is applied to the texts among the arguments.
pub(super) fn printf(
    format: &str,
    arguments: &[Value],
    escape: impl Fn(String, &Value) -> String,
) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = format;
    let mut arguments = arguments.iter();
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let flags = flags(&mut rest)?;
        let verb = rest.chars().next().ok_or("printf: % at the end")?;
        rest = &rest[verb.len_utf8()..];
        if verb == '%' {
            text.push('%');
            continue;
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("printf: no argument for %{verb}"))?;
        let shown = escape(verb_of(verb, value, &flags)?, value);
        text.push_str(&padded(&shown, &flags, value.as_str().is_none()));
    }
    if arguments.next().is_some() {
        return Err("printf: more arguments than verbs".to_owned());
    }
    text.push_str(rest);
    Ok(text)
}

fn flags(rest: &mut &str) -> Result<Flags, String> {
    let mut flags = Flags::default();
    let number = |rest: &mut &str| -> Result<usize, String> {
        let end = rest.find(|c: char| !c.is_ascii_digit());
        let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
        *rest = after;
        match digits.parse() {
            _ if digits.is_empty() => Ok(0),
            Ok(number) if number <= MAX_WIDTH => Ok(number),
            _ => Err(format!("printf: wider than {MAX_WIDTH}")),
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

fn verb_of(verb: char, value: &Value, flags: &Flags) -> Result<String, String> {
    let wrong = || format!("printf: %{verb} does not print this value");
    let clipped = |text: String| match flags.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text,
    };
    match verb {
        'v' if value.as_str().is_some() => Ok(clipped(plain(value)?)),
        'v' => plain(value),
        's' if value.is_number() || value.kind() == ValueKind::Bool => Err(wrong()),
        's' => Ok(clipped(plain(value)?)),
        'd' if value.is_integer() => {
            let number = value.as_i64().ok_or_else(wrong)?;
            let sign = if flags.plus && number >= 0 { "+" } else { "" };
            Ok(format!("{sign}{number}"))
        }
        't' if value.kind() == ValueKind::Bool => plain(value),
        'f' if value.is_number() && !value.is_integer() => {
            let number = f64::try_from(value.clone()).map_err(|_| wrong())?;
            let sign = if flags.plus && number >= 0.0 { "+" } else { "" };
            let digits = flags.precision.unwrap_or(6);
            Ok(format!("{sign}{number:.digits$}"))
        }
        'q' => quoted(value.as_str().ok_or_else(wrong)?),
        _ => Err(wrong()),
    }
}

/// A text as Go writes it in quotes; characters that Go would write as codes are refused.
fn quoted(text: &str) -> Result<String, String> {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_ascii() && c.is_control() => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c if c.is_ascii() || c.is_alphanumeric() => quoted.push(c),
            _ => return Err("printf: %q does not print this character".to_owned()),
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
