//! A row of days as a picture. The worse a day, the taller its line: the picture does not speak by colour alone.

use std::fmt::Write;

use serde::Serialize;

use super::spans::{DAYS, Day, Days};
use super::time;
use super::words::Words;
use super::{RenderError, words::fill};

/// Width of one day, line and gap.
const STEP: usize = 5;
/// Days that are named one by one in the text alternative.
const NAMED: usize = 7;

/// One picture: lines of each kind as one path, so that 40 of them stay small.
#[derive(Serialize)]
pub(super) struct Bar {
    /// All days are alike and calm, so one drawing serves for all such bars.
    pub(super) plain: bool,
    /// Class and path.
    pub(super) paths: Vec<(&'static str, String)>,
    /// The same in words.
    pub(super) words: String,
    pub(super) width: usize,
}

/// Kinds with the class of their colour, where their line begins and how long it is, of 30.
const KINDS: [(Day, &str, u8, u8); 5] = [
    (Day::Unrecorded, "n", 27, 3),
    (Day::Calm, "c", 18, 12),
    (Day::Work, "w", 12, 18),
    (Day::Partial, "p", 7, 23),
    (Day::Total, "t", 0, 30),
];

impl Bar {
    pub(super) fn of(days: &Days, words: &Words) -> Result<Self, RenderError> {
        Ok(Self {
            plain: days.days == [Day::Calm; DAYS],
            paths: paths(&days.days),
            words: told(days, words)?,
            width: DAYS * STEP,
        })
    }

    /// A picture of some of the days, for instance of one month.
    pub(super) fn of_part(
        days: &Days,
        from: usize,
        to: usize,
        words: &Words,
    ) -> Result<Self, RenderError> {
        let mut part = days.clone();
        for (n, day) in part.days.iter_mut().enumerate() {
            if n < from || n >= to {
                *day = Day::Calm;
            }
        }
        let to = to.min(DAYS);
        let from = from.min(to);
        Ok(Self {
            plain: false,
            paths: paths(&days.days[from..to]),
            words: told(&part, words)?,
            width: (to - from) * STEP,
        })
    }
}

/// One path for each kind of day that occurs.
fn paths(days: &[Day]) -> Vec<(&'static str, String)> {
    let path = |(kind, class, top, height): (Day, &'static str, u8, u8)| {
        let mut path = String::new();
        let mut pen = None;
        for (n, _) in days.iter().enumerate().filter(|(_, day)| **day == kind) {
            // Relative moves make long rows alike, which compresses well.
            let _ = match pen {
                None => write!(path, "M{} {top}", n * STEP),
                Some(last) => write!(path, "m{} 0", (n - last) * STEP),
            };
            let _ = write!(path, "h4v{height}h-4z");
            pen = Some(n);
        }
        (!path.is_empty()).then_some((class, path))
    };
    KINDS.into_iter().filter_map(path).collect()
}

/// The days that were not calm, worst first.
fn told(days: &Days, words: &Words) -> Result<String, RenderError> {
    let mut parts = Vec::new();
    for (kind, word) in [
        (Day::Total, words.total),
        (Day::Partial, words.partial),
        (Day::Work, words.maintenance),
        (Day::Unrecorded, words.bar_unrecorded),
    ] {
        let runs = runs(&days.days, kind);
        let mut named = Vec::new();
        for (from, to) in runs.iter().take(NAMED) {
            let name = |n: usize| {
                Ok::<_, RenderError>(time::day(time::day_of(days.first + n as i64)?, words))
            };
            named.push(if from == to {
                name(*from)?
            } else {
                fill(words.range, &[("from", &name(*from)?), ("to", &name(*to)?)])
            });
        }
        if runs.len() > NAMED {
            named.push(format!("+{}", runs.len() - NAMED));
        }
        if !named.is_empty() {
            parts.push(format!("{word}: {}", named.join(words.comma)));
        }
    }
    if parts.is_empty() {
        parts.push(words.bar_calm.to_owned());
    }
    Ok(parts.join("; "))
}

/// First and last day of each stretch of one kind, the newest stretch first.
fn runs(days: &[Day], kind: Day) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (n, _) in days.iter().enumerate().filter(|(_, day)| **day == kind) {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == n => *to = n,
            _ => runs.push((n, n)),
        }
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use stentor_domain::bulletin::Language;

    use super::super::spans::Span;
    use super::super::time::DAY;
    use super::*;

    #[test]
    fn a_picture_says_the_same_in_words() {
        let now = 1000 * DAY;
        let words = Words::of(&Language::english());
        let mut days = Days::until(now, None);
        let bar = Bar::of(&days, words).unwrap();
        assert!(bar.plain);
        assert_eq!(bar.words, "no problem published");
        days.mark(
            Span {
                from: 990 * DAY,
                to: 992 * DAY,
            },
            Day::Partial,
        );
        days.mark(
            Span {
                from: 1000 * DAY,
                to: now + 1,
            },
            Day::Total,
        );
        let bar = Bar::of(&days, words).unwrap();
        assert!(!bar.plain);
        let said = "not usable: 27 September; partly failing: 17 September to 18 September";
        assert_eq!(bar.words, said);
        let path = |class| {
            bar.paths
                .iter()
                .find(|(c, _)| *c == class)
                .map(|(_, p)| p.as_str())
        };
        assert_eq!(path("p"), Some("M395 7h4v23h-4zm5 0h4v23h-4z"));
        assert_eq!(path("t"), Some("M445 0h4v30h-4z"));
        assert_eq!(path("w"), None);
    }
}
