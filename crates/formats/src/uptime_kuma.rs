//! Pushes as Uptime Kuma takes them: `/api/push/TOKEN?status=up&msg=OK&ping=12`, by any method.

use serde::Serialize;

use crate::query;

/// Longest round trip that is taken, in milliseconds.
const MAX_PING_MS: f64 = 1e11;

/// Longest message that is kept, in characters.
const MAX_MESSAGE: usize = 1_000;

/// One push.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    /// Whether what pushes is well.
    pub up: bool,
    /// What it says; `OK` when it says nothing. Text from strangers.
    pub msg: String,
    /// How long something took, in milliseconds, when it says so.
    pub ping_ms: Option<f64>,
}

/// A push that is not taken. Uptime Kuma answers 404 to every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPush {
    /// The round trip is negative or too long.
    #[error("ping is not between 0 and 100000000000 milliseconds")]
    Ping,
    /// The query is too long.
    #[error("the query is too long")]
    TooLong,
}

impl Push {
    /// Reads the query of a push.
    ///
    /// # Errors
    /// The round trip is out of range, or the query is too long.
    pub fn read(query: &str) -> Result<Self, BadPush> {
        let pairs = query::pairs(query).ok_or(BadPush::TooLong)?;
        let said = |name| query::last(&pairs, name).filter(|value| !value.is_empty());
        let ping_ms = said("ping").and_then(number).filter(|ping| *ping != 0.0);
        if ping_ms.is_some_and(|ping| !(0.0..=MAX_PING_MS).contains(&ping)) {
            return Err(BadPush::Ping);
        }
        Ok(Self {
            up: said("status").is_none_or(|status| status == "up"),
            msg: said("msg")
                .unwrap_or("OK")
                .chars()
                .take(MAX_MESSAGE)
                .collect(),
            ping_ms,
        })
    }
}

/// The number with which a text begins, as JavaScript's `parseFloat` finds it: senders append units.
fn number(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".+-eE".contains(c)));
    let head = &text[..end.unwrap_or(text.len())];
    // A head such as "12e" is a number and a rest; its longest part that is a number counts.
    (1..=head.len().min(64))
        .rev()
        .find_map(|end| head[..end].parse().ok())
}

/// What is answered when a push was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    ok: bool,
}

impl Taken {
    /// The one answer there is.
    #[must_use]
    pub fn new() -> Self {
        Self { ok: true }
    }
}

impl Default for Taken {
    fn default() -> Self {
        Self::new()
    }
}

/// What is answered, with 404, when a push was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    ok: bool,
    msg: String,
}

impl Refused {
    /// With the reason.
    #[must_use]
    pub fn new(msg: impl Into<String>) -> Self {
        Self {
            ok: false,
            msg: msg.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_read_as_uptime_kuma_reads_it() {
        let check = |query: &str, up: bool, msg: &str, ping_ms: Option<f64>| {
            let push = Push {
                up,
                msg: msg.into(),
                ping_ms,
            };
            assert_eq!(Push::read(query), Ok(push), "{query}");
        };
        check("", true, "OK", None);
        check("status=up&msg=OK&ping=", true, "OK", None);
        check(
            "status=up&msg=a+b%20%C3%A9&ping=12.5",
            true,
            "a b é",
            Some(12.5),
        );
        check("status=down&msg=disk", false, "disk", None);
        check("status=UP", false, "OK", None);
        check("status=", true, "OK", None);
        check("status=up&status=down", false, "OK", None);
        check("ping=12ms", true, "OK", Some(12.0));
        check("ping=12e", true, "OK", Some(12.0));
        check("ping=0", true, "OK", None);
        check("ping=fast", true, "OK", None);
        check("msg=%ff%zz", true, "\u{fffd}%zz", None);
        check("&&=&x", true, "OK", None);
        check(
            &format!("msg={}", "ä".repeat(2_000)),
            true,
            &"ä".repeat(1_000),
            None,
        );
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let check = |query: &str, bad| assert_eq!(Push::read(query), Err(bad), "{query:.40}");
        check("ping=100000000001", BadPush::Ping);
        check("ping=-1", BadPush::Ping);
        check("ping=1e999", BadPush::Ping);
        check(&"a".repeat(20_000), BadPush::TooLong);
    }

    #[test]
    fn answers_have_the_known_form() {
        let taken = serde_json::to_string(&Taken::new()).unwrap();
        assert_eq!(taken, r#"{"ok":true}"#);
        let refused = serde_json::to_string(&Refused::new("no \"such\" token")).unwrap();
        assert_eq!(refused, r#"{"ok":false,"msg":"no \"such\" token"}"#);
    }
}
