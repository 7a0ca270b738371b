//! What a reload does: all groups are made anew from the alerts that are known; the log of what was told stays.

use super::{DOWN_1, DOWN_2, SLOW_1, USUAL, by_name};
use crate::config::{Config, Timing};
use crate::plan::Plan;

pub(super) fn plans() -> Vec<Plan> {
    let slow_start = Timing {
        wait: 4500,
        ..USUAL
    };
    vec![
        Plan::new(
            "reload-changes-nothing",
            "After a reload nothing is told again, and the ticks count from the reload.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .reload(3.4, by_name(USUAL))
        .fire(4.15, [DOWN_2])
        .end(10.15),
        Plan::new(
            "reload-within-wait",
            "A reload within group_wait starts the wait anew, if the alert started less than group_wait ago.",
            by_name(slow_start),
        )
        .fire(0.4, [DOWN_1])
        .reload(3.4, by_name(slow_start))
        .end(12.15),
        Plan::new(
            "reload-before-the-end-is-told",
            "An end that was not told before a reload is told after it, at once.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .resolve(2.4, [DOWN_1])
        .reload(3.4, by_name(USUAL))
        .end(10.15),
        Plan::new(
            "reload-groups-otherwise",
            "Other group labels are other groups: everything is told again.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1, SLOW_1])
        .reload(4.4, Config::new(USUAL, &["alertname", "instance"]))
        .end(10.15),
        Plan::new(
            "reload-to-another-receiver",
            "A receiver that was not told yet is told what fires; the old one hears no end.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .reload(
            4.4,
            by_name(USUAL)
                .receiver("a")
                .routes(&["- matchers: [alertname=\"Down\"]", "  receiver: a"]),
        )
        .resolve(7.15, [DOWN_1])
        .end(13.15),
        Plan::new(
            "reload-inhibits",
            "A rule that a reload brings keeps an alert quiet that waits.",
            by_name(slow_start),
        )
        .fire(0.4, [DOWN_1, SLOW_1])
        .reload(
            2.4,
            by_name(slow_start).also(&[
                "inhibit_rules:",
                "- source_matchers: [alertname=\"Down\"]",
                "  target_matchers: [alertname=\"Slow\"]",
                "  equal: [instance]",
            ]),
        )
        .end(11.15),
    ]
}
