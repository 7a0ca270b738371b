//! When what is signed stops to hold, for people, programs and calendars.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;
use stentor_engine::{Clock, SystemClock, WordPlaces};
use stentor_publish::{Expiry, Names, expiries};

use super::{failed, founded};
use crate::failure::{Failure, print, say};

/// Show when each role and its keys stop to count, and when to sign them anew.
///
/// With --check the exit code is 1 when half of a life is over and nobody signed anew.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key calendar\n  stentor key calendar --check\n  stentor key calendar --output ics > keys.ics"
)]
pub(crate) struct Calendar {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    output: Form,
    /// Exit with 1 when something should have been signed anew
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lines
    #[default]
    Text,
    /// JSON
    Json,
    /// iCalendar, for what people sign
    Ics,
}

impl Calendar {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        founded(word)?;
        let all = expiries(&word.repository).map_err(Failure::new)?;
        let names = Names::load(&word.repository).map_err(failed)?;
        let now = SystemClock.now();
        print(&match self.output {
            Form::Text => text(&all, &names, now),
            Form::Json => {
                serde_json::to_string_pretty(&values(&all, &names, now)).map_err(Failure::new)?
            }
            Form::Ics => ics(&all, now).trim_end().to_owned(),
        });
        let late: Vec<&str> = all
            .iter()
            .filter(|e| e.alarm <= now)
            .map(|e| e.role.as_str())
            .collect();
        if late.is_empty() || !self.check {
            return Ok(ExitCode::SUCCESS);
        }
        say(&format!(
            "half of the life of {} is over: for root and targets, stentor key renew; for the others, look at the server",
            late.join(", ")
        ));
        Ok(ExitCode::FAILURE)
    }
}

/// In a word, how it stands.
fn standing(expiry: &Expiry, now: Timestamp) -> &'static str {
    if expiry.expires <= now {
        "EXPIRED"
    } else if expiry.alarm <= now {
        "SIGN ANEW"
    } else {
        "good"
    }
}

fn days(expiry: &Expiry, now: Timestamp) -> i64 {
    (expiry.expires.as_second() - now.as_second()).div_euclid(86_400)
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

fn text(all: &[Expiry], names: &Names, now: Timestamp) -> String {
    let mut lines = vec![format!(
        "{:<16} {:>7}  {:<16}  {:<16}  {:>9}  state",
        "role", "version", "half over (UTC)", "expires (UTC)", "days left"
    )];
    for expiry in all {
        lines.push(format!(
            "{:<16} {:>7}  {:<16}  {:<16}  {:>9}  {}",
            expiry.role,
            expiry.version,
            minute(expiry.half_life),
            minute(expiry.expires),
            days(expiry, now),
            standing(expiry, now)
        ));
        for id in &expiry.keys {
            lines.push(format!("    {}  {}", id.short(), names.of(id)));
        }
    }
    lines.join("\n")
}

fn values(all: &[Expiry], names: &Names, now: Timestamp) -> serde_json::Value {
    let value = |e: &Expiry| {
        let keys: Vec<_> = e
            .keys
            .iter()
            .map(|id| json!({"id": id, "holder": names.of(id)}))
            .collect();
        json!({
            "role": e.role,
            "version": e.version,
            "expires": e.expires.to_string(),
            "half_life": e.half_life.to_string(),
            "days_left": days(e, now),
            "sign_anew": e.alarm <= now,
            "expired": e.expires <= now,
            "offline": e.offline,
            "threshold": e.threshold,
            "keys": keys,
        })
    };
    all.iter().map(value).collect()
}

/// Appointments for what people sign; what machines sign moves every hour and belongs in no calendar (RFC 5545).
fn ics(all: &[Expiry], now: Timestamp) -> String {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut out = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Stentor//keys//EN\r\n");
    for expiry in all.iter().filter(|e| e.offline) {
        let (role, version) = (&expiry.role, expiry.version);
        for (what, at, summary) in [
            (
                "half",
                expiry.half_life,
                format!("Stentor: sign {role} anew"),
            ),
            ("end", expiry.expires, format!("Stentor: {role} expires")),
        ] {
            let from = at.strftime("%Y%m%d").to_string();
            out += &format!(
                "BEGIN:VEVENT\r\nUID:{role}-{version}-{what}-{from}@stentor.invalid\r\nDTSTAMP:{stamp}\r\n\
                 DTSTART;VALUE=DATE:{from}\r\nSUMMARY:{summary}\r\nDESCRIPTION:stentor key renew\r\nTRANSP:TRANSPARENT\r\n\
                 END:VEVENT\r\n"
            );
        }
    }
    out + "END:VCALENDAR\r\n"
}
