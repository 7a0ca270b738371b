//! Strict JSON: what two readers could understand in two ways is refused before any of it is used.
//!
//! No key twice in an object, only integers that every language counts exactly, and a bound on nesting. The verifier in
//! the browser follows the same rules, so that both say the same of one file.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// 2^53 - 1, up to which also languages without integers count exactly (RFC 8259, 6).
const MOST: u64 = (1 << 53) - 1;

/// Why `bytes` are not JSON that can be understood in one way only; at most `depth` arrays and objects may nest.
pub(crate) fn strict(bytes: &[u8], depth: usize) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    Value { depth }
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|e| e.to_string())
}

/// A value below which so many levels may follow.
#[derive(Clone, Copy)]
struct Value {
    depth: usize,
}

impl Value {
    fn inside<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom("its JSON nests deeper than a reader follows")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        if number > MOST {
            return Err(E::custom("a number in it is larger than 2^53 - 1"));
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.visit_u64(number.unsigned_abs())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Err(E::custom("a number in it is no integer"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut keys = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(A::Error::custom(format!("it says {key:?} twice")));
            }
            keys.insert(key);
            entries.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_understood_in_two_ways_is_refused() {
        #[track_caller]
        fn check(text: &str, depth: usize, expect: bool) {
            let read = strict(text.as_bytes(), depth);
            assert_eq!(read.is_ok(), expect, "{text}: {read:?}");
        }
        check("1", 0, true);
        check("[]", 0, false);
        check(r#"{"a":[1,{"b":2}]}"#, 3, true);
        check(r#"{"a":[1,{"b":2}]}"#, 2, false);
        check(r#"["[[[[", "\"[[[", "\\"]"#, 1, true);
        check(&format!("[{}]", vec!["[]"; 1000].join(",")), 2, true);
        check(&"[".repeat(100_000), 32, false);
        check(r#"{"a":1,"b":{"a":2}}"#, 2, true);
        check(r#"{"a":1,"b":2,"a":1}"#, 2, false);
        check(r#"{"a":1,"\u0061":2}"#, 2, false);
        for number in ["9007199254740991", "-9007199254740991", "0", "null", "true"] {
            check(number, 0, true);
        }
        for number in [
            "9007199254740992",
            "-9007199254740992",
            "1.0",
            "1e2",
            "1e999",
            "-0",
            "99999999999999999999999",
        ] {
            check(number, 0, false);
        }
        for text in ["", "1 2", "\u{feff}1", "{\"a\":1} {}", "[1", "'a'"] {
            check(text, 9, false);
        }
        check(" [1]\r\n\t ", 1, true);
        assert!(strict(b"\"\xff\"", 1).is_err());
    }
}
