//! `stentor follow`: watches mirrors for somebody and tells what changes.

mod mail;
mod news;
mod options;
mod state;
mod tell;

use std::process::ExitCode;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use stentor_verify::{Fetch, Scope, Verdict, printable};

use crate::clock::now;
use crate::failure::{Failure, block_on, say};
use crate::judgement::{Judged, Judgement, judge};
use crate::mirror_http::{Patience, Web};
use crate::places::open_all;
use crate::trust::Given;
use news::{Kind, Mirror, Seen, Standing, Told, Word, compare};
pub use options::Follow;
use options::Settings;
use state::{Home, digest};
use tell::Channel;

/// A follower at work.
struct Follower {
    mirrors: Vec<Box<dyn Fetch>>,
    given: Given,
    home: Home,
    settings: Settings,
}

/// `now.json`: what is known at the moment. Whoever shows it compares `confirmed_until` with the clock first.
#[derive(Serialize)]
struct Now<'a> {
    standing: Standing,
    confirmed_until: Option<Timestamp>,
    looked_at: Timestamp,
    mirrors: &'a std::collections::BTreeMap<String, Standing>,
}

impl Follow {
    /// Runs the command: once, or until the process is ended.
    ///
    /// # Errors
    /// [`Failure`]: wrong usage, or a state that cannot be read or written. Mirrors that fail are news and no failure.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let settings = self.settings()?;
        block_on(async {
            let web = Web::new(Patience::default()).map_err(Failure::new)?;
            let follower = Follower {
                mirrors: open_all(&web, &settings.mirrors)?,
                given: settings.trust.read(&web, &settings.mirrors).await?,
                home: Home::open(&settings.state)?,
                settings,
            };
            loop {
                let judgement = follower.look().await?;
                if self.once {
                    return Ok(ExitCode::from(judgement.exit_code()));
                }
                tokio::time::sleep(follower.pause(&judgement)).await;
            }
        })
    }
}

impl Follower {
    /// One look: judge, keep, tell.
    async fn look(&self) -> Result<Judgement, Failure> {
        let mut kept = self.home.load()?;
        let mut judgement = self.judge().await;
        let mut seen = seen(&judgement);
        let alarming = |seen: &Seen, told: &Told| {
            let (messages, _) = compare(told, seen);
            let mut kinds = messages.iter().map(|m| m.kind);
            kinds.any(|kind| matches!(kind, Kind::Forged | Kind::Unreachable))
        };
        if alarming(&seen, &kept.told) {
            // An update on its way, or a line that stuttered, looks the same: look again before waking anybody.
            tokio::time::sleep(self.settings.recheck).await;
            judgement = self.judge().await;
            seen = self::seen(&judgement);
        }
        let (messages, told) = compare(&kept.told, &seen);
        if let (Some(word), Some(newest)) = (&seen.word, judgement.newest()) {
            self.home.keep(&word.digest, &newest.files)?;
        }
        let channels: Vec<_> = self.settings.channels.iter().map(Channel::name).collect();
        kept.wait(&channels, &messages);
        kept.told = told;
        self.home.say_now(&Now {
            standing: seen.standing(),
            confirmed_until: kept.told.confirmed_until,
            looked_at: seen.at,
            mirrors: &kept.told.mirrors,
        })?;
        // What is to be told is noted before it is told: after a crash it is told twice rather than never.
        self.home.save(&kept)?;
        let mut delivered = false;
        for channel in &self.settings.channels {
            let Some(waiting) = kept.waiting.get_mut(channel.name()) else {
                continue;
            };
            while let Some(message) = waiting.first() {
                if let Err(why) = channel.tell(message).await {
                    say(&format!(
                        "{}: {}; it is tried again with the next look",
                        channel.name(),
                        printable(&why)
                    ));
                    break;
                }
                waiting.remove(0);
                delivered = true;
            }
        }
        if delivered {
            self.home.save(&kept)?;
        }
        Ok(judgement)
    }

    async fn judge(&self) -> Judgement {
        let mirrors: Vec<&dyn Fetch> = self.mirrors.iter().map(AsRef::as_ref).collect();
        let floors = self.home.floors();
        judge(&mirrors, &self.given, Some(&floors), Scope::Present, now()).await
    }

    /// How long to sleep: the interval give or take a tenth, and not beyond the moment at which the word expires.
    fn pause(&self, judgement: &Judgement) -> Duration {
        let interval = self.settings.interval;
        let mut dice = [0u8; 1];
        // Without dice all followers come at once; that is a burden, not an error.
        let _ = getrandom::fill(&mut dice);
        let jittered = interval.mul_f64(0.9 + 0.2 * f64::from(dice[0]) / 255.0);
        let left = judgement
            .newest()
            .filter(|o| o.report.verdict == Verdict::Fresh)
            .and_then(|o| o.report.roles.iter().map(|r| r.expires).min())
            .map(|until| until.as_second() - now().as_second() + 1);
        match left.map(|l| Duration::from_secs(l.max(1).unsigned_abs())) {
            Some(left) if left < jittered => left,
            _ => jittered,
        }
    }
}

/// What a judgement means for somebody who follows.
fn seen(judgement: &Judgement) -> Seen {
    let mirror = |Judged { outcome, .. }: &Judged| {
        let (standing, why) = match &outcome.report.verdict {
            Verdict::Fresh => (Standing::Fresh, String::new()),
            Verdict::Stale { .. } => (Standing::Stale, String::new()),
            Verdict::NotAuthentic { what } => (Standing::Forged, what.join("\n")),
            Verdict::Unreachable { reason } => (Standing::Unreachable, reason.clone()),
        };
        Mirror {
            name: outcome.report.mirror.clone(),
            standing,
            why,
        }
    };
    let word = judgement.newest().and_then(|outcome| {
        let expires = outcome.report.roles.iter().map(|r| r.expires).min()?;
        Some(Word {
            digest: digest(&outcome.files),
            headline: headline(outcome.files.get("status.txt").map(Vec::as_slice)),
            confirmed_until: expires,
            stale: outcome.report.verdict != Verdict::Fresh,
        })
    });
    let at = judgement
        .mirrors
        .first()
        .map(|m| m.outcome.report.checked_at);
    Seen {
        at: at.unwrap_or(Timestamp::UNIX_EPOCH),
        mirrors: judgement.mirrors.iter().map(mirror).collect(),
        word,
    }
}

/// The first lines of `status.txt`, which is made for terminals.
fn headline(text: Option<&[u8]>) -> String {
    let text = String::from_utf8_lossy(text.unwrap_or_default());
    let lines: Vec<_> = text
        .lines()
        .map(|l| printable(l.trim()))
        .filter(|l| !l.is_empty())
        .take(3)
        .collect();
    if lines.is_empty() {
        "The public word has changed.".to_owned()
    } else {
        lines.join("\n")
    }
}
