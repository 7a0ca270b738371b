//! Pings as healthchecks.io takes them: `/ping/UUID` and `/ping/KEY/SLUG`, by any method, with `/start`, `/fail`, `/log`
//! or an exit status behind.

use stentor_domain::heartbeat::Signal;
use stentor_domain::uuid::Uuid;

use crate::query;

/// Bytes of a body that are kept.
pub const MAX_BODY: usize = 10_000;

/// The header that tells senders about [`MAX_BODY`], and its value.
pub const BODY_LIMIT: (&str, &str) = ("ping-body-limit", "10000");

/// One ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping<'a> {
    /// What it says.
    pub signal: Signal,
    /// Of which run: a UUID that the sender makes for each.
    pub rid: Option<Uuid>,
    /// Whether a slug that is not known is to be declared by this ping (`create=1`).
    pub create: bool,
    /// What was sent with it, cut to [`MAX_BODY`]. Bytes from strangers, of any encoding.
    pub body: &'a [u8],
    /// Whether the body was cut.
    pub truncated: bool,
}

/// A ping that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPing {
    /// There is no such address: 404.
    #[error("not found")]
    NotFound,
    /// The exit status is above 255: 400.
    #[error("invalid url format")]
    ExitStatus,
    /// The run's id is not a UUID: 400.
    #[error("invalid uuid format")]
    RunId,
    /// The query is too long: 400.
    #[error("the query is too long")]
    TooLong,
}

impl BadPing {
    /// The status of the answer; its text is the error's.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::ExitStatus | Self::RunId | Self::TooLong => 400,
        }
    }
}

impl<'a> Ping<'a> {
    /// Reads what follows the check in an address (nothing, `start`, `fail`, `log` or an exit status, with or without a
    /// slash before and behind), its query, and the body.
    ///
    /// # Errors
    /// The address does not exist, or it names no exit status or run.
    pub fn read(tail: &str, query: &str, body: &'a [u8]) -> Result<Self, BadPing> {
        let tail = tail.strip_prefix('/').unwrap_or(tail);
        let signal = match tail.strip_suffix('/').unwrap_or(tail) {
            "" => Signal::Success,
            "start" => Signal::Start,
            "fail" => Signal::Fail,
            "log" => Signal::Log,
            number if number.bytes().all(|b| b.is_ascii_digit()) => {
                Signal::Exit(number.parse().map_err(|_| BadPing::ExitStatus)?)
            }
            _ => return Err(BadPing::NotFound),
        };
        let pairs = query::pairs(query).ok_or(BadPing::TooLong)?;
        let rid = query::last(&pairs, "rid").map(|text| text.parse().map_err(|_| BadPing::RunId));
        Ok(Self {
            signal,
            rid: rid.transpose()?,
            create: query::last(&pairs, "create") == Some("1"),
            body: &body[..body.len().min(MAX_BODY)],
            truncated: body.len() > MAX_BODY,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

    #[test]
    fn an_address_says_what_happened() {
        let check = |tail: &str, expect| {
            let found = Ping::read(tail, "", b"").map(|ping| ping.signal);
            assert_eq!(found, expect, "{tail}");
        };
        check("", Ok(Signal::Success));
        check("/", Ok(Signal::Success));
        check("/start", Ok(Signal::Start));
        check("fail", Ok(Signal::Fail));
        check("/log/", Ok(Signal::Log));
        check("/0", Ok(Signal::Exit(0)));
        check("/255", Ok(Signal::Exit(255)));
        check("/007", Ok(Signal::Exit(7)));
        check("/256", Err(BadPing::ExitStatus));
        check("/99999999999999999999999", Err(BadPing::ExitStatus));
        check("/-1", Err(BadPing::NotFound));
        check("/+1", Err(BadPing::NotFound));
        check("/Start", Err(BadPing::NotFound));
        check("/start/more", Err(BadPing::NotFound));
        check("//", Ok(Signal::Success));
    }

    #[test]
    fn a_query_names_the_run() {
        let check = |query: &str, expect: Result<(Option<&str>, bool), BadPing>| {
            let found = Ping::read("", query, b"");
            let found = found.map(|ping| (ping.rid.map(|rid| rid.to_string()), ping.create));
            let expect = expect.map(|(rid, create)| (rid.map(str::to_owned), create));
            assert_eq!(found, expect, "{query:.60}");
        };
        check("", Ok((None, false)));
        check(&format!("rid={RUN}"), Ok((Some(RUN), false)));
        check(
            &format!("rid={}&create=1", RUN.to_uppercase()),
            Ok((Some(RUN), true)),
        );
        check("create=true", Ok((None, false)));
        check("rid=", Err(BadPing::RunId));
        check("rid=1", Err(BadPing::RunId));
        check(&format!("rid={{{RUN}}}"), Err(BadPing::RunId));
        check(
            "rid=6ba7b810x9dad-11d1-80b4-00c04fd430c8",
            Err(BadPing::RunId),
        );
        check(
            "rid=6ba7b810-9dad-11d1-80b4-00c04fd430%C3%A4",
            Err(BadPing::RunId),
        );
        check(&"x".repeat(20_000), Err(BadPing::TooLong));
    }

    #[test]
    fn a_body_is_cut() {
        let body = vec![0xff; MAX_BODY + 1];
        let check = |len: usize, expect: (usize, bool)| {
            let ping = Ping::read("", "", &body[..len]).unwrap();
            assert_eq!((ping.body.len(), ping.truncated), expect);
        };
        check(0, (0, false));
        check(MAX_BODY, (MAX_BODY, false));
        check(MAX_BODY + 1, (MAX_BODY, true));
        assert_eq!(BODY_LIMIT.1, MAX_BODY.to_string());
    }
}
