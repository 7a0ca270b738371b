//! The whole recording: many plans at a time, each played until two takes agree.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use stentor_testkit::scenario::Scenario;

use crate::failure::Failure;
use crate::options::Options;
use crate::plan::Plan;
use crate::{alertmanager, judge, kinds, play, store};

/// So often a plan is played until two takes in a row agree.
const TAKES: usize = 6;

/// A plan and what came of it.
pub(crate) struct Recorded {
    pub(crate) differs: bool,
    pub(crate) scenario: Scenario,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let version = alertmanager::version()?;
    let all = kinds::all();
    let asked = |plan: &&Plan| {
        options.only.is_empty() || options.only.iter().any(|part| plan.name.contains(part))
    };
    let plans: Vec<Plan> = all.iter().filter(asked).cloned().collect();
    if plans.is_empty() {
        return Err(Failure::Usage("no scenario has such a name".into()));
    }
    println!(
        "Alertmanager {version}: {} scenarios, {} at a time",
        plans.len(),
        options.jobs
    );
    let (recorded, failed) = play_all(&plans, options.jobs);
    let messages = |r: &Recorded| r.scenario.notifications.len();
    let told: usize = recorded.iter().map(messages).sum();
    store::keep(&version, &recorded, &all)?;
    println!("kept {} scenarios, {told} notifications", recorded.len());
    if failed.is_empty() {
        return Ok(());
    }
    let text = format!("{}: not recorded, see above", failed.join(", "));
    Err(Failure::Unexpected(text))
}

/// Plays all; gives what was recorded and the names of the plans that failed.
fn play_all(plans: &[Plan], jobs: usize) -> (Vec<Recorded>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(plan) = plans.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = play(plan);
                    if let Err(failure) = &outcome {
                        eprintln!("{}: {failure}", plan.name);
                    }
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push(outcome.map_err(|_| plan.name.clone()));
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (good, bad): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    (
        good.into_iter().flatten().collect(),
        bad.into_iter().filter_map(Result::err).collect(),
    )
}

/// Plays a plan until two takes in a row agree and neither is ambiguous.
fn play(plan: &Plan) -> Result<Recorded, Failure> {
    let mut last: Option<Scenario> = None;
    let mut why = String::new();
    for _ in 0..TAKES {
        let take = match play::take(plan) {
            Ok(take) => take,
            Err(Failure::Unexpected(text)) => {
                why = text;
                last = None;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        if let Some(complaint) = judge::complaint(plan, &take) {
            if complaint == why {
                // It is the plan, not the machine.
                break;
            }
            why = complaint;
            last = None;
            continue;
        }
        match last.as_ref().map(|last| judge::difference(last, &take)) {
            Some(None) => {
                return Ok(Recorded {
                    differs: plan.differs,
                    scenario: take,
                });
            }
            Some(Some(difference)) => why = difference,
            None => {}
        }
        last = Some(take);
    }
    Err(Failure::Unexpected(why))
}
