//! Several mirrors judged together: each by itself, and the newest authentic word counts.

use futures::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use stentor_verify::{
    Fetch, Outcome, Remembered, Report, Rollback, Scope, StateDir, Verdict, Verification, printable,
};

use crate::trust::Given;

/// What was found on one mirror, and whether another one shows a newer word.
pub(crate) struct Judged {
    pub(crate) outcome: Outcome,
    pub(crate) behind: bool,
}

/// What was found on all mirrors, in the order in which they were named.
pub(crate) struct Judgement {
    pub(crate) mirrors: Vec<Judged>,
    newest: Option<usize>,
}

/// Root and timestamp: what makes one word newer than another.
type Rank = (u64, u64);

fn rank(report: &Report) -> Rank {
    let version = |role| report.version(role).unwrap_or(0);
    (version("root"), version("timestamp"))
}

/// Judges `mirrors` against what was seen before, and remembers what was verified now.
///
/// Each mirror is compared with the memory from before this call, so that a mirror that only lags is not taken for one
/// that was rolled back.
pub(crate) async fn judge(
    mirrors: &[&dyn Fetch],
    given: &Given,
    state: Option<&StateDir>,
    scope: Scope<'_>,
    now: Timestamp,
) -> Judgement {
    let all = |verdicts: Vec<Verdict>| {
        let verdicts = verdicts.into_iter().cycle();
        let outcomes = mirrors.iter().zip(verdicts);
        Judgement::of(outcomes.map(|(m, v)| unverified(*m, v, now)).collect())
    };
    let seen = match state.map(StateDir::load).transpose() {
        Ok(seen) => seen.flatten(),
        Err(e) => {
            let reason = printable(&e.to_string());
            return all(vec![Verdict::Unreachable { reason }]);
        }
    };
    let root = match given.root(mirrors).await {
        Ok(root) => root,
        Err(verdicts) => return all(verdicts),
    };
    let check = async |mirror: &dyn Fetch, seen: Option<&Remembered>| {
        let check = Verification {
            remembered: seen,
            scope,
            ..Verification::new(mirror, &root, now)
        };
        check.run().await
    };
    let checks = mirrors.iter().map(|mirror| check(*mirror, seen.as_ref()));
    let mut outcomes = join_all(checks).await;
    for outcome in &mut outcomes {
        settle(outcome, given, &root);
        if let Some(state) = state
            && seen.as_ref().unwrap_or(&Remembered::default()) != &outcome.remember
            && let Err(e) = state.save(seen.as_ref(), &outcome.remember)
            && outcome.report.verdict.is_authentic()
        {
            // Without memory a rollback could pass the next time, and the caller asked for that to be excluded.
            let reason = printable(&e.to_string());
            replace(outcome, Verdict::Unreachable { reason });
        }
    }
    // What is older than was seen is refused where nothing newer is at hand; beside a newer word it only lags.
    let newest = outcomes.iter().filter(|o| o.report.verdict.is_authentic());
    if let (Some(best), Some(seen)) = (newest.map(|o| rank(&o.report)).max(), &seen) {
        for (mirror, outcome) in mirrors.iter().zip(&mut outcomes) {
            if matches!(outcome.report.verdict, Verdict::NotAuthentic { .. }) {
                let mut again = check(*mirror, Some(&seen.roots_only())).await;
                settle(&mut again, given, &root);
                if again.report.verdict.is_authentic() && rank(&again.report) < best {
                    again.report.rollback = Rollback::Compared;
                    *outcome = again;
                }
            }
        }
    }
    Judgement::of(outcomes)
}

/// Refuses a mirror whose roots contradict a pin.
fn settle(outcome: &mut Outcome, given: &Given, root: &[u8]) {
    if outcome.report.verdict.is_authentic()
        && let Some(pin) = given.contradicts(root, &outcome.remember)
    {
        let what = vec![format!(
            "the pin {} names none of this publisher's roots: one of the ways by which trust came is wrong or forged",
            printable(&pin.to_string())
        )];
        replace(outcome, Verdict::NotAuthentic { what });
    }
}

fn replace(outcome: &mut Outcome, verdict: Verdict) {
    outcome.report.exit_code = verdict.exit_code();
    outcome.report.verdict = verdict;
    outcome.files.clear();
}

/// A mirror about which something is said before any root is trusted.
fn unverified(mirror: &dyn Fetch, verdict: Verdict, now: Timestamp) -> Outcome {
    Outcome {
        report: Report {
            mirror: printable(&mirror.name()),
            trusted_root: String::new(),
            checked_at: now,
            exit_code: verdict.exit_code(),
            verdict,
            rollback: Rollback::CannotBeExcluded,
            roles: Vec::new(),
            files: 0,
        },
        remember: Remembered::default(),
        files: Default::default(),
    }
}

impl Judgement {
    fn of(outcomes: Vec<Outcome>) -> Self {
        let authentic = outcomes
            .iter()
            .enumerate()
            .filter(|(_, o)| o.report.verdict.is_authentic());
        // Of equals the first named.
        let newest = authentic
            .max_by_key(|(i, o)| (rank(&o.report), std::cmp::Reverse(*i)))
            .map(|(i, _)| i);
        let best = newest.map(|i| rank(&outcomes[i].report));
        let mirrors = outcomes
            .into_iter()
            .map(|outcome| Judged {
                behind: outcome.report.verdict.is_authentic() && Some(rank(&outcome.report)) < best,
                outcome,
            })
            .collect();
        Self { mirrors, newest }
    }

    /// The newest authentic word.
    pub(crate) fn newest(&self) -> Option<&Outcome> {
        self.newest.map(|i| &self.mirrors[i].outcome)
    }

    /// That of the newest authentic word; without one, 4 where anything is forged, else 5.
    pub(crate) fn exit_code(&self) -> u8 {
        let reports = || self.mirrors.iter().map(|m| &m.outcome.report);
        let code = |report: &Report| report.exit_code;
        self.newest()
            .map(|o| code(&o.report))
            .or_else(|| reports().map(code).min())
            .unwrap_or(5)
    }

    /// Whether a mirror shows what nobody signed.
    pub(crate) fn has_forgery(&self) -> bool {
        let mut reports = self.mirrors.iter().map(|m| &m.outcome.report);
        reports.any(|report| matches!(report.verdict, Verdict::NotAuthentic { .. }))
    }

    /// For people.
    pub(crate) fn explain(&self) -> String {
        let mut parts = Vec::new();
        for Judged { outcome, behind } in &self.mirrors {
            let mut text = outcome.report.explain().trim_end().to_owned();
            if *behind {
                text.push_str("\n  It lags: another mirror shows a newer word.");
            }
            parts.push(text);
        }
        if self.mirrors.len() > 1 {
            parts.push(match self.newest() {
                Some(newest) => {
                    format!("The newest authentic word is on {}.", newest.report.mirror)
                }
                None => "No mirror shows an authentic word.".to_owned(),
            });
        }
        parts.join("\n\n")
    }

    /// For programs: of one mirror its report, of several all of them and which is the newest.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct One<'a> {
            #[serde(flatten)]
            report: &'a Report,
            behind: bool,
        }
        #[derive(Serialize)]
        struct All<'a> {
            newest: Option<&'a str>,
            exit_code: u8,
            mirrors: Vec<One<'a>>,
        }
        if let [only] = self.mirrors.as_slice() {
            return serde_json::to_string_pretty(&only.outcome.report);
        }
        serde_json::to_string_pretty(&All {
            newest: self.newest().map(|o| o.report.mirror.as_str()),
            exit_code: self.exit_code(),
            mirrors: self
                .mirrors
                .iter()
                .map(|m| One {
                    report: &m.outcome.report,
                    behind: m.behind,
                })
                .collect(),
        })
    }
}
