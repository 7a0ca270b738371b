//! The form of a public update: which text, what is filled in, where it stands, when the next word comes.

use std::collections::BTreeMap;

use serde::Serialize;
use stentor_domain::announcement;
use stentor_domain::bulletin::PublicStatus;
use stentor_domain::command::Command;
use stentor_domain::ids::{IncidentId, PersonId, TemplateId};
use stentor_domain::organisation::Organisation;
use stentor_domain::template::{Subject, UpdateTemplate};
use stentor_domain::time_text::length;

/// Offered times until the next word, in minutes.
const MINUTES: [i64; 8] = [15, 30, 60, 120, 240, 480, 1_440, 4_320];

/// The choice of the organisation's own rule.
const BY_RULE: &str = "rule";

/// A filled form. The next word is kept as chosen, and as the moment that the preview showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    pub(super) template: String,
    pub(super) values: BTreeMap<String, String>,
    status: String,
    next: String,
    next_ms: Option<i64>,
    /// The number of the statement that is put right.
    pub(super) corrects: Option<u32>,
}

/// A hidden field.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Field {
    name: String,
    value: String,
}

impl Field {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }
}

impl Filled {
    /// An empty form for a text; `status` when it is to be another than the text's own.
    pub(super) fn of(template: String, corrects: Option<u32>, status: Option<&str>) -> Self {
        Self {
            template,
            corrects,
            status: status.unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    /// Reads the fields of a form.
    pub(super) fn read(mut fields: BTreeMap<String, String>) -> Self {
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let (template, status, next) = (take("template"), take("status"), take("next"));
        let next_ms = take("next_ms").parse().ok();
        let corrects = take("corrects").parse().ok();
        let blanks = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("blank_")?.to_owned(), value)));
        // Browsers send line ends as CR LF. What is left empty takes its default.
        let values = blanks
            .map(|(name, value)| (name, value.replace("\r\n", "\n").trim().to_owned()))
            .filter(|(_, value)| !value.is_empty());
        Self {
            template,
            values: values.collect(),
            status,
            next,
            next_ms,
            corrects,
        }
    }

    /// The same, to be sent again from the preview; `next_ms` is what the preview showed.
    pub(super) fn fields(&self, next_ms: Option<i64>) -> Vec<Field> {
        let mut fields = vec![
            Field::new("template", &self.template),
            Field::new("status", &self.status),
            Field::new("next", &self.next),
        ];
        fields.extend(next_ms.map(|ms| Field::new("next_ms", &ms.to_string())));
        fields.extend(
            self.corrects
                .map(|n| Field::new("corrects", &n.to_string())),
        );
        fields.extend(
            self.values
                .iter()
                .map(|(name, value)| Field::new(&format!("blank_{name}"), value)),
        );
        fields
    }

    /// The command; the chosen length counts from `now_ms` until the preview fixed the moment.
    pub(super) fn command(&self, incident: IncidentId, by: &PersonId, now_ms: i64) -> Command {
        let minutes = self
            .next
            .parse::<i64>()
            .ok()
            .filter(|m| MINUTES.contains(m));
        let status = PublicStatus::named(&self.status);
        let chosen = minutes.map(|m| now_ms + m * 60_000);
        let template = TemplateId::from(self.template.as_str());
        let (values, by) = (self.values.clone(), by.clone());
        let next_update_ms = self.next_ms.or(chosen);
        match self.corrects {
            None => Command::PublishUpdate {
                incident,
                template,
                values,
                status,
                next_update_ms,
                by,
            },
            Some(number) => Command::CorrectUpdate {
                incident,
                number,
                text: announcement::Filled { template, values },
                status,
                next_update_ms,
                by,
            },
        }
    }
}

/// An approved text to choose.
#[derive(Clone, Debug, Serialize)]
pub(super) struct TemplateView {
    id: String,
    name: String,
    approved_by: String,
    status: &'static str,
    blanks: Vec<BlankView>,
    has_defaults: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct BlankView {
    name: String,
    label: String,
    hint: String,
    default: Option<String>,
    value: String,
}

impl TemplateView {
    pub(super) fn new(template: &UpdateTemplate, values: &BTreeMap<String, String>) -> Self {
        let mut blanks: Vec<_> = template.blanks.iter().collect();
        blanks.sort_by_key(|(name, _)| place(template, name));
        let blanks = blanks.into_iter().map(|(name, blank)| BlankView {
            name: name.clone(),
            label: label(name),
            hint: blank.hint.clone(),
            default: blank.default.clone(),
            value: values.get(name).cloned().unwrap_or_default(),
        });
        Self {
            id: template.id.to_string(),
            name: template.name.clone(),
            approved_by: template.approved_by.clone(),
            status: template.announces.name(),
            blanks: blanks.collect(),
            has_defaults: template.blanks.values().any(|b| b.default.is_some()),
        }
    }
}

/// Where a blank first appears: blanks are asked for in the order in which they will be read.
fn place(template: &UpdateTemplate, blank: &str) -> usize {
    let sections = template
        .subject()
        .sections()
        .iter()
        .filter_map(|key| template.sections.get(*key));
    let text: String = std::iter::once(&template.title)
        .chain(sections)
        .cloned()
        .collect();
    let used = ["{{ ", "{{"]
        .iter()
        .filter_map(|before| text.find(&format!("{before}{blank}")));
    used.min().unwrap_or(usize::MAX)
}

fn label(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// The approved texts about something.
pub(super) fn texts(
    organisation: &Organisation,
    subject: Subject,
) -> impl Iterator<Item = &UpdateTemplate> {
    let all = organisation.templates.values();
    all.filter(move |t| t.subject() == subject)
}

/// The text that fits best: the last word once it is resolved, a first word if none was said, else a further one.
pub(super) fn fitting(
    organisation: &Organisation,
    is_open: bool,
    said: Option<PublicStatus>,
) -> Option<&UpdateTemplate> {
    let wanted = match (is_open, said) {
        (false, _) => &[PublicStatus::Resolved][..],
        (true, None) => &[PublicStatus::Investigating][..],
        (true, Some(PublicStatus::Monitoring)) => {
            &[PublicStatus::Monitoring, PublicStatus::Identified][..]
        }
        (true, Some(_)) => &[PublicStatus::Identified, PublicStatus::Monitoring][..],
    };
    let of = |status: &PublicStatus| {
        organisation
            .templates
            .values()
            .find(|t| t.status() == Some(*status))
    };
    wanted
        .iter()
        .find_map(of)
        .or_else(|| texts(organisation, Subject::Incident).next())
}

/// A choice of when the next word comes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct NextChoice {
    value: String,
    words: String,
}

pub(super) fn nexts() -> Vec<NextChoice> {
    let rule = NextChoice {
        value: BY_RULE.to_owned(),
        words: "as our rule for this severity says".to_owned(),
    };
    let choices = MINUTES.map(|minutes| NextChoice {
        value: minutes.to_string(),
        words: format!("in {}", length(minutes * 60_000)),
    });
    std::iter::once(rule).chain(choices).collect()
}

/// What the form's two lists begin with.
pub(super) fn chosen(filled: &Filled, template: Option<&UpdateTemplate>) -> (String, String) {
    let own = template.map_or("", |t| t.announces.name());
    let status = if filled.status.is_empty() {
        own
    } else {
        &filled.status
    };
    let next = if filled.next.is_empty() {
        BY_RULE
    } else {
        &filled.next
    };
    (status.to_owned(), next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Filled {
        let fields = fields
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Filled::read(fields.collect())
    }

    #[test]
    fn the_moment_that_was_shown_is_the_one_that_is_promised() {
        let check = |fields: &[(&str, &str)], expect: Option<i64>| {
            let Command::PublishUpdate { next_update_ms, .. } =
                form(fields).command(IncidentId(1), &"ada".into(), 1_000)
            else {
                unreachable!("it makes an update");
            };
            assert_eq!(next_update_ms, expect, "{fields:?}");
        };
        check(&[("next", "rule")], None);
        check(&[("next", "30")], Some(1_801_000));
        check(&[("next", "30"), ("next_ms", "77")], Some(77));
        check(&[("next", "31")], None);
        check(&[("next", "-15")], None);
    }

    #[test]
    fn what_is_left_empty_takes_its_default_and_the_rest_survives_the_preview() {
        let filled = form(&[
            ("template", "first"),
            ("csrf", "x"),
            ("blank_known", " <b>\r\nno "),
            ("blank_tried", "  "),
            ("status", "identified"),
        ]);
        assert_eq!(
            filled.values,
            BTreeMap::from([("known".to_owned(), "<b>\nno".to_owned())])
        );
        let again = filled
            .fields(Some(9))
            .into_iter()
            .map(|f| (f.name, f.value))
            .collect();
        let again = Filled::read(again);
        assert_eq!((again.values, again.next_ms), (filled.values, Some(9)));
        assert_eq!(label("what_next"), "What next");
    }
}
