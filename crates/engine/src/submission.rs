//! Commands on their way to the writer, and who waits for the answer.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use stentor_domain::alert::Fingerprint;
use stentor_domain::command::Command;
use stentor_domain::decide::{Decision, Refusal};
use stentor_domain::world::World;
use tokio::sync::{mpsc, oneshot};

use crate::engine::{Done, SubmitError};
use crate::idempotency::{About, Idempotency};

/// Where the answer to a command goes.
pub(crate) type Asker = oneshot::Sender<Result<Done, SubmitError>>;

/// Requests with more alerts than this are left as they are: each makes a good entry by itself.
const SMALL: usize = 100;

/// Alerts of small requests that become one command at most.
const TOGETHER: usize = 2_000;

/// Company that is waited for: fewer gain little, and more share a sync widely enough.
const COMPANY: RangeInclusive<usize> = 4..=32;

/// Turns that others on the executor get meanwhile, at most: a fraction of what a sync takes, and no time on any clock.
const TURNS: usize = 100;

/// A command and whom to answer.
pub(crate) struct Submission {
    pub(crate) world: World,
    pub(crate) command: Command,
    pub(crate) once: Option<Idempotency>,
    /// Everybody whose request this is.
    pub(crate) askers: Vec<Asker>,
}

impl Submission {
    pub(crate) fn new(
        world: World,
        command: Command,
        once: Option<Idempotency>,
    ) -> (Self, oneshot::Receiver<Result<Done, SubmitError>>) {
        let (answer, answered) = oneshot::channel();
        let submission = Self {
            world,
            command,
            once,
            askers: vec![answer],
        };
        (submission, answered)
    }

    /// Tells everybody that it was not carried out.
    pub(crate) fn refuse(self, error: &SubmitError) {
        for asker in self.askers {
            // Whoever asked may have gone away.
            let _ = asker.send(Err(error.clone()));
        }
    }

    /// What to answer to everybody, once it is durable.
    pub(crate) fn answers(
        askers: Vec<Asker>,
        decision: &Result<Decision, Refusal>,
    ) -> impl Iterator<Item = (Asker, Result<Decision, Refusal>)> {
        let answer = decision
            .as_ref()
            .map(|decision| Decision::from(About::from(decision)))
            .map_err(Clone::clone);
        askers.into_iter().map(move |asker| (asker, answer.clone()))
    }
}

/// Waits a moment for company: who was answered just now may well ask again at once. One sync then serves everybody, and
/// not one half after the other. `expected` is how many there were together a moment ago; alone, nobody waits.
pub(crate) async fn gather(
    waiting: &mut Vec<Submission>,
    intake: &mut mpsc::Receiver<Submission>,
    expected: usize,
) {
    if !COMPANY.contains(&expected) {
        return;
    }
    let mut turns = 0;
    while waiting.len() < expected && turns < TURNS {
        match intake.try_recv() {
            Ok(another) => waiting.push(another),
            Err(_) => {
                tokio::task::yield_now().await;
                turns += 1;
            }
        }
    }
}

/// Makes one command of small requests of alerts that follow each other and name different alerts: a storm of single
/// alerts then costs an entry of the journal for many of them, not one each.
pub(crate) fn merge(submissions: Vec<Submission>) -> Vec<Submission> {
    let mut merged: Vec<Submission> = Vec::with_capacity(submissions.len());
    let mut named: HashSet<Fingerprint> = HashSet::new();
    for mut submission in submissions {
        let Some(last) = merged.last_mut() else {
            merged.push(submission);
            continue;
        };
        let same = last.world == submission.world && last.once.is_none();
        match (&mut last.command, &mut submission.command) {
            (Command::ReceiveAlerts(before), Command::ReceiveAlerts(alerts))
                if same
                    && submission.once.is_none()
                    && alerts.len() <= SMALL
                    && before.len() + alerts.len() <= TOGETHER =>
            {
                if last.askers.len() == 1 {
                    named = before.iter().map(|a| a.fingerprint).collect();
                }
                if alerts.iter().all(|a| !named.contains(&a.fingerprint)) {
                    named.extend(alerts.iter().map(|a| a.fingerprint));
                    before.append(alerts);
                    last.askers.append(&mut submission.askers);
                    continue;
                }
            }
            _ => {}
        }
        merged.push(submission);
    }
    merged
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use stentor_domain::alert::Alert;
    use stentor_domain::labels::Labels;

    use super::*;

    fn alert(name: &str) -> Arc<Alert> {
        let labels = Labels::from_pairs(&mut vec![("alertname", name)]);
        Arc::new(Alert {
            fingerprint: Fingerprint::of(&labels),
            labels,
            annotations: Labels::default(),
            starts_ms: 0,
            ends_ms: 1,
            generator_url: Box::default(),
            ends_by_timeout: false,
        })
    }

    fn post(names: &[&str]) -> Submission {
        let alerts = names.iter().map(|n| alert(n)).collect();
        Submission::new(World::Live, Command::ReceiveAlerts(alerts), None).0
    }

    /// How many alerts each command holds, and how many wait for it.
    fn shape(submissions: Vec<Submission>) -> Vec<(usize, usize)> {
        let shape = merge(submissions).into_iter().map(|s| match s.command {
            Command::ReceiveAlerts(alerts) => (alerts.len(), s.askers.len()),
            _ => (0, s.askers.len()),
        });
        shape.collect()
    }

    /// How many are together when so many are expected and six come one by one, each a turn after the one before.
    async fn gathered(expected: usize) -> usize {
        let (sender, mut intake) = mpsc::channel(64);
        let come = async move {
            for n in 0..6 {
                tokio::task::yield_now().await;
                sender.try_send(post(&[&n.to_string()])).unwrap();
            }
        };
        let mut waiting = vec![post(&["first"])];
        let wait = gather(&mut waiting, &mut intake, expected);
        tokio::join!(wait, come);
        waiting.len()
    }

    #[tokio::test]
    async fn company_is_waited_for_when_it_is_likely_and_shares_a_sync() {
        for (expected, together) in [(1, 1), (3, 1), (4, 4), (7, 7), (20, 7), (33, 1)] {
            assert_eq!(gathered(expected).await, together, "{expected}");
        }
    }

    #[test]
    fn requests_for_different_alerts_become_one_command() {
        let posts = || vec![post(&["a"]), post(&["b", "c"]), post(&["d"])];
        assert_eq!(shape(posts()), [(4, 3)]);
        assert_eq!(shape(Vec::new()), []);
    }

    #[test]
    fn what_is_said_of_one_alert_stays_in_its_order() {
        let posts = vec![post(&["a"]), post(&["b"]), post(&["a"]), post(&["c"])];
        assert_eq!(shape(posts), [(2, 2), (2, 2)]);
    }

    #[test]
    fn other_commands_other_worlds_and_repeatable_requests_stand_alone() {
        let tick = || {
            let command = Command::RecordClockJump { by_ms: 1 };
            Submission::new(World::Live, command, None).0
        };
        let mut drill = post(&["b"]);
        drill.world = World::Drill(1);
        let mut once = post(&["c"]);
        once.once = Some(Idempotency::new("ada", "key", String::new()));
        let posts = vec![
            post(&["a"]),
            tick(),
            post(&["d"]),
            drill,
            once,
            post(&["e"]),
        ];
        assert_eq!(
            shape(posts),
            [(1, 1), (0, 1), (1, 1), (1, 1), (1, 1), (1, 1)]
        );
    }

    #[test]
    fn large_requests_stand_alone() {
        let names: Vec<String> = (0..=SMALL).map(|n| n.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(
            shape(vec![post(&["x"]), post(&names)]),
            [(1, 1), (SMALL + 1, 1)]
        );
    }
}
