//! Words for what the domain names shortly, and links for addresses that are safe to follow.

use serde::Serialize;
use stentor_domain::bulletin::{Impact, PublicStatus};
use stentor_domain::incident::CauseClass;
use stentor_domain::severity::Severity;
use url::Url;

/// A severity as people read it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct SeverityWords {
    pub(super) name: &'static str,
    label: &'static str,
    words: &'static str,
    meaning: &'static str,
}

pub(super) fn severity(severity: Severity) -> SeverityWords {
    let (label, words, meaning) = match severity {
        Severity::Sev1 => (
            "SEV1",
            "critical",
            "users cannot use it, or an attack is under way",
        ),
        Severity::Sev2 => ("SEV2", "major", "many users are affected"),
        Severity::Sev3 => (
            "SEV3",
            "minor",
            "some users are affected, or a spare part is lost",
        ),
        Severity::Sev4 => ("SEV4", "low", "nobody is affected yet"),
    };
    let name = severity.name();
    SeverityWords {
        name,
        label,
        words,
        meaning,
    }
}

pub(super) fn severities() -> Vec<SeverityWords> {
    Severity::ALL.map(severity).into()
}

/// A name for forms and the words for it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Choice {
    pub(super) name: &'static str,
    words: &'static str,
}

pub(super) fn cause(cause: CauseClass) -> Choice {
    let words = match cause {
        CauseClass::Hardware => "hardware",
        CauseClass::Software => "software",
        CauseClass::Attack => "an attack",
        CauseClass::HumanError => "a slip or a mistake",
        CauseClass::Nature => "weather, fire or water",
        CauseClass::Supplier => "somebody we depend on",
        CauseClass::Unknown => "not known yet",
    };
    let name = cause.name();
    Choice { name, words }
}

pub(super) fn causes() -> Vec<Choice> {
    CauseClass::ALL.map(cause).into()
}

pub(super) fn statuses() -> Vec<Choice> {
    let words = |status| match status {
        PublicStatus::Investigating => "investigating: something is wrong, the cause is not known",
        PublicStatus::Identified => "identified: the cause is known, a repair is under way",
        PublicStatus::Monitoring => "monitoring: a repair is in place and is being watched",
        PublicStatus::Resolved => "resolved: it is over",
    };
    PublicStatus::ALL
        .map(|status| Choice {
            name: status.name(),
            words: words(status),
        })
        .into()
}

pub(super) fn impact(impact: Impact) -> &'static str {
    match impact {
        Impact::Partial => "partly failing or slow",
        Impact::Total => "not usable",
    }
}

/// `Ada`, `Ada and Ben`, `Ada, Ben and Cleo`.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// The text with a capital at its beginning and a full stop at its end.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.trim().chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let mut sentence: String = first.to_uppercase().chain(chars).collect();
    if !sentence.ends_with(['.', '!', '?', ':']) {
        sentence.push('.');
    }
    sentence
}

/// Longest address that becomes a link, in bytes.
const MAX_LINK: usize = 2_000;

/// The address, if it may become a link: http or https, to a host, without a password. Strangers write these.
pub(super) fn web_link(text: &str) -> Option<String> {
    if text.len() > MAX_LINK {
        return None;
    }
    let url = Url::parse(text.trim()).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    (matches!(url.scheme(), "http" | "https") && plain).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let check =
            |text: &str, expect: Option<&str>| assert_eq!(web_link(text).as_deref(), expect);
        check(
            "https://wiki.example.org/a b",
            Some("https://wiki.example.org/a%20b"),
        );
        check(
            " http://prometheus:9090/graph ",
            Some("http://prometheus:9090/graph"),
        );
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "file:///etc/passwd",
            "//example.org/",
            "/incidents",
            "https://ada:secret@example.org/",
            "https://paypal.example.com@example.org/",
            "",
            "https://",
        ] {
            check(bad, None);
        }
        check(&format!("https://example.org/{}", "x".repeat(2_000)), None);
    }

    #[test]
    fn names_are_listed_as_people_do() {
        let check = |names: &[&str], text: &str| assert_eq!(listed(names), text);
        check(&[], "");
        check(&["Ada"], "Ada");
        check(&["Ada", "Ben"], "Ada and Ben");
        check(&["Ada", "Ben", "Cleo"], "Ada, Ben and Cleo");
        assert_eq!(sentence("ada has it"), "Ada has it.");
        assert_eq!(sentence("Why?"), "Why?");
    }
}
