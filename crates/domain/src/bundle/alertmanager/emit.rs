//! Writing the tree as YAML: one plain form without comments, anchors and secrets, which old and new readers of YAML
//! understand alike.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::tree::{Node, Value, step};

/// Writes a tree; where `cuts` names a path, it writes that text instead.
pub(super) fn emit(root: &Node, cuts: &BTreeMap<String, String>) -> String {
    let mut writer = Writer {
        out: String::new(),
        cuts,
    };
    writer.block(root, "", 0, true);
    writer.out
}

struct Writer<'a> {
    out: String,
    cuts: &'a BTreeMap<String, String>,
}

impl Writer<'_> {
    /// Writes a value whose lines begin at `indent`; `started` when the first of them is begun already.
    fn block(&mut self, node: &Node, path: &str, indent: usize, mut started: bool) {
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => {
                for entry in entries {
                    self.begin(indent, &mut started);
                    key(&mut self.out, &entry.key);
                    self.out.push(':');
                    self.below(&entry.value, &step(path, &entry.key), indent);
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (i, item) in items.iter().enumerate() {
                    self.begin(indent, &mut started);
                    self.out.push('-');
                    let path = step(path, &i.to_string());
                    if is_block(item) {
                        self.out.push(' ');
                        self.block(item, &path, indent + 2, true);
                    } else {
                        self.below(item, &path, indent);
                    }
                }
            }
            _ => {
                self.begin(indent, &mut started);
                self.single(node, path);
                self.out.push('\n');
            }
        }
    }

    /// Writes the value of a key, on its line or below it.
    fn below(&mut self, node: &Node, path: &str, indent: usize) {
        if is_block(node) {
            self.out.push('\n');
            self.block(node, path, indent + 2, false);
        } else {
            self.out.push(' ');
            self.single(node, path);
            self.out.push('\n');
        }
    }

    fn begin(&mut self, indent: usize, started: &mut bool) {
        if !std::mem::take(started) {
            self.out.extend(std::iter::repeat_n(' ', indent));
        }
    }

    fn single(&mut self, node: &Node, path: &str) {
        let out = &mut self.out;
        match &node.value {
            Value::Map(_) => out.push_str("{}"),
            Value::List(_) => out.push_str("[]"),
            Value::Scalar { .. } if self.cuts.contains_key(path) => quote(out, &self.cuts[path]),
            Value::Scalar { .. } if node.is_null() => out.push_str("null"),
            Value::Scalar { text, plain: true } if is_harmless(text) => out.push_str(text),
            Value::Scalar { text, .. } => quote(out, text),
        }
    }
}

fn is_block(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => !entries.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Scalar { .. } => false,
    }
}

/// Whether a text means the same to every reader without quotes as it did before.
fn is_harmless(text: &str) -> bool {
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "_./+-".contains(c);
    text.chars().all(ordinary)
        && text.contains(|c: char| c.is_ascii_alphanumeric())
        && !text.starts_with("---")
        && !text.starts_with("...")
}

fn key(out: &mut String, key: &str) {
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(ordinary)
        && !key.eq_ignore_ascii_case("null");
    if plain {
        out.push_str(key);
    } else {
        quote(out, key);
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        // Writing to a String does not fail.
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' => write!(out, "\\x{:02x}", u32::from(c)),
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                write!(out, "\\u{:04x}", u32::from(c))
            }
            _ => write!(out, "{c}"),
        };
    }
    out.push('"');
}
