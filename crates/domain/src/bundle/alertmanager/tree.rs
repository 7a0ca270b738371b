//! YAML as a small tree in which everything knows where it stands. Aliases and merges are resolved, within limits, so
//! that each value has exactly one place.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use crate::bundle::problem::{Source, quoted};

/// Largest file, in bytes.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting.
const MAX_DEPTH: usize = 48;
/// Most values, those repeated by aliases included.
const MAX_NODES: usize = 100_000;
/// Most aliases.
const MAX_ALIASES: usize = 1_000;
/// Most text, that repeated by aliases included, in bytes.
const MAX_TEXT: usize = 2 * MAX_BYTES;

/// A value. Not printable: it may be, or hold, a secret.
#[derive(Clone)]
pub(super) struct Node {
    /// Where it begins, in bytes.
    pub(super) at: usize,
    pub(super) value: Value,
}

#[derive(Clone)]
pub(super) enum Value {
    /// A single value; without quotes it may be more than a text.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key begins, in bytes.
    pub(super) at: usize,
    pub(super) value: Node,
}

impl Node {
    /// Whether it says nothing.
    pub(super) fn is_null(&self) -> bool {
        match &self.value {
            Value::Scalar { text, plain } => {
                *plain && ["", "~", "null", "Null", "NULL"].contains(&text.as_str())
            }
            _ => false,
        }
    }

    /// How many values and how many bytes of text it holds.
    fn weight(&self) -> (usize, usize) {
        let sum = |(a, b): (usize, usize), (c, d): (usize, usize)| (a + c, b + d);
        match &self.value {
            Value::Scalar { text, .. } => (1, text.len()),
            Value::List(items) => items.iter().map(Self::weight).fold((1, 0), sum),
            Value::Map(entries) => entries
                .iter()
                .map(|e| sum(e.value.weight(), (0, e.key.len())))
                .fold((1, 0), sum),
        }
    }
}

/// Reads a file; `None` when its form is wrong or it holds nothing, which is reported.
pub(super) fn parse(source: Source<'_>) -> Option<Node> {
    if source.text.len() > MAX_BYTES {
        let what = format!("the file is larger than {MAX_BYTES} bytes");
        source.refuse(0, what, "make it smaller");
        return None;
    }
    let mut options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    let mut builder = Builder {
        source,
        parser: Parser::new_from_str_with_options(source.text, options),
        anchors: BTreeMap::new(),
        nodes: 0,
        text: 0,
        aliases: 0,
    };
    builder.document()
}

struct Builder<'a> {
    source: Source<'a>,
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    text: usize,
    aliases: usize,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    let what = "a second document begins here";
                    self.source
                        .refuse(at, what, "keep one document in the file");
                    return None;
                }
                Event::DocumentStart(..) => {
                    let (event, at) = self.next()?;
                    root = Some(self.node(event, at, 0)?);
                }
                _ => return None,
            }
        }
        let root = root.filter(|root| !root.is_null());
        if root.is_none() {
            let todo = "write at least route and receivers";
            self.source.refuse(0, "the file is empty", todo);
        }
        root
    }

    /// The next event and where it begins.
    fn next(&mut self) -> Option<(Event<'a>, usize)> {
        match self.parser.next_event()? {
            Ok((event, span)) => Some((event, start(&span))),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or_default();
                self.source
                    .refuse(at, error.info(), "correct the YAML syntax");
                None
            }
        }
    }

    fn node(&mut self, event: Event<'a>, at: usize, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            let what = format!("values are nested deeper than {MAX_DEPTH} levels");
            self.source.refuse(at, what, "flatten them");
            return None;
        }
        let (value, anchor) = match event {
            Event::Alias(id) => return self.alias(id, at),
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = self.tag(tag.as_deref(), at)? == Some("str");
                self.count(1, text.len(), at)?;
                let plain = style == ScalarStyle::Plain && !is_text;
                let text = text.into_owned();
                (Value::Scalar { text, plain }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), at)?;
                self.count(1, 0, at)?;
                (Value::List(self.items(depth)?), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), at)?;
                self.count(1, 0, at)?;
                (Value::Map(self.entries(depth)?), anchor)
            }
            _ => return None,
        };
        let node = Node { at, value };
        if anchor != 0 {
            let (nodes, text) = node.weight();
            self.count(nodes, text, at)?;
            self.anchors.insert(anchor, node.clone());
        }
        Some(node)
    }

    fn alias(&mut self, id: usize, at: usize) -> Option<Node> {
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            let what = format!("there are more than {MAX_ALIASES} aliases");
            self.source.refuse(at, what, "write the values out");
            return None;
        }
        let Some(target) = self.anchors.get(&id) else {
            let what = "this alias stands within the value that it names";
            self.source.refuse(at, what, "write the value out");
            return None;
        };
        let (nodes, text) = target.weight();
        let copy = target.clone();
        self.count(nodes, text, at)?;
        Some(copy)
    }

    fn items(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Some(items),
                (event, at) => items.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn entries(&mut self, depth: usize) -> Option<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        let mut names = BTreeSet::new();
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let is_plain = matches!(event, Event::Scalar(_, ScalarStyle::Plain, ..));
            let key = self.node(event, at, depth + 1)?;
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at, depth + 1)?;
            let Value::Scalar { text: key, .. } = key.value else {
                self.source
                    .refuse(at, "a key must be a text", "write a name");
                return None;
            };
            if key == "<<" && is_plain {
                self.merge(value, &mut merged)?;
            } else if names.insert(key.clone()) {
                entries.push(Entry { key, at, value });
            } else {
                let what = format!("{} stands here twice", quoted(&key));
                self.source.refuse(at, what, "keep one of the two");
            }
        }
        // What stands here itself wins over what is merged in; of that, what was merged first.
        for entry in merged {
            if names.insert(entry.key.clone()) {
                entries.push(entry);
            }
        }
        Some(entries)
    }

    fn merge(&self, value: Node, merged: &mut Vec<Entry>) -> Option<()> {
        let maps = match value.value {
            Value::List(items) => items,
            other => vec![Node {
                at: value.at,
                value: other,
            }],
        };
        for node in maps {
            let Value::Map(entries) = node.value else {
                let what = "only a mapping can be merged in";
                self.source
                    .refuse(node.at, what, "write an alias of a mapping behind <<");
                return None;
            };
            merged.extend(entries);
        }
        Some(())
    }

    /// The name of a core tag; others are refused.
    fn tag(&self, tag: Option<&Tag>, at: usize) -> Option<Option<&'static str>> {
        let Some(tag) = tag else { return Some(None) };
        let known = ["str", "int", "float", "bool", "null", "seq", "map"];
        let found = tag.core_suffix();
        let found = known.into_iter().find(|name| found == Some(*name));
        if found.is_none() && tag.original() != "!" {
            let what = format!("the tag {} is not known", quoted(&tag.original()));
            self.source.refuse(at, what, "remove it");
            return None;
        }
        Some(found.or(Some("str")))
    }

    fn count(&mut self, nodes: usize, text: usize, at: usize) -> Option<()> {
        self.nodes += nodes;
        self.text += text;
        if self.nodes > MAX_NODES || self.text > MAX_TEXT {
            let what = "the file holds too many values, those repeated by aliases included";
            self.source.refuse(at, what, "make it smaller");
            return None;
        }
        Some(())
    }
}

fn start(span: &Span) -> usize {
    span.start.byte_offset().unwrap_or_default()
}

/// The part of a path that names a key: `/` separates parts, so within one it is written `~1`.
pub(super) fn step(path: &str, key: &str) -> String {
    let key: Cow<'_, str> = if key.contains(['/', '~']) {
        key.replace('~', "~0").replace('/', "~1").into()
    } else {
        key.into()
    };
    if path.is_empty() {
        key.into_owned()
    } else {
        format!("{path}/{key}")
    }
}
