//! Silences: what is silenced is not told, and is told when the silence is over if it is news then.

use super::{DOWN_1, DOWN_2, DOWN_3, Labels, QUICK, SLOW_1, USUAL, by_name};
use crate::config::Timing;
use crate::plan::{FAR, Plan, matcher};

const TEAM_A: Labels = &[("alertname", "Down"), ("instance", "1"), ("team", "a")];
const TEAM_B: Labels = &[("alertname", "Down"), ("instance", "2"), ("team", "b")];
const NO_TEAM: Labels = &[("alertname", "Down"), ("instance", "3")];

pub(super) fn plans() -> Vec<Plan> {
    let quick = || by_name(QUICK);
    let one = [matcher("instance=1")];
    let mut plans = vec![
        Plan::new(
            "silenced-before-first-flush",
            "An alert that is silenced when it comes is not told; the others of its group are.",
            quick(),
        )
        .silence(0.4, "one", &one, 0.4, FAR)
        .fire(1.4, [DOWN_1, DOWN_2, SLOW_1])
        .end(6.15),
        Plan::new(
            "silenced-within-wait",
            "A silence within group_wait is early enough; when it is expired the alert is told at the next tick.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .silence(1.4, "one", &one, 1.4, FAR)
        .expire(5.4, "one")
        .end(12.15),
        Plan::new(
            "silenced-after-first-flush",
            "A silence after the alert was told, and its end, tell nothing.",
            quick(),
        )
        .fire(0.4, [DOWN_1])
        .silence(1.4, "one", &one, 1.4, FAR)
        .expire(6.4, "one")
        .end(11.15),
        Plan::new(
            "silence-ends-by-time",
            "A silence that is over lets the alert be told at the next tick.",
            quick(),
        )
        .silence(0.4, "one", &one, 0.4, 5.65)
        .fire(1.4, [DOWN_1])
        .end(10.15),
        Plan::new(
            "silence-starts-later",
            "A silence that is pending does nothing until it starts.",
            quick(),
        )
        .silence(0.4, "one", &one, 3.65, 8.65)
        .fire(1.4, [DOWN_1])
        .fire(4.4, [&[("alertname", "Slow"), ("instance", "1")]])
        .end(12.15),
        Plan::new(
            "silence-expired-while-pending",
            "A pending silence that is expired never starts.",
            quick(),
        )
        .silence(0.4, "one", &one, 2.65, FAR)
        .expire(1.4, "one")
        .fire(3.4, [DOWN_1])
        .end(7.15),
        Plan::new(
            "silence-prolonged",
            "A silence whose end is moved stays the same silence.",
            quick(),
        )
        .silence(0.4, "one", &one, 0.4, 4.65)
        .fire(1.4, [DOWN_1])
        .silence(3.4, "one", &one, 0.4, 8.65)
        .end(12.15),
        Plan::new(
            "silence-shortened",
            "A silence may be updated to end sooner.",
            quick(),
        )
        .silence(0.4, "one", &one, 0.4, 12.65)
        .fire(1.4, [DOWN_1])
        .silence(3.4, "one", &one, 0.4, 5.65)
        .end(10.15),
        Plan::new(
            "silence-changed",
            "A silence with other matchers replaces the old one.",
            quick(),
        )
        .silence(0.4, "one", &one, 0.4, FAR)
        .fire(1.4, [DOWN_1, DOWN_2, SLOW_1])
        .silence(4.4, "one", &[matcher("alertname=Slow")], 4.4, FAR)
        .end(10.15),
        Plan::new(
            "silences-overlap",
            "An alert is silenced as long as one silence fits.",
            quick(),
        )
        .silence(0.4, "one", &one, 0.4, 4.65)
        .silence(0.4, "name", &[matcher("alertname=Down")], 0.4, FAR)
        .fire(1.4, [DOWN_1, DOWN_2])
        .expire(8.4, "name")
        .end(12.15),
    ];
    plans.extend(matchers());
    plans.extend(parts_of_groups());
    plans
}

fn matchers() -> Vec<Plan> {
    let quick = || by_name(QUICK);
    let teams = [TEAM_A, TEAM_B, NO_TEAM];
    vec![
        Plan::new(
            "silence-by-regex",
            "A regular expression must fit the whole value.",
            quick(),
        )
        .silence(0.4, "r", &[matcher("instance=~1|2.+")], 0.4, FAR)
        .fire(1.4, teams)
        .end(4.15),
        Plan::new(
            "silence-by-negation",
            "A negative matcher fits an alert without the label.",
            quick(),
        )
        .silence(0.4, "n", &[matcher("alertname=Down"), matcher("team!=a")], 0.4, 5.65)
        .fire(1.4, teams)
        .end(10.15),
        Plan::new(
            "silence-by-negated-regex",
            "A negated regular expression.",
            quick(),
        )
        .silence(0.4, "n", &[matcher("alertname=~D.*"), matcher("team!~b|c")], 0.4, 5.65)
        .fire(1.4, teams)
        .end(10.15),
        Plan::new(
            "silence-by-missing-label",
            "An empty value fits an alert without the label, if another matcher does not fit the empty text.",
            quick(),
        )
        .silence(0.4, "m", &[matcher("alertname=Down"), matcher("team=")], 0.4, FAR)
        .fire(1.4, teams)
        .end(4.15),
    ]
}

/// Where a part of a group is silenced, the log of what was told holds only the rest.
fn parts_of_groups() -> Vec<Plan> {
    let one = [matcher("instance=1")];
    vec![
        Plan::new(
            "silenced-while-others-join",
            "A message about others forgets a silenced alert: when the silence is over it is told as if new.",
            by_name(QUICK),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .silence(1.4, "one", &one, 1.4, FAR)
        .fire(3.4, [DOWN_3])
        .expire(5.4, "one")
        .end(10.15),
        Plan::new(
            "silenced-while-others-end",
            "The others of a group end while one is silenced: the message says resolved, and the one is told afterwards.",
            by_name(QUICK),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .silence(1.4, "one", &one, 1.4, FAR)
        .resolve(3.4, [DOWN_2])
        .expire(7.4, "one")
        .end(12.15),
        Plan::new(
            "silenced-while-others-repeat",
            "A repeat leaves out what is silenced; when the silence is over, the alert is told as if new.",
            by_name(Timing {
                repeat: 3500,
                ..QUICK
            }),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .silence(1.4, "one", &one, 1.4, FAR)
        .expire(9.4, "one")
        .end(14.15),
        Plan::new(
            "silenced-alone-no-repeat",
            "A group of which all is silenced is not repeated; when the silence is over, the repeat is due at once.",
            by_name(Timing {
                repeat: 3500,
                ..QUICK
            }),
        )
        .fire(0.4, [DOWN_1])
        .silence(1.4, "one", &one, 1.4, FAR)
        .expire(9.4, "one")
        .end(16.15),
        Plan::new(
            "silenced-never-told-ends",
            "An alert that comes and ends under a silence is never told, nor is its end.",
            by_name(QUICK),
        )
        .silence(0.4, "one", &one, 0.4, 7.65)
        .fire(1.4, [DOWN_1, DOWN_2])
        .resolve(4.4, [DOWN_1])
        .end(12.15),
    ]
}
