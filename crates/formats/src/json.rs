//! JSON from outside, taken apart only as far as somebody asks for a part of it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::batch::{MAX_VALUES, Pairs, Text, Unreadable, bounds, told};

/// Longest value repeated in a message, in characters.
const MAX_SHOWN: usize = 60;

/// The members of an object, unparsed. Of a repeated name the last counts.
#[derive(Debug, Default)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// The object that a whole body is.
    pub(crate) fn of_body(body: &'a [u8]) -> Result<Self, Unreadable> {
        bounds(body, MAX_VALUES)?;
        serde_json::from_slice(body).map_err(|e| Unreadable::Json(told(&e)))
    }

    /// The object that a value is; `None` when it is none.
    pub(crate) fn of(value: &'a RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok()
    }

    /// A member that is not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.iter().rev().find(|(n, _)| n == name)?;
        Some(*value).filter(|value| value.get() != "null")
    }

    /// Names and values, repeated ones too.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Cow<'a, str>, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name, *value))
    }

    /// A member that is a text, a number or a truth; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> Result<Cow<'a, str>, String> {
        let Some(value) = self.get(name) else {
            return Ok(Cow::Borrowed(""));
        };
        scalar(value).ok_or_else(|| format!("{name} is {}, where a text is expected", unfit(value)))
    }

    /// A member that is an object of texts, numbers and truths; empty when there is none.
    pub(crate) fn pairs(&self, name: &str) -> Result<Pairs<'a>, String> {
        let mut pairs = Pairs::default();
        let Some(value) = self.get(name) else {
            return Ok(pairs);
        };
        let members = Object::of(value).ok_or_else(|| {
            let found = kind(value);
            format!("{name} is {found}, where an object of texts is expected")
        })?;
        for (member, value) in members.0 {
            if value.get() == "null" {
                continue;
            }
            let text = scalar(value).ok_or_else(|| {
                let member = shown(&member);
                format!(
                    "{name}: {member} is {}, where a text is expected",
                    unfit(value)
                )
            })?;
            pairs.push(member, text);
        }
        Ok(pairs)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pick;
        impl<'de> Visitor<'de> for Pick {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some((name, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push((name.0, value));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Pick)
    }
}

/// A text, number or truth as text; numbers as they are written. `None` for anything else.
pub(crate) fn scalar(value: &RawValue) -> Option<Cow<'_, str>> {
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str::<Text<'_>>(value.get())
            .ok()
            .map(|text| text.0),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(value.get())),
    }
}

/// What a value is, for messages.
pub(crate) fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') | None => "nothing",
        _ => "a number",
    }
}

/// What a value is that is no [`scalar`], for messages.
pub(crate) fn unfit(value: &RawValue) -> &'static str {
    match kind(value) {
        "a text" => "half a surrogate pair",
        other => other,
    }
}

/// Text from outside as it may stand in a message.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_and_the_last_of_a_name_counts() {
        let object = Object::of_body(br#" {"a":1,"b":{"c":"x"},"a":"two\n","n":null} "#).unwrap();
        assert_eq!(object.text("a").as_deref(), Ok("two\n"));
        assert_eq!(object.text("n").as_deref(), Ok(""));
        assert_eq!(object.text("missing").as_deref(), Ok(""));
        assert_eq!(
            object.text("b").as_deref(),
            Err(&"b is an object, where a text is expected".to_owned())
        );
        assert_eq!(object.iter().count(), 4);
        let inner = Object::of(object.get("b").unwrap()).unwrap();
        assert_eq!(inner.text("c").as_deref(), Ok("x"));
        assert!(Object::of(object.get("a").unwrap()).is_none());
    }

    #[test]
    fn numbers_stay_as_they_are_written() {
        let object =
            Object::of_body(br#"{"a":1.50,"b":1e999,"c":-0,"d":true,"e":"\ud800"}"#).unwrap();
        let check = |name: &str, text: &str| assert_eq!(object.text(name).as_deref(), Ok(text));
        check("a", "1.50");
        check("b", "1e999");
        check("c", "-0");
        check("d", "true");
        assert!(
            object.text("e").is_err(),
            "half a surrogate pair is no text"
        );
    }

    #[test]
    fn what_is_not_an_object_says_where() {
        let check = |body: &[u8], expect: &str| {
            let error = Object::of_body(body).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        };
        check(b"", "EOF while parsing a value at line 1 column 0");
        check(b"[]", "expected an object at line 1 column");
        check(b"{\n\"a\":tru}", "at line 2 column");
        check(b"{} {}", "trailing characters at line 1 column 4");
        check(b"{\"a\":\"\xff\"}", "line 1");
        check(b"{\"a\":\"", "cut off");
        check("{\"a\":".repeat(100).as_bytes(), "deeper than");
    }
}
