//! The words of the frame around the statements. They are ours, not the organisation's: calm, plain, checked once.
//!
//! A placeholder stands in braces. Every language has every word, which the compiler sees to.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod he;
mod pt;

use serde::Serialize;
use stentor_domain::bulletin::{Impact, Language, MaintenanceStatus, PublicStatus};

/// The frame in one language.
#[derive(Debug, Serialize)]
pub(super) struct Words {
    /// The language tag of the frame.
    pub(super) lang: &'static str,
    /// `ltr` or `rtl`.
    pub(super) dir: &'static str,
    /// Months inside a date.
    pub(super) months: [&'static str; 12],
    /// Months as a heading.
    pub(super) month_names: [&'static str; 12],
    pub(super) month_heading: &'static str,
    pub(super) day: &'static str,
    pub(super) date: &'static str,
    pub(super) clock: &'static str,
    pub(super) moment: &'static str,
    pub(super) clock_on: &'static str,
    pub(super) range: &'static str,
    pub(super) percent: &'static str,
    pub(super) decimal: &'static str,
    pub(super) comma: &'static str,
    pub(super) title: &'static str,
    pub(super) drill: &'static str,
    pub(super) drill_note: &'static str,
    pub(super) problem_none: &'static str,
    pub(super) problem_one: &'static str,
    pub(super) problem_many: &'static str,
    pub(super) headline: &'static str,
    pub(super) written: &'static str,
    pub(super) old: &'static str,
    pub(super) old_note: &'static str,
    pub(super) later_note: &'static str,
    pub(super) mirrors: &'static str,
    pub(super) languages: &'static str,
    pub(super) known_problems: &'static str,
    pub(super) everything: &'static str,
    pub(super) earlier: &'static str,
    pub(super) next_update: &'static str,
    pub(super) affected: &'static str,
    pub(super) denials: &'static str,
    pub(super) denials_note: &'static str,
    pub(super) seen_at: &'static str,
    pub(super) circulates: &'static str,
    pub(super) gone: &'static str,
    pub(super) maintenance: &'static str,
    pub(super) scheduled: &'static str,
    pub(super) in_progress: &'static str,
    pub(super) verifying: &'static str,
    pub(super) completed: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) services: &'static str,
    pub(super) calm: &'static str,
    pub(super) partial: &'static str,
    pub(super) total: &'static str,
    pub(super) bars: &'static str,
    pub(super) bar_calm: &'static str,
    pub(super) bar_unrecorded: &'static str,
    pub(super) share: &'static str,
    pub(super) reckoned: &'static str,
    pub(super) past: &'static str,
    pub(super) investigating: &'static str,
    pub(super) identified: &'static str,
    pub(super) monitoring: &'static str,
    pub(super) resolved: &'static str,
    pub(super) history: &'static str,
    pub(super) history_more: &'static str,
    pub(super) history_until: &'static str,
    pub(super) history_calm: &'static str,
    pub(super) left_out: &'static str,
    pub(super) channels: &'static str,
    pub(super) channels_note: &'static str,
    pub(super) channels_more: &'static str,
    pub(super) emergency: &'static str,
    pub(super) security: &'static str,
    pub(super) contact: &'static str,
    pub(super) encryption: &'static str,
    pub(super) policy: &'static str,
    pub(super) acknowledgments: &'static str,
    pub(super) hiring: &'static str,
    pub(super) preferred_languages: &'static str,
    pub(super) follow: &'static str,
    pub(super) atom: &'static str,
    pub(super) rss: &'static str,
    pub(super) calendar: &'static str,
    pub(super) programs: &'static str,
    pub(super) plain_text: &'static str,
    pub(super) genuine: &'static str,
    pub(super) genuine_note: &'static str,
    pub(super) root_hash: &'static str,
    pub(super) minisign_note: &'static str,
    pub(super) all_said: &'static str,
    pub(super) page_changes: &'static str,
    pub(super) status_page: &'static str,
    pub(super) statement: &'static str,
    pub(super) corrected: &'static str,
    pub(super) withdrawn: &'static str,
    pub(super) corrects: &'static str,
    pub(super) withdraws: &'static str,
    pub(super) website: &'static str,
    pub(super) mailing_list: &'static str,
    pub(super) forum: &'static str,
    pub(super) chat: &'static str,
    pub(super) social: &'static str,
    pub(super) source: &'static str,
    pub(super) packages: &'static str,
    pub(super) phone: &'static str,
    pub(super) email: &'static str,
}

/// Every language that the frame speaks.
static SPOKEN: [&Words; 7] = [
    &en::WORDS,
    &de::WORDS,
    &fr::WORDS,
    &es::WORDS,
    &pt::WORDS,
    &ar::WORDS,
    &he::WORDS,
];

impl Words {
    /// The frame for a language; English where the frame does not speak it.
    pub(super) fn of(language: &Language) -> &'static Self {
        let spoken = SPOKEN.iter().find(|words| words.lang == language.primary());
        spoken.copied().unwrap_or(&en::WORDS)
    }

    /// How badly a component is affected.
    pub(super) fn impact(&self, impact: Option<Impact>) -> &'static str {
        match impact {
            None => self.calm,
            Some(Impact::Partial) => self.partial,
            Some(Impact::Total) => self.total,
        }
    }

    /// Where an incident stands.
    pub(super) fn status(&self, status: PublicStatus) -> &'static str {
        match status {
            PublicStatus::Investigating => self.investigating,
            PublicStatus::Identified => self.identified,
            PublicStatus::Monitoring => self.monitoring,
            PublicStatus::Resolved => self.resolved,
        }
    }

    /// Where announced work stands.
    pub(super) fn work(&self, status: MaintenanceStatus) -> &'static str {
        match status {
            MaintenanceStatus::Scheduled => self.scheduled,
            MaintenanceStatus::InProgress => self.in_progress,
            MaintenanceStatus::Verifying => self.verifying,
            MaintenanceStatus::Completed => self.completed,
            MaintenanceStatus::Cancelled => self.cancelled,
        }
    }

    /// What kind of channel it is; what the organisation wrote where we have no word.
    pub(super) fn kind<'a>(&self, kind: &'a str) -> &'a str {
        match kind {
            "website" => self.website,
            "mailing-list" => self.mailing_list,
            "forum" => self.forum,
            "chat" => self.chat,
            "social" => self.social,
            "source" => self.source,
            "packages" => self.packages,
            "phone" => self.phone,
            "email" => self.email,
            other => other,
        }
    }
}

/// A language's name in itself; its tag where we do not know it.
pub(super) fn autonym(language: &Language) -> &str {
    match language.as_str() {
        "pt-BR" => "Português (Brasil)",
        "pt-PT" => "Português (Portugal)",
        "zh-hans" | "zh-CN" => "简体中文",
        "zh-hant" | "zh-TW" => "繁體中文",
        tag if tag != language.primary() => tag,
        "ar" => "العربية",
        "bg" => "Български",
        "cs" => "Čeština",
        "da" => "Dansk",
        "de" => "Deutsch",
        "el" => "Ελληνικά",
        "en" => "English",
        "es" => "Español",
        "et" => "Eesti",
        "fa" => "فارسی",
        "fi" => "Suomi",
        "fr" => "Français",
        "he" => "עברית",
        "hi" => "हिन्दी",
        "hr" => "Hrvatski",
        "hu" => "Magyar",
        "it" => "Italiano",
        "ja" => "日本語",
        "ko" => "한국어",
        "lt" => "Lietuvių",
        "lv" => "Latviešu",
        "nb" | "no" => "Norsk",
        "nl" => "Nederlands",
        "pl" => "Polski",
        "pt" => "Português",
        "ro" => "Română",
        "ru" => "Русский",
        "sk" => "Slovenčina",
        "sl" => "Slovenščina",
        "sv" => "Svenska",
        "tr" => "Türkçe",
        "uk" => "Українська",
        "ur" => "اردو",
        "vi" => "Tiếng Việt",
        "zh" => "中文",
        other => other,
    }
}

/// `words` with each `{name}` replaced. What is put in is not looked at again.
pub(super) fn fill(words: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(words.len() + 32);
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{')
        && let Some((name, tail)) = after.split_once('}')
    {
        let value = values.iter().find(|(known, _)| *known == name);
        out.push_str(before);
        out.push_str(value.map_or("", |(_, value)| value));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The names in braces of every word, by field.
    fn placeholders(words: &Words) -> Vec<(String, BTreeSet<String>)> {
        let fields = serde_json::to_value(words).unwrap();
        let names = |text: &str| {
            let parts = text.split('{').skip(1);
            parts
                .map(|p| p.split('}').next().unwrap().to_owned())
                .collect()
        };
        let fields = fields.as_object().unwrap().iter();
        fields
            .filter_map(|(field, text)| Some((field.clone(), names(text.as_str()?))))
            .collect()
    }

    #[test]
    fn every_language_fills_the_same_placeholders() {
        for words in SPOKEN {
            assert_eq!(
                placeholders(words),
                placeholders(&en::WORDS),
                "{}",
                words.lang
            );
            let fields = serde_json::to_value(words).unwrap();
            for (field, text) in fields.as_object().unwrap() {
                assert_ne!(text.as_str(), Some(""), "{} has no {field}", words.lang);
            }
        }
    }

    #[test]
    fn a_value_is_not_looked_at_again() {
        assert_eq!(
            fill("a {x} b {y}", &[("x", "{y}"), ("y", "1")]),
            "a {y} b 1"
        );
        assert_eq!(fill("a {x", &[("x", "1")]), "a {x");
    }

    #[test]
    fn a_language_without_words_is_framed_in_english() {
        let of = |tag: &str| Words::of(&Language::try_from(tag.to_owned()).unwrap()).lang;
        assert_eq!([of("pt-BR"), of("he"), of("fi")], ["pt", "he", "en"]);
    }
}
