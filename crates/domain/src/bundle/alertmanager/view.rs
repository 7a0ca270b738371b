//! Looking at a value of the tree together with its place: for problems by line, for secrets by path.

use super::tree::{Node, Value, step};
use crate::bundle::problem::Source;

/// A value and its place.
#[derive(Clone)]
pub(super) struct View<'a> {
    node: &'a Node,
    /// Where problems with it are shown.
    at: usize,
    /// Keys and numbers from the top, for instance `receivers/0/name`.
    pub(super) path: String,
    pub(super) source: Source<'a>,
}

impl<'a> View<'a> {
    /// The whole file.
    pub(super) fn root(node: &'a Node, source: Source<'a>) -> Self {
        Self {
            node,
            at: node.at,
            path: String::new(),
            source,
        }
    }

    /// Reports a problem with it.
    pub(super) fn refuse(&self, what: impl Into<String>, todo: impl Into<String>) {
        self.source.refuse(self.at, what, todo);
    }

    /// Whether no further problem would be taken, so that describing one is in vain.
    pub(super) fn is_full(&self) -> bool {
        self.source.problems.full()
    }

    /// Line and column, both from 1.
    pub(super) fn position(&self) -> (u32, u32) {
        crate::bundle::problem::position(self.source.text, self.at)
    }

    pub(super) fn node(&self) -> &'a Node {
        self.node
    }

    /// The keys and what stands there, nothing included; where the keys stand. None when it is no mapping.
    pub(super) fn entries(&self) -> Vec<(&'a str, View<'a>, View<'a>)> {
        let Value::Map(entries) = &self.node.value else {
            return Vec::new();
        };
        let view = |at: usize, node: &'a Node, key: &str| View {
            node,
            at,
            path: step(&self.path, key),
            source: self.source,
        };
        let entries = entries.iter();
        entries
            .map(|e| {
                let key = view(e.at, &e.value, &e.key);
                (e.key.as_str(), key, view(e.value.at, &e.value, &e.key))
            })
            .collect()
    }

    /// What stands at a key; nothing counts as no value.
    pub(super) fn get(&self, key: &str) -> Option<View<'a>> {
        let Value::Map(entries) = &self.node.value else {
            return None;
        };
        let entry = entries.iter().find(|e| e.key == key)?;
        let found = View {
            node: &entry.value,
            at: entry.value.at,
            path: step(&self.path, key),
            source: self.source,
        };
        (!entry.value.is_null()).then_some(found)
    }

    /// Where a key stands.
    pub(super) fn key(&self, key: &str) -> View<'a> {
        let Value::Map(entries) = &self.node.value else {
            return self.clone();
        };
        let entry = entries.iter().find(|e| e.key == key);
        entry.map_or_else(
            || self.clone(),
            |entry| View {
                node: &entry.value,
                at: entry.at,
                path: step(&self.path, key),
                source: self.source,
            },
        )
    }

    /// The items, when it is a list.
    pub(super) fn items(&self) -> Vec<View<'a>> {
        let Value::List(items) = &self.node.value else {
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items
            .map(|(i, node)| View {
                node,
                at: node.at,
                path: step(&self.path, &i.to_string()),
                source: self.source,
            })
            .collect()
    }

    /// The items of the list at a key.
    pub(super) fn list(&self, key: &str) -> Vec<View<'a>> {
        self.get(key).map(|v| v.items()).unwrap_or_default()
    }

    /// The text, when it is a single value.
    pub(super) fn scalar(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, .. } if !self.node.is_null() => Some(text),
            _ => None,
        }
    }

    /// The text at a key, when it is not empty.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        let text = self.get(key)?.scalar()?;
        (!text.is_empty()).then_some(text)
    }

    /// The truth of a value without quotes.
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.node.value {
            Value::Scalar { text, plain: true } => match text.as_str() {
                "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y"
                | "Y" => Some(true),
                "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n"
                | "N" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The truth at a key.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.truth()
    }

    /// The whole number, when it is one without quotes.
    pub(super) fn whole(&self) -> Option<i64> {
        match &self.node.value {
            Value::Scalar { text, plain: true } => text.replace('_', "").parse().ok(),
            _ => None,
        }
    }

    /// Whether something that is not empty stands at a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some_and(|v| match &v.node.value {
            Value::Scalar { text, .. } => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Map(_) => true,
        })
    }

    /// Names and texts at a key.
    pub(super) fn pairs(&self, key: &str) -> Vec<(&'a str, View<'a>, &'a str)> {
        let entries = self.get(key).map(|v| v.entries()).unwrap_or_default();
        let pairs = entries.into_iter();
        pairs
            .map(|(name, key, value)| (name, key, value.scalar().unwrap_or_default()))
            .collect()
    }
}
