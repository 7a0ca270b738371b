//! The form of a word about announced work or a false message: which text, what is filled in, where it stands, when.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use stentor_domain::announcement::{self, DenialWord, MaintenanceWord};
use stentor_domain::bulletin::MaintenanceStatus;
use stentor_domain::command::Command;
use stentor_domain::ids::{PersonId, ServiceId, TemplateId};
use stentor_domain::organisation::Organisation;
use stentor_domain::template::{Subject, UpdateTemplate};

use super::thing::About;
use super::update_form::{Field, texts};

/// A filled form. Times are kept as written, and as the moments that the preview showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    pub(super) template: String,
    pub(super) values: BTreeMap<String, String>,
    pub(super) status: String,
    pub(super) services: Vec<String>,
    pub(super) begins: String,
    pub(super) ends: String,
    pub(super) window_ms: Option<(i64, i64)>,
    pub(super) seen_at: String,
    pub(super) corrects: Option<u32>,
}

impl Filled {
    /// Reads the fields of a form.
    pub(super) fn read(mut fields: BTreeMap<String, String>) -> Self {
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let mut filled = Self {
            template: take("template"),
            status: take("status"),
            begins: take("begins").trim().to_owned(),
            ends: take("ends").trim().to_owned(),
            seen_at: take("seen_at").replace("\r\n", "\n").trim().to_owned(),
            corrects: take("corrects").parse().ok(),
            ..Self::default()
        };
        let (starts_ms, ends_ms) = (take("starts_ms").parse(), take("ends_ms").parse());
        filled.window_ms = starts_ms.ok().zip(ends_ms.ok());
        for (name, value) in fields {
            // Browsers send line ends as CR LF. What is left empty takes its default.
            let value = value.replace("\r\n", "\n").trim().to_owned();
            if let Some(service) = name.strip_prefix("service_") {
                filled.services.push(service.to_owned());
            } else if let Some(blank) = name.strip_prefix("blank_")
                && !value.is_empty()
            {
                filled.values.insert(blank.to_owned(), value);
            }
        }
        filled
    }

    /// The same, to be sent again from the preview; `window_ms` is what the preview showed.
    pub(super) fn fields(&self, window_ms: Option<(i64, i64)>) -> Vec<Field> {
        let mut fields = vec![
            Field::new("template", &self.template),
            Field::new("status", &self.status),
            Field::new("begins", &self.begins),
            Field::new("ends", &self.ends),
            Field::new("seen_at", &self.seen_at),
        ];
        if let Some((starts_ms, ends_ms)) = window_ms {
            fields.push(Field::new("starts_ms", &starts_ms.to_string()));
            fields.push(Field::new("ends_ms", &ends_ms.to_string()));
        }
        fields.extend(
            self.corrects
                .map(|n| Field::new("corrects", &n.to_string())),
        );
        let services = self.services.iter();
        fields.extend(services.map(|id| Field::new(&format!("service_{id}"), "on")));
        let values = self.values.iter();
        fields.extend(values.map(|(name, value)| Field::new(&format!("blank_{name}"), value)));
        fields
    }

    /// The same for changing it: what the preview showed is worked out anew.
    pub(super) fn again(mut self) -> Self {
        self.window_ms = None;
        self
    }

    /// The command; what is wrong with a time is said.
    pub(super) fn command(&self, about: About, by: &PersonId) -> Result<Command, String> {
        let text = announcement::Filled {
            template: TemplateId::from(self.template.as_str()),
            values: self.values.clone(),
        };
        let (corrects, by) = (self.corrects, by.clone());
        match about {
            About::Maintenance(id) => {
                let (starts_ms, ends_ms) = match self.window_ms {
                    Some((starts_ms, ends_ms)) => (Some(starts_ms), Some(ends_ms)),
                    None => (moment(&self.begins)?, moment(&self.ends)?),
                };
                let services = self.services.iter();
                Ok(Command::SpeakOfMaintenance(MaintenanceWord {
                    id,
                    services: services.map(|id| ServiceId::from(id.as_str())).collect(),
                    starts_ms,
                    ends_ms,
                    status: MaintenanceStatus::named(&self.status),
                    text,
                    corrects,
                    by,
                }))
            }
            About::Denial(id) => Ok(Command::SpeakOfDenial(DenialWord {
                id,
                seen_at: self.seen_at.lines().map(str::to_owned).collect(),
                circulates: match self.status.as_str() {
                    "circulating" => Some(true),
                    "ended" => Some(false),
                    _ => None,
                },
                text,
                corrects,
                by,
            })),
            About::Incident(_) => Err("this is about announced work or false messages".to_owned()),
        }
    }
}

/// A time as browsers send it, in UTC; none when the field was left empty.
fn moment(text: &str) -> Result<Option<i64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let plain = text.trim_end_matches('Z').trim();
    let time: Result<DateTime, _> = plain.parse();
    let time = time.ok().and_then(|t| t.to_zoned(TimeZone::UTC).ok());
    let time = time.map(|t| t.timestamp().as_millisecond());
    let wrong = || {
        let quoted: String = text.chars().take(40).collect();
        format!("{quoted:?} is not a time; write it in UTC as 2026-01-31 12:00")
    };
    time.map(Some).ok_or_else(wrong)
}

/// A choice of where it stands.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Choice {
    name: &'static str,
    words: &'static str,
}

/// Where something may stand, in words.
pub(super) fn statuses(subject: Subject, is_new: bool) -> Vec<Choice> {
    let choice = |name, words| Choice { name, words };
    match subject {
        Subject::Denial => vec![
            choice("circulating", "it circulates"),
            choice("ended", "it circulates no more"),
        ],
        _ => {
            let all = [
                choice("scheduled", "scheduled: it has not begun"),
                choice("in_progress", "in progress: it goes on"),
                choice("verifying", "verifying: it is done and being watched"),
                choice("completed", "completed: it is over"),
                choice("cancelled", "cancelled: it will not take place"),
            ];
            let offered = if is_new { 2 } else { all.len() };
            all.into_iter().take(offered).collect()
        }
    }
}

/// The text for a status: the one that announces it, else one that is near.
pub(super) fn fitting<'a>(
    organisation: &'a Organisation,
    subject: Subject,
    status: &str,
) -> Option<&'a UpdateTemplate> {
    let near: &[&str] = match status {
        "verifying" => &["in_progress"],
        "cancelled" => &["completed"],
        _ => &[],
    };
    std::iter::once(&status)
        .chain(near)
        .find_map(|wanted| texts(organisation, subject).find(|t| t.announces.name() == *wanted))
        .or_else(|| texts(organisation, subject).next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stentor_domain::ids::MaintenanceId;

    fn form(fields: &[(&str, &str)]) -> Filled {
        let fields = fields.iter();
        Filled::read(
            fields
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn times_are_in_utc_and_may_be_left_out() {
        let check = |text: &str, expect: Result<Option<i64>, ()>| {
            assert_eq!(moment(text).map_err(drop), expect, "{text:?}");
        };
        check("", Ok(None));
        check("2026-11-21T02:10", Ok(Some(1_795_227_000_000)));
        check("2026-11-21 02:10", Ok(Some(1_795_227_000_000)));
        check("2026-11-21T02:10:00Z", Ok(Some(1_795_227_000_000)));
        check("tomorrow", Err(()));
        check("2026-02-30 00:00", Err(()));
    }

    #[test]
    fn what_was_shown_is_what_is_said_and_what_is_changed_is_worked_out_anew() {
        let filled = form(&[
            ("template", "maintenance"),
            ("begins", "2026-11-21T02:10"),
            ("ends", ""),
            ("starts_ms", "5"),
            ("ends_ms", "6"),
            ("service_login", "on"),
            ("blank_effect", " a\r\nb "),
            ("blank_ask", " "),
            ("corrects", "2"),
        ]);
        let about = About::Maintenance(Some(MaintenanceId(1)));
        let command = filled.command(about, &"ada".into()).unwrap();
        let Command::SpeakOfMaintenance(word) = command else {
            unreachable!("it is about work");
        };
        assert_eq!((word.starts_ms, word.ends_ms), (Some(5), Some(6)));
        assert_eq!(
            (word.corrects, &*word.services),
            (Some(2), &["login".into()][..])
        );
        assert_eq!(word.text.values.len(), 1);
        let changed = filled.again().command(about, &"ada".into()).unwrap();
        let Command::SpeakOfMaintenance(word) = changed else {
            unreachable!("it is about work");
        };
        assert_eq!(
            (word.starts_ms, word.ends_ms),
            (Some(1_795_227_000_000), None)
        );
    }
}
