//! Times in which a route is told nothing, judged by the day of the recording.

use super::{DOWN_1, DOWN_2, SLOW_1, USUAL, by_name};
use crate::config::Config;
use crate::plan::Plan;

/// Every moment, and a year that is over.
const TIMES: &[&str] = &[
    "time_intervals:",
    "- name: always",
    "  time_intervals:",
    "  - times: [{start_time: '00:00', end_time: '24:00'}]",
    "- name: never",
    "  time_intervals:",
    "  - years: ['2001']",
];

fn config(route: &str) -> Config {
    by_name(USUAL)
        .receiver("slow")
        .routes(&[
            "- matchers: [alertname=\"Slow\"]",
            "  receiver: slow",
            route,
        ])
        .also(TIMES)
}

pub(super) fn plans() -> Vec<Plan> {
    let play = |name: &str, note: &str, route: &str| {
        Plan::new(name, note, config(route))
            .fire(0.4, [DOWN_1, SLOW_1])
            .end(6.15)
    };
    vec![
        play(
            "muted-always",
            "In a mute time nothing is told; the alert is active all the same.",
            "  mute_time_intervals: [always]",
        ),
        play(
            "muted-never",
            "A mute time that is over mutes nothing.",
            "  mute_time_intervals: [never]",
        ),
        play(
            "active-always",
            "Within an active time all is told.",
            "  active_time_intervals: [always]",
        ),
        play(
            "active-never",
            "Outside of the active times nothing is told.",
            "  active_time_intervals: [never]",
        ),
        play(
            "muted-by-one-of-two",
            "One of several mute times is enough.",
            "  mute_time_intervals: [never, always]",
        ),
        play(
            "active-and-muted",
            "A mute time within an active time mutes.",
            "  active_time_intervals: [never, always]\n    mute_time_intervals: [always]",
        ),
        Plan::new(
            "muted-then-reloaded",
            "When a reload takes the mute time away, what was not told is told at once: it started long enough ago.",
            config("  mute_time_intervals: [always]"),
        )
        .fire(0.4, [DOWN_1, SLOW_1])
        .reload(5.4, config("  mute_time_intervals: [never]"))
        .end(12.15),
        Plan::new(
            "muted-after-told",
            "Changes during a mute time that a reload brings are not told.",
            config("  mute_time_intervals: [never]"),
        )
        .fire(0.4, [DOWN_2, SLOW_1])
        .reload(3.4, config("  mute_time_intervals: [always]"))
        .fire(4.15, [&[("alertname", "Slow"), ("instance", "2")]])
        .end(11.15),
    ]
}
