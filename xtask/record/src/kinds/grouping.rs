//! Which alerts go together.

use super::{DOWN_1, DOWN_2, DOWN_3, SLOW_1, USUAL};
use crate::config::Config;
use crate::plan::Plan;

pub(super) fn plans() -> Vec<Plan> {
    let by = |names: &[&str]| Config::new(USUAL, names);
    vec![
        Plan::new(
            "group-by-one-label",
            "Two names make two groups; a third alert joins the first group later.",
            by(&["alertname"]),
        )
        .fire(0.4, [DOWN_1, SLOW_1, DOWN_2])
        .fire(3.4, [DOWN_3])
        .end(9.15),
        Plan::new(
            "group-by-several-labels",
            "Groups by name and team; an alert without a team is in a group without that label.",
            by(&["alertname", "team"]),
        )
        .fire(
            0.4,
            [
                &[("alertname", "Down"), ("instance", "1"), ("team", "a")],
                &[("alertname", "Down"), ("instance", "2"), ("team", "b")],
                &[("alertname", "Down"), ("instance", "3"), ("team", "a")],
                &[("alertname", "Down"), ("instance", "4")],
                &[("alertname", "Slow"), ("instance", "1"), ("team", "a")],
            ],
        )
        .resolve(
            3.4,
            [&[("alertname", "Down"), ("instance", "4")], &[
                ("alertname", "Down"),
                ("instance", "1"),
                ("team", "a"),
            ]],
        )
        .end(9.15),
        Plan::new(
            "group-by-nothing",
            "Without labels to group by, all alerts of a route are one group.",
            by(&[]),
        )
        .fire(0.4, [DOWN_1, SLOW_1])
        .fire(2.4, [DOWN_2])
        .resolve(5.4, [DOWN_1, SLOW_1, DOWN_2])
        .end(10.15),
        Plan::new(
            "group-by-all",
            "With `...` each alert is a group of its own, with all its labels in the key.",
            by(&["..."]),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .fire(1.4, [SLOW_1])
        .resolve(3.4, [DOWN_2])
        .end(8.15),
        Plan::new(
            "groups-created-apart",
            "Each group has its own ticks, counted from its first alert.",
            by(&["alertname"]),
        )
        .fire(0.4, [DOWN_1])
        .fire(1.4, [SLOW_1])
        .fire(2.4, [&[("alertname", "Full"), ("instance", "1")]])
        .fire(
            6.4,
            [
                DOWN_2,
                &[("alertname", "Slow"), ("instance", "2")],
                &[("alertname", "Full"), ("instance", "2")],
            ],
        )
        .end(12.15),
        Plan::new(
            "order-in-a-message",
            "Alerts are ordered by job, then instance, then all labels; one without job comes after those with one.",
            by(&["alertname"]),
        )
        .fire(
            0.4,
            [
                &[("alertname", "Down"), ("zone", "b")],
                &[("alertname", "Down"), ("instance", "9"), ("job", "web")],
                &[("alertname", "Down"), ("instance", "10"), ("job", "web")],
                &[("alertname", "Down"), ("job", "web")],
                &[("alertname", "Down"), ("instance", "1")],
                &[("alertname", "Down"), ("instance", "2"), ("job", "db")],
                &[("alertname", "Down"), ("area", "z"), ("zone", "a")],
                &[("alertname", "Down"), ("zone", "a")],
                &[("alertname", "Down"), ("instance", "1"), ("zone", "a")],
            ],
        )
        .resolve(
            3.4,
            [
                &[("alertname", "Down"), ("job", "web")],
                &[("alertname", "Down"), ("zone", "a")],
            ],
        )
        .end(6.15),
        Plan::new(
            "empty-labels",
            "A label with an empty value is no label: not in the fingerprint, not in the group.",
            by(&["alertname", "team"]),
        )
        .fire(
            0.4,
            [
                &[("alertname", "Down"), ("instance", "1"), ("team", "")],
                &[("alertname", "Down"), ("instance", "2")],
            ],
        )
        .resolve(3.4, [DOWN_1])
        .end(6.15),
        Plan::new(
            "values-with-signs",
            "Quotes, backslashes, commas and letters beyond ASCII in values, as the group's key shows them.",
            by(&["alertname", "path"]),
        )
        .fire(
            0.4,
            [
                &[("alertname", "Disk \"C:\\\" full"), ("path", "a,b={c}")],
                &[("alertname", "Lüfter steht"), ("path", "line\nbreak\ttab")],
            ],
        )
        .end(3.15),
    ]
}
