//! What is worth telling: what differs between the last look and this one. Pure: nothing is read, asked or told here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a mirror, or the word on all of them together, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Authentic and confirmed.
    Fresh,
    /// Authentic and no longer confirmed.
    Stale,
    /// Not what the publisher signed.
    Forged,
    /// Nothing can be known.
    Unreachable,
}

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The publisher says something new.
    News,
    /// What is known is no longer confirmed.
    Stale,
    /// A mirror is not authentic.
    Forged,
    /// A mirror, or every one, cannot be checked.
    Unreachable,
    /// A mirror, or the word, is good again.
    Back,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Stale => "stale",
            Self::Forged => "forged",
            Self::Unreachable => "unreachable",
            Self::Back => "back",
        }
    }
}

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// Why.
    pub(crate) kind: Kind,
    /// The mirror that it is about; none when it is about the word on all of them.
    pub(crate) mirror: Option<String>,
    /// For people: one line, then more.
    pub(crate) text: String,
    /// When it was seen.
    pub(crate) at: Timestamp,
    /// Until when the word is confirmed; past, if it is stale.
    pub(crate) confirmed_until: Option<Timestamp>,
}

/// What one look found on a mirror.
#[derive(Debug, Clone)]
pub(crate) struct Mirror {
    pub(crate) name: String,
    pub(crate) standing: Standing,
    /// Why it stands so, in words.
    pub(crate) why: String,
}

/// The newest authentic word that one look found.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// A digest over the files of the present.
    pub(crate) digest: String,
    /// What it says, shortly.
    pub(crate) headline: String,
    pub(crate) confirmed_until: Timestamp,
    pub(crate) stale: bool,
}

/// What one look found.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) at: Timestamp,
    pub(crate) mirrors: Vec<Mirror>,
    pub(crate) word: Option<Word>,
}

/// What was told: the last look that was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    pub(crate) mirrors: BTreeMap<String, Standing>,
    pub(crate) word: Option<Standing>,
    pub(crate) digest: Option<String>,
    pub(crate) confirmed_until: Option<Timestamp>,
}

impl Seen {
    /// How the word stands on all mirrors together.
    pub(crate) fn standing(&self) -> Standing {
        match &self.word {
            Some(word) if word.stale => Standing::Stale,
            Some(_) => Standing::Fresh,
            None => Standing::Unreachable,
        }
    }

    fn none_answers(&self) -> bool {
        let mut mirrors = self.mirrors.iter();
        mirrors.all(|m| m.standing == Standing::Unreachable)
    }
}

/// What to tell, and what has then been told.
pub(crate) fn compare(before: &Told, seen: &Seen) -> (Vec<Message>, Told) {
    let mut messages = about_the_word(before, seen);
    messages.extend(
        seen.mirrors
            .iter()
            .filter_map(|mirror| about_a_mirror(before, seen, mirror)),
    );
    let known = |m: &Mirror| (m.name.clone(), m.standing);
    let word = seen.word.as_ref();
    let after = Told {
        mirrors: seen.mirrors.iter().map(known).collect(),
        word: Some(seen.standing()),
        digest: word
            .map(|w| w.digest.clone())
            .or_else(|| before.digest.clone()),
        confirmed_until: word.map(|w| w.confirmed_until).or(before.confirmed_until),
    };
    (messages, after)
}

fn about_the_word(before: &Told, seen: &Seen) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut tell = |kind, text: String| {
        messages.push(Message {
            kind,
            mirror: None,
            text,
            at: seen.at,
            confirmed_until: seen
                .word
                .as_ref()
                .map(|w| w.confirmed_until)
                .or(before.confirmed_until),
        });
    };
    let changed = before.word != Some(seen.standing());
    match &seen.word {
        Some(word) => {
            let until = minute(word.confirmed_until);
            let is_new = before.digest.as_ref() != Some(&word.digest);
            match (word.stale, is_new) {
                (false, true) => tell(
                    Kind::News,
                    format!("{}\nConfirmed until {until}.", word.headline),
                ),
                (true, true) => tell(
                    Kind::News,
                    format!("NOT CONFIRMED since {until}: {}", word.headline),
                ),
                (_, false) => {}
            }
            if changed && word.stale {
                tell(
                    Kind::Stale,
                    format!(
                        "The word is stale: nobody has confirmed it since {until}. It is what they said then; things may have changed."
                    ),
                );
            } else if changed && before.word.is_some() {
                let rest = still_down(seen);
                tell(
                    Kind::Back,
                    format!("The word is confirmed again, until {until}.{rest}"),
                );
            }
        }
        None if changed => {
            let last = before
                .confirmed_until
                .map_or("Nothing was verified before.".to_owned(), |t| {
                    format!("What was verified last was confirmed until {}.", minute(t))
                });
            tell(
                Kind::Unreachable,
                format!(
                    "No mirror shows an authentic word: nothing can be known of the present. {last}"
                ),
            );
        }
        None => {}
    }
    messages
}

fn about_a_mirror(before: &Told, seen: &Seen, mirror: &Mirror) -> Option<Message> {
    let was = before.mirrors.get(&mirror.name).copied();
    if was.unwrap_or(Standing::Fresh) == mirror.standing {
        return None;
    }
    let word_changed = before.word.is_some() && before.word != Some(seen.standing());
    let (kind, first) = match mirror.standing {
        Standing::Forged => (Kind::Forged, "is NOT AUTHENTIC; do not rely on it"),
        // Told once for all of them.
        Standing::Unreachable if seen.none_answers() => return None,
        Standing::Unreachable => (Kind::Unreachable, "cannot be checked"),
        Standing::Stale if seen.standing() == Standing::Stale => return None,
        Standing::Stale => (Kind::Stale, "shows an old word; others are newer"),
        Standing::Fresh if word_changed && was != Some(Standing::Forged) => return None,
        Standing::Fresh => (Kind::Back, "is good again"),
    };
    let why = if mirror.why.is_empty() {
        ".".to_owned()
    } else {
        format!(":\n{}", mirror.why)
    };
    Some(Message {
        kind,
        text: format!("{} {first}{why}", mirror.name),
        mirror: Some(mirror.name.clone()),
        at: seen.at,
        confirmed_until: seen.word.as_ref().map(|w| w.confirmed_until),
    })
}

fn still_down(seen: &Seen) -> String {
    let down: Vec<_> = seen
        .mirrors
        .iter()
        .filter(|m| m.standing == Standing::Unreachable)
        .map(|m| m.name.as_str())
        .collect();
    match down.as_slice() {
        [] => String::new(),
        down => format!(" Still not to be checked: {}.", down.join(", ")),
    }
}

/// A time as people read it, to the minute, always UTC.
pub(crate) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i8) -> Timestamp {
        format!("2026-11-21T{hour:02}:00:00Z").parse().unwrap()
    }

    /// A look at two mirrors: how each stands, and the digest of the word, if there is one.
    fn look(standings: [Standing; 2], word: Option<(&str, bool)>) -> Seen {
        let mirrors = ["a", "b"]
            .iter()
            .zip(standings)
            .map(|(name, standing)| Mirror {
                name: (*name).to_owned(),
                standing,
                why: String::new(),
            });
        Seen {
            at: at(2),
            mirrors: mirrors.collect(),
            word: word.map(|(digest, stale)| Word {
                digest: digest.to_owned(),
                headline: "A known problem".to_owned(),
                confirmed_until: at(if stale { 1 } else { 8 }),
                stale,
            }),
        }
    }

    #[test]
    fn each_change_is_told_once() {
        use Standing::{Forged, Fresh, Stale, Unreachable};
        type Step = (
            [Standing; 2],
            Option<(&'static str, bool)>,
            &'static [(&'static str, Option<&'static str>)],
        );
        let story: &[Step] = &[
            ([Fresh, Fresh], Some(("1", false)), &[("news", None)]),
            ([Fresh, Fresh], Some(("1", false)), &[]),
            ([Fresh, Fresh], Some(("2", false)), &[("news", None)]),
            (
                [Fresh, Unreachable],
                Some(("2", false)),
                &[("unreachable", Some("b"))],
            ),
            ([Fresh, Unreachable], Some(("2", false)), &[]),
            ([Fresh, Fresh], Some(("2", false)), &[("back", Some("b"))]),
            (
                [Forged, Fresh],
                Some(("3", false)),
                &[("news", None), ("forged", Some("a"))],
            ),
            ([Fresh, Fresh], Some(("3", false)), &[("back", Some("a"))]),
            // The publisher falls silent: one message, not one a mirror.
            ([Stale, Stale], Some(("3", true)), &[("stale", None)]),
            ([Stale, Stale], Some(("3", true)), &[]),
            ([Fresh, Fresh], Some(("3", false)), &[("back", None)]),
            // Our own line is cut: likewise.
            ([Unreachable, Unreachable], None, &[("unreachable", None)]),
            ([Unreachable, Unreachable], None, &[]),
            ([Fresh, Unreachable], Some(("3", false)), &[("back", None)]),
            (
                [Stale, Fresh],
                Some(("3", false)),
                &[("stale", Some("a")), ("back", Some("b"))],
            ),
            (
                [Forged, Unreachable],
                None,
                &[
                    ("unreachable", None),
                    ("forged", Some("a")),
                    ("unreachable", Some("b")),
                ],
            ),
            // A forgery that ends is told also where the word comes back with it.
            (
                [Fresh, Fresh],
                Some(("3", false)),
                &[("back", None), ("back", Some("a"))],
            ),
            (
                [Stale, Stale],
                Some(("4", true)),
                &[("news", None), ("stale", None)],
            ),
        ];
        let mut told = Told::default();
        for (n, (standings, word, expect)) in story.iter().enumerate() {
            let (messages, after) = compare(&told, &look(*standings, *word));
            let said: Vec<_> = messages
                .iter()
                .map(|m| (m.kind.name(), m.mirror.as_deref()))
                .collect();
            assert_eq!(said, *expect, "step {n}");
            told = after;
        }
    }

    #[test]
    fn what_is_stale_is_never_told_as_good() {
        let (messages, _) = compare(
            &Told::default(),
            &look([Standing::Stale; 2], Some(("1", true))),
        );
        assert!(
            messages[0]
                .text
                .starts_with("NOT CONFIRMED since 2026-11-21 01:00 UTC: "),
            "{messages:?}"
        );
        let (fresh, told) = compare(
            &Told::default(),
            &look([Standing::Fresh; 2], Some(("1", false))),
        );
        assert_eq!(
            fresh[0].text,
            "A known problem\nConfirmed until 2026-11-21 08:00 UTC."
        );
        let (none, _) = compare(&told, &look([Standing::Unreachable; 2], None));
        assert!(
            none[0].text.contains("nothing can be known of the present"),
            "{none:?}"
        );
        assert_eq!(none[0].confirmed_until, Some(at(8)));
    }
}
