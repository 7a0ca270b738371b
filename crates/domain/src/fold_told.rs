//! The fold of what receivers were told, what people noted about groups, and silences.

use std::sync::Arc;

use crate::alert::Fingerprint;
use crate::routing::{GroupId, Inhibition, Routing};
use crate::silence::{KEEP_ENDED_MS, Silence, SilenceId, Wanted};
use crate::state::{EndedAlert, OpenAlert, WorldState};
use crate::told::{Acknowledged, Comment, Delivered, GroupNotes, Told};

/// What was told is remembered this long after the last word about a group, in milliseconds: five days, as Alertmanager
/// keeps its log of notifications by default. Of alerts that still fire it is never forgotten.
const KEEP_TOLD_MS: i64 = 5 * 86_400_000;

/// How often what is no longer needed is dropped, in milliseconds.
const SWEEP_EVERY_MS: i64 = 3_600_000;

/// Comments on a group that are kept.
const COMMENTS: usize = 100;

impl WorldState {
    pub(crate) fn fold_delivered(&mut self, now_ms: i64, one: &Delivered) {
        let known = self.told.entry(one.group).or_default();
        let at = known.iter().position(|t| t.to == one.to);
        let before = at.map(|at| known.swap_remove(at));
        let mut knew: Vec<Fingerprint> = before.map_or_else(Vec::new, |t| {
            t.firing.iter().chain(&*t.owed).copied().collect()
        });
        knew.sort_unstable();
        let names = |side: &[Fingerprint], f: &Fingerprint| side.binary_search(f).is_ok();
        let owed: Box<[Fingerprint]> = knew
            .iter()
            .filter(|f| !names(&one.firing, f) && !names(&one.resolved, f))
            .copied()
            .collect();
        let told = Told {
            to: Arc::clone(&one.to),
            firing: one.firing.clone().into(),
            owed,
            at_ms: now_ms,
        };
        let is_over = told.firing.is_empty() && told.owed.is_empty();
        let learnt: Vec<Fingerprint> = one
            .firing
            .iter()
            .filter(|f| !names(&knew, f))
            .copied()
            .collect();
        if !is_over {
            known.push(told);
        }
        if self.told.get(&one.group).is_some_and(Vec::is_empty) {
            self.told.remove(&one.group);
            // Whatever was noted about it was about what is over now.
            self.notes.remove(&one.group);
        }
        for fingerprint in learnt {
            self.count_known(fingerprint, 1);
        }
        for fingerprint in &one.resolved {
            if names(&knew, fingerprint) {
                self.count_known(*fingerprint, -1);
            }
        }
        self.sweep(now_ms);
    }

    /// One receiver more, or fewer, knows an alert to fire.
    fn count_known(&mut self, fingerprint: Fingerprint, by: i32) {
        if let Some(open) = self.alerts.get_mut(&fingerprint) {
            open.known_to = open.known_to.saturating_add_signed(by);
        } else if let Some(ended) = self.ended.get_mut(&fingerprint) {
            ended.known_to = ended.known_to.saturating_add_signed(by);
            if ended.known_to == 0 {
                self.ended.remove(&fingerprint);
            }
        }
    }

    /// An alert ended: whoever knows it to fire is still to be told.
    pub(crate) fn keep_ended(&mut self, fingerprint: Fingerprint, open: &OpenAlert, ended_ms: i64) {
        if open.known_to > 0 {
            let ended = EndedAlert {
                alert: Arc::clone(&open.alert),
                ended_ms,
                known_to: open.known_to,
            };
            self.ended.insert(fingerprint, ended);
        }
    }

    pub(crate) fn fold_silence(&mut self, now_ms: i64, id: SilenceId, wanted: &Wanted) {
        let silence = Silence {
            id,
            wanted: wanted.clone(),
            updated_ms: now_ms,
        };
        self.silences.insert(id, silence);
        self.sweep(now_ms);
    }

    pub(crate) fn fold_silence_ended(&mut self, now_ms: i64, id: SilenceId) {
        if let Some(silence) = self.silences.get_mut(&id) {
            let wanted = &mut silence.wanted;
            // One that never began ends with its beginning.
            wanted.starts_ms = wanted.starts_ms.min(now_ms);
            wanted.ends_ms = wanted.ends_ms.min(now_ms);
            silence.updated_ms = now_ms;
        }
    }

    pub(crate) fn fold_acknowledged(
        &mut self,
        now_ms: i64,
        group: GroupId,
        until_ms: i64,
        by: &str,
    ) {
        let notes = self.noted(now_ms, group);
        notes.acknowledged = (until_ms > now_ms).then(|| Acknowledged {
            by: by.to_owned(),
            at_ms: now_ms,
            until_ms,
        });
    }

    pub(crate) fn noted(&mut self, now_ms: i64, group: GroupId) -> &mut GroupNotes {
        let notes = self.notes.entry(group).or_default();
        notes.noted_ms = now_ms;
        notes
    }

    pub(crate) fn fold_comment(&mut self, now_ms: i64, group: GroupId, by: &str, text: &str) {
        let notes = self.noted(now_ms, group);
        if notes.comments.len() == COMMENTS {
            notes.comments.remove(0);
        }
        notes.comments.push(Comment {
            by: by.to_owned(),
            at_ms: now_ms,
            text: text.to_owned(),
        });
    }

    /// Drops what is no longer needed, now and then.
    fn sweep(&mut self, now_ms: i64) {
        if now_ms - self.swept_ms < SWEEP_EVERY_MS {
            return;
        }
        self.swept_ms = now_ms;
        self.silences
            .retain(|_, s| now_ms - s.wanted.ends_ms < KEEP_ENDED_MS);
        let alerts = &self.alerts;
        let is_needed = |told: &Told| {
            now_ms - told.at_ms < KEEP_TOLD_MS || told.firing.iter().any(|f| alerts.contains_key(f))
        };
        let mut forgotten: Vec<Fingerprint> = Vec::new();
        self.told.retain(|_, ways| {
            ways.retain(|told| {
                let keep = is_needed(told);
                if !keep {
                    forgotten.extend(told.firing.iter().chain(&*told.owed));
                }
                keep
            });
            !ways.is_empty()
        });
        for fingerprint in forgotten {
            self.count_known(fingerprint, -1);
        }
        let told = &self.told;
        self.notes
            .retain(|group, n| told.contains_key(group) || now_ms - n.noted_ms < KEEP_TOLD_MS);
    }

    /// Finds anew which alerts keep others quiet.
    pub(crate) fn rebuild_inhibition(&mut self, routing: Option<&Routing>) {
        self.inhibition = Inhibition::default();
        if let Some(routing) = routing {
            for (fingerprint, open) in &self.alerts {
                self.inhibition
                    .add(routing, *fingerprint, &open.alert.labels);
            }
        }
    }
}
