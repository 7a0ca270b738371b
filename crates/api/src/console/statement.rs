//! A public statement as the console shows it: in every language, and what became of it.

use std::collections::BTreeMap;

use serde::Serialize;
use stentor_domain::bulletin::{Language, Mends, Section, Standing, Wording};
use stentor_domain::organisation::Organisation;

/// A statement's words in one language.
#[derive(Clone, Debug, Serialize)]
struct Worded {
    language: String,
    direction: &'static str,
    title: String,
    sections: Vec<Section>,
}

/// A statement's words in every language of the page that has them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Words {
    all: Vec<Worded>,
    /// Languages of the page in which nothing is said.
    missing: Vec<String>,
}

impl Words {
    pub(super) fn new(
        organisation: &Organisation,
        first: Wording,
        mut translations: BTreeMap<Language, Wording>,
    ) -> Self {
        let languages = &organisation.page.languages;
        let english = Language::english();
        let mut all = vec![worded(languages.first().unwrap_or(&english), first)];
        let mut missing = Vec::new();
        for language in languages.iter().skip(1) {
            match translations.remove(language) {
                Some(wording) => all.push(worded(language, wording)),
                None => missing.push(language.to_string()),
            }
        }
        Self { all, missing }
    }
}

fn worded(language: &Language, wording: Wording) -> Worded {
    Worded {
        language: language.to_string(),
        direction: if language.is_right_to_left() {
            "rtl"
        } else {
            "ltr"
        },
        title: wording.title,
        sections: wording.sections,
    }
}

/// What became of a statement, and what it does to another one; empty when there is nothing to say.
pub(super) fn fate(standing: Standing, mends: Option<Mends>) -> String {
    let does = match mends {
        Some(Mends::Corrects(number)) => Some(format!("corrects statement {number}")),
        Some(Mends::Withdraws(number)) => Some(format!("takes statement {number} back")),
        None => None,
    };
    let became = match standing {
        Standing::Holds => None,
        Standing::CorrectedBy(number) => Some(format!("corrected by statement {number}")),
        Standing::WithdrawnBy(number) => Some(format!("taken back by statement {number}")),
    };
    let both: Vec<String> = does.into_iter().chain(became).collect();
    both.join("; ")
}

/// Whether a statement can be taken back.
pub(super) fn can_be_withdrawn(standing: Standing, mends: Option<Mends>) -> bool {
    !matches!(standing, Standing::WithdrawnBy(_)) && !matches!(mends, Some(Mends::Withdraws(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_statement_is_said() {
        let check = |standing, mends, text: &str| assert_eq!(fate(standing, mends), text);
        check(Standing::Holds, None, "");
        check(
            Standing::Holds,
            Some(Mends::Corrects(1)),
            "corrects statement 1",
        );
        check(
            Standing::WithdrawnBy(3),
            Some(Mends::Corrects(1)),
            "corrects statement 1; taken back by statement 3",
        );
        assert!(can_be_withdrawn(Standing::CorrectedBy(2), None));
        assert!(!can_be_withdrawn(Standing::WithdrawnBy(2), None));
        assert!(!can_be_withdrawn(
            Standing::Holds,
            Some(Mends::Withdraws(1))
        ));
    }
}
