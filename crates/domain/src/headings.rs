//! The headings of public statements in the languages that Stentor knows; a template may have others of its own.

use crate::bulletin::Language;
use crate::template::Subject;

/// Of one language: incidents (affected, do, known, tried, next), work (affected, when, do, ask), denials (claim, true,
/// do), and why a statement is taken back.
struct Headings {
    language: &'static str,
    affected: &'static str,
    act: &'static str,
    known: &'static str,
    tried: &'static str,
    next: &'static str,
    when: &'static str,
    ask: &'static str,
    claim: &'static str,
    truth: &'static str,
    withdrawn: &'static str,
    why: &'static str,
}

const KNOWN: [Headings; 5] = [
    Headings {
        language: "en",
        affected: "What is affected",
        act: "What you should do",
        known: "What we know",
        tried: "What we have tried",
        next: "What happens next",
        when: "When",
        ask: "Whom to ask",
        claim: "What is claimed",
        truth: "What is true",
        withdrawn: "Withdrawn",
        why: "Why we take it back",
    },
    Headings {
        language: "de",
        affected: "Was betroffen ist",
        act: "Was Sie tun sollten",
        known: "Was wir wissen",
        tried: "Was wir versucht haben",
        next: "Wie es weitergeht",
        when: "Wann",
        ask: "Wen Sie fragen können",
        claim: "Was behauptet wird",
        truth: "Was wahr ist",
        withdrawn: "Zurückgezogen",
        why: "Warum wir es zurücknehmen",
    },
    Headings {
        language: "fr",
        affected: "Ce qui est touché",
        act: "Ce que vous devriez faire",
        known: "Ce que nous savons",
        tried: "Ce que nous avons essayé",
        next: "La suite",
        when: "Quand",
        ask: "À qui s’adresser",
        claim: "Ce qui est affirmé",
        truth: "Ce qui est vrai",
        withdrawn: "Retiré",
        why: "Pourquoi nous le retirons",
    },
    Headings {
        language: "es",
        affected: "Qué está afectado",
        act: "Qué debe hacer",
        known: "Qué sabemos",
        tried: "Qué hemos intentado",
        next: "Qué sigue",
        when: "Cuándo",
        ask: "A quién preguntar",
        claim: "Qué se afirma",
        truth: "Qué es cierto",
        withdrawn: "Retirado",
        why: "Por qué lo retiramos",
    },
    Headings {
        language: "ar",
        affected: "ما المتأثر",
        act: "ما الذي ينبغي فعله",
        known: "ما نعرفه",
        tried: "ما جربناه",
        next: "ما التالي",
        when: "متى",
        ask: "من تسأل",
        claim: "ما يُدّعى",
        truth: "ما هو صحيح",
        withdrawn: "تم السحب",
        why: "لماذا نسحبه",
    },
];

fn of(language: &Language) -> Option<&'static Headings> {
    KNOWN.iter().find(|h| h.language == language.primary())
}

/// The usual heading of a section; `None` in languages that Stentor does not know, and for keys that the subject does not
/// have.
#[must_use]
pub fn heading(language: &Language, subject: Subject, key: &str) -> Option<&'static str> {
    let known = of(language)?;
    match (subject, key) {
        (Subject::Incident | Subject::Maintenance, "affected") => Some(known.affected),
        (_, "do") => Some(known.act),
        (Subject::Incident, "known") => Some(known.known),
        (Subject::Incident, "tried") => Some(known.tried),
        (Subject::Incident, "next") => Some(known.next),
        (Subject::Maintenance, "when") => Some(known.when),
        (Subject::Maintenance, "ask") => Some(known.ask),
        (Subject::Denial, "claim") => Some(known.claim),
        (Subject::Denial, "true") => Some(known.truth),
        _ => None,
    }
}

/// "Withdrawn", and the heading of the reason; in English where the language is not known.
#[must_use]
pub(crate) fn withdrawal(language: &Language) -> (&'static str, &'static str) {
    let known = of(language).unwrap_or(&KNOWN[0]);
    (known.withdrawn, known.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_every_subject_has_a_heading_in_every_known_language() {
        for known in &KNOWN {
            let language = Language::try_from(known.language.to_owned()).unwrap();
            for subject in [Subject::Incident, Subject::Maintenance, Subject::Denial] {
                for key in subject.sections() {
                    let found = heading(&language, subject, key);
                    assert!(found.is_some_and(|h| !h.is_empty()), "{key} in {language}");
                }
            }
        }
        let unknown = Language::try_from("tlh".to_owned()).unwrap();
        assert_eq!(heading(&unknown, Subject::Incident, "do"), None);
        assert_eq!(heading(&Language::english(), Subject::Denial, "when"), None);
    }
}
