//! The scenarios: some written by hand, each about one thing, and some mixed from seeds.
//!
//! Steps are made at four tenths of a unit and groups wait whole units and a half, so that nothing happens at the
//! tick of a group. Where a group is told at once its ticks have the phase of the step, and other steps another one.

mod differs;
mod ends;
mod grouping;
mod inhibition;
mod mixed;
mod muting;
mod receivers;
mod reloads;
mod routing;
mod silences;
mod timing;

use crate::config::{Config, Timing};
use crate::plan::Plan;

/// A repeat interval that no scenario lives to see.
const NEVER: u32 = 3_600_000;

/// What most scenarios use: a wait of one and a half units, an interval of three, no repeat.
const USUAL: Timing = Timing {
    wait: 1500,
    interval: 3000,
    repeat: NEVER,
};

/// A faster group, for scenarios with more steps.
const QUICK: Timing = Timing {
    wait: 500,
    interval: 2000,
    repeat: NEVER,
};

type Labels = &'static [(&'static str, &'static str)];

const DOWN_1: Labels = &[("alertname", "Down"), ("instance", "1")];
const DOWN_2: Labels = &[("alertname", "Down"), ("instance", "2")];
const DOWN_3: Labels = &[("alertname", "Down"), ("instance", "3")];
const SLOW_1: Labels = &[("alertname", "Slow"), ("instance", "1")];

/// Groups by the alert's name.
fn by_name(timing: Timing) -> Config {
    Config::new(timing, &["alertname"])
}

/// All scenarios.
pub(crate) fn all() -> Vec<Plan> {
    let mut plans = Vec::new();
    plans.extend(grouping::plans());
    plans.extend(routing::plans());
    plans.extend(receivers::plans());
    plans.extend(timing::plans());
    plans.extend(ends::plans());
    plans.extend(silences::plans());
    plans.extend(inhibition::plans());
    plans.extend(muting::plans());
    plans.extend(reloads::plans());
    plans.extend((1..=18).map(mixed::plan));
    plans.extend(differs::plans());
    plans
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn plans_have_names_of_their_own_and_a_length() {
        let plans = all();
        let names: BTreeSet<_> = plans.iter().map(|plan| &plan.name).collect();
        assert_eq!(names.len(), plans.len());
        for plan in &plans {
            let last = plan.steps.last().map_or(0.0, |step| step.at);
            assert!(
                !plan.steps.is_empty() && last < plan.ends_at,
                "{}",
                plan.name
            );
            assert!(plan.ends_at < 46.0, "{}", plan.name);
        }
    }

    #[test]
    fn a_seed_makes_the_same_plan_again() {
        let (a, b) = (mixed::plan(3), mixed::plan(3));
        assert_eq!((a.config, a.steps), (b.config, b.steps));
        assert_ne!(mixed::plan(3).steps, mixed::plan(4).steps);
    }
}
