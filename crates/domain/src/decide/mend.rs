//! Putting statements right: nothing that was said is edited, a further statement says what became of it (WORD-12).

use std::collections::BTreeMap;

use super::Refusal;
use super::draft::Draft;
use crate::announcement::Reason;
use crate::bulletin::{
    DenialUpdate, Language, MaintenanceUpdate, Mends, Section, Standing, StatusUpdate, Wording,
};
use crate::headings;
use crate::ids::PersonId;
use crate::incident::Incident;
use crate::organisation::PersonRole;
use crate::template::MAX_VALUE_CHARS;

/// What statements about anything have in common.
pub(super) trait Statement {
    fn number(&self) -> u32;
    fn mends(&self) -> Option<Mends>;
    fn title(&self) -> &str;
    fn title_in(&self, language: &Language) -> Option<&str>;
}

macro_rules! statements {
    ($($kind:ty: $title:expr;)*) => {$(
        impl Statement for $kind {
            fn number(&self) -> u32 {
                self.number
            }

            fn mends(&self) -> Option<Mends> {
                self.mends
            }

            fn title(&self) -> &str {
                let title: fn(&$kind) -> &String = $title;
                title(self)
            }

            fn title_in(&self, language: &Language) -> Option<&str> {
                self.translations.get(language).map(|wording| wording.title.as_str())
            }
        }
    )*};
}

statements! {
    StatusUpdate: |u| &u.title;
    MaintenanceUpdate: |u| &u.wording.title;
    DenialUpdate: |u| &u.wording.title;
}

/// The number of the next statement.
pub(super) fn next_number<S: Statement>(said: &[S]) -> u32 {
    said.last().map_or(0, Statement::number) + 1
}

fn find<S: Statement>(said: &[S], number: u32) -> Result<&S, Refusal> {
    said.iter().find(|s| s.number() == number).ok_or_else(|| {
        Refusal::NotFound(format!(
            "there is no statement {number} to put right; look at what was said"
        ))
    })
}

fn is_withdrawal<S: Statement>(statement: &S) -> bool {
    matches!(statement.mends(), Some(Mends::Withdraws(_)))
}

fn standing<S: Statement>(said: &[S], number: u32) -> Standing {
    Standing::of(number, said.iter().map(|s| (s.number(), s.mends())))
}

/// What a correction of the statement `number` says about it.
pub(super) fn correct<S: Statement>(said: &[S], number: u32) -> Result<Mends, Refusal> {
    find(said, number).map(|_| Mends::Corrects(number))
}

/// The statement that is taken back; refused when that was done before.
pub(super) fn withdraw<S: Statement>(said: &[S], number: u32) -> Result<&S, Refusal> {
    let statement = find(said, number)?;
    if is_withdrawal(statement) {
        return Err(Refusal::Conflict(format!(
            "statement {number} takes another one back and cannot be taken back itself; say what holds now in a further one"
        )));
    }
    if let Standing::WithdrawnBy(by) = standing(said, number) {
        return Err(Refusal::Conflict(format!(
            "statement {number} was taken back already, by statement {by}; to say more about it, correct it"
        )));
    }
    Ok(statement)
}

/// The last statement that still holds when the one of that number does not.
pub(super) fn left<S: Statement>(said: &[S], without: u32) -> Option<&S> {
    said.iter().rev().find(|s| {
        s.number() != without && !is_withdrawal(*s) && standing(said, s.number()) == Standing::Holds
    })
}

/// The words of a withdrawal in the first language, and in those further ones that have a reason.
pub(super) fn words<S: Statement>(
    draft: &Draft<'_>,
    statement: &S,
    reason: &Reason,
) -> Result<(Wording, BTreeMap<Language, Wording>), Refusal> {
    let languages = &draft.organisation.page.languages;
    let english = Language::english();
    let first = languages.first().unwrap_or(&english);
    let text = reason_text(&reason.text)?.ok_or_else(|| {
        Refusal::Invalid("say why it is taken back; the reason is published".into())
    })?;
    let mut translations = BTreeMap::new();
    for (language, text) in &reason.translations {
        if !languages.iter().skip(1).any(|known| known == language) {
            return Err(Refusal::Invalid(format!(
                "{language} is not a further language of the page; they are declared in [page] of stentor.toml"
            )));
        }
        let title = statement
            .title_in(language)
            .unwrap_or_else(|| statement.title());
        if let Some(text) = reason_text(text)? {
            translations.insert(language.clone(), word(language, title, text));
        }
    }
    Ok((word(first, statement.title(), text), translations))
}

fn reason_text(text: &str) -> Result<Option<String>, Refusal> {
    let text = text.trim();
    if text.chars().count() > MAX_VALUE_CHARS {
        return Err(Refusal::Invalid(format!(
            "the reason is longer than {MAX_VALUE_CHARS} characters"
        )));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn word(language: &Language, title: &str, text: String) -> Wording {
    let (withdrawn, why) = headings::withdrawal(language);
    Wording {
        title: format!("{withdrawn}: {title}"),
        sections: vec![Section {
            heading: why.to_owned(),
            text,
        }],
    }
}

/// Who may say something in public about an incident.
pub(super) fn may_speak(
    draft: &Draft<'_>,
    incident: Option<&Incident>,
    by: &PersonId,
) -> Result<(), Refusal> {
    draft.responder(by)?;
    let speaks = incident.is_some_and(|i| i.speaker() == Some(by) || i.commander() == Some(by))
        || draft.organisation.has_role(by, PersonRole::Liaison)
        || draft.is_manager(by);
    if speaks {
        return Ok(());
    }
    Err(Refusal::NotAllowed(match incident {
        Some(_) => {
            "only the incident commander or a liaison may speak in public; take the command first"
                .into()
        }
        None => {
            "the incident is closed; only a liaison or a manager may say more about it in public"
                .into()
        }
    }))
}

/// Who may say something in public that belongs to no incident.
pub(super) fn may_announce(draft: &Draft<'_>, by: &PersonId) -> Result<(), Refusal> {
    draft.responder(by)?;
    let mut open = draft.world.incidents.values().filter(|i| i.is_open());
    let speaks = draft.organisation.has_role(by, PersonRole::Liaison)
        || draft.is_manager(by)
        || open.any(|i| i.speaker() == Some(by) || i.commander() == Some(by));
    if speaks {
        return Ok(());
    }
    Err(Refusal::NotAllowed(
        "only a liaison, a manager or whoever leads an open incident may speak in public; ask one of them".into(),
    ))
}
