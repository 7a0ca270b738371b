//! What became of a push at each mirror: for people, the journal and the next try.

use jiff::Timestamp;
use stentor_domain::command::Command;
use stentor_publish::{MirrorFailure, MirrorOutcome, Waits};

use super::PublicLane;
use crate::health::MirrorHealth;

/// What slow mirrors are being brought to.
pub(super) struct Underway {
    mirrors: Vec<String>,
    snapshot: u64,
    fresh_until: Timestamp,
    news: bool,
}

impl PublicLane {
    /// Notes what has become of slow mirrors.
    pub(super) fn note_slow(&mut self) {
        let (Some(underway), Some((_, publisher))) = (self.underway.take(), &self.publisher) else {
            return;
        };
        let Underway {
            mirrors,
            snapshot,
            fresh_until,
            news,
        } = underway;
        let mut outcomes = publisher.outcomes();
        outcomes.retain(|outcome| mirrors.contains(&outcome.mirror));
        self.note(snapshot, fresh_until, &outcomes, news);
    }

    /// Says what could not be published for want of a signature: in the log when it changes, and on the console.
    pub(super) fn tell_waits(&mut self, waits: Option<Waits>) {
        if waits == self.waits {
            return;
        }
        match &waits {
            Some(waits) => tracing::error!(
                world = %self.world,
                pages = waits.changed.len(),
                "{waits}; they run: stentor word sign --key THEIR-KEY"
            ),
            None => tracing::info!(world = %self.world, "no word waits for a signature any more"),
        }
        self.engine.shared.set_waits(self.world, waits.clone());
        self.waits = waits;
    }

    /// Notes how each mirror fared; what is new goes into the journal, for which the next word does not wait.
    pub(super) fn note(
        &mut self,
        snapshot: u64,
        fresh_until: Timestamp,
        outcomes: &[MirrorOutcome],
        news: bool,
    ) {
        let now_ms = self.engine.clock().now_ms();
        let before: Vec<MirrorHealth> = self.engine.mirrors();
        let names: Vec<String> = match &self.publisher {
            Some((declared, _)) => declared.mirrors.iter().map(|m| m.name.clone()).collect(),
            None => outcomes.iter().map(|o| o.mirror.clone()).collect(),
        };
        self.engine
            .shared
            .update_mirrors(self.world, &names, |health| {
                let Some(outcome) = outcomes.iter().find(|o| o.mirror == health.name) else {
                    return;
                };
                health.word_ms = outcome
                    .word_at
                    .map_or(health.word_ms, |at| Some(at.as_millisecond()));
                match &outcome.result {
                    Err(MirrorFailure::Underway) => {}
                    Ok(_) => {
                        health.snapshot = Some(snapshot);
                        health.confirmed_ms = Some(now_ms);
                        health.fresh_until_ms = Some(fresh_until.as_millisecond());
                        health.error = None;
                    }
                    Err(error) => health.error = Some(error.to_string()),
                }
            });
        let slow = |o: &&MirrorOutcome| matches!(o.result, Err(MirrorFailure::Underway));
        let mirrors: Vec<String> = outcomes
            .iter()
            .filter(slow)
            .map(|o| o.mirror.clone())
            .collect();
        self.underway = (!mirrors.is_empty()).then_some(Underway {
            mirrors,
            snapshot,
            fresh_until,
            news,
        });
        for outcome in outcomes.iter().filter(|o| !slow(o)) {
            let error = outcome.result.as_ref().err().map(ToString::to_string);
            let known = before
                .iter()
                .find(|h| h.world == self.world && h.name == outcome.mirror);
            let turned = known.is_some_and(|h| h.error.is_some() != error.is_some());
            match &error {
                Some(error) if news || turned => {
                    tracing::warn!(world = %self.world, mirror = outcome.mirror, error, "a mirror does not show the current word");
                }
                None if turned => {
                    tracing::info!(world = %self.world, mirror = outcome.mirror, "a mirror shows the current word again");
                }
                _ => {}
            }
            if news || turned {
                let mirror = outcome.mirror.clone();
                let command = Command::RecordPush {
                    mirror,
                    snapshot,
                    error,
                };
                self.recorder.give(command);
            }
        }
        // What is under way has not failed; what is told here may be a part of all.
        let all = match &self.publisher {
            Some((_, publisher)) => publisher.outcomes(),
            None => outcomes.to_vec(),
        };
        if all.iter().all(|o| o.result.is_ok() || slow(&o)) {
            (self.failures, self.retry_at_ms) = (0, None);
        } else if outcomes.iter().any(|o| o.result.is_err() && !slow(&o)) {
            self.back_off(now_ms);
        }
    }
}
