//! Alerts that keep others quiet.

use super::{Labels, NEVER, QUICK};
use crate::config::{Config, Timing};
use crate::plan::{FAR, Plan, Said, alert};

const PAGE_1: Labels = &[
    ("alertname", "Down"),
    ("instance", "1"),
    ("severity", "page"),
];
const PAGE_2: Labels = &[
    ("alertname", "Down"),
    ("instance", "2"),
    ("severity", "page"),
];
const WARN_1: Labels = &[
    ("alertname", "Slow"),
    ("instance", "1"),
    ("severity", "warn"),
];
const WARN_2: Labels = &[
    ("alertname", "Slow"),
    ("instance", "2"),
    ("severity", "warn"),
];
const WARN_NOWHERE: Labels = &[("alertname", "Slow"), ("severity", "warn")];
const PAGE_NOWHERE: Labels = &[("alertname", "Down"), ("severity", "page")];
const INFO_1: Labels = &[
    ("alertname", "Note"),
    ("instance", "1"),
    ("severity", "info"),
];

fn config(rules: &[&str]) -> Config {
    Config::new(QUICK, &["alertname"])
        .also(&["inhibit_rules:"])
        .also(rules)
}

const BY_INSTANCE: &[&str] = &[
    "- source_matchers: [severity=\"page\"]",
    "  target_matchers: [severity=\"warn\"]",
    "  equal: [instance]",
];

pub(super) fn plans() -> Vec<Plan> {
    vec![
        Plan::new(
            "inhibited-where-equal",
            "A page keeps the warnings of its own instance quiet; with its end they are told.",
            config(BY_INSTANCE),
        )
        .fire(0.4, [PAGE_1, WARN_1, WARN_2])
        .resolve(5.4, [PAGE_1])
        .end(11.15),
        Plan::new(
            "inhibited-before-told",
            "A warning that is inhibited within group_wait and ends so is never told.",
            Config::new(
                Timing {
                    wait: 2500,
                    interval: 2000,
                    repeat: NEVER,
                },
                &["alertname"],
            )
            .also(&["inhibit_rules:"])
            .also(BY_INSTANCE),
        )
        .fire(0.4, [WARN_1])
        .fire(1.4, [PAGE_1])
        .resolve(5.4, [WARN_1])
        .resolve(8.4, [PAGE_1])
        .end(13.15),
        Plan::new(
            "inhibited-after-told",
            "A page that comes after the warning was told tells nothing of the warning, and neither does its end.",
            config(BY_INSTANCE),
        )
        .fire(0.4, [WARN_1])
        .fire(2.4, [PAGE_1])
        .resolve(5.4, [PAGE_1])
        .end(11.15),
        Plan::new(
            "inhibited-by-missing-labels",
            "A label that both lack counts as equal; one that only one lacks does not.",
            config(BY_INSTANCE),
        )
        .fire(0.4, [PAGE_NOWHERE, WARN_NOWHERE, WARN_1])
        .end(5.15),
        Plan::new(
            "inhibited-everywhere",
            "Without `equal` a source keeps all targets quiet.",
            config(&[
                "- source_matchers: [severity=\"page\"]",
                "  target_matchers: [severity=~\"warn|info\"]",
            ]),
        )
        .fire(0.4, [PAGE_2, WARN_1, INFO_1])
        .resolve(4.4, [PAGE_2])
        .end(9.15),
        Plan::new(
            "inhibited-by-several-rules",
            "Rules work in a row: an inhibited warning still keeps an info quiet.",
            config(BY_INSTANCE).also(&[
                "- source_matchers: [severity=\"warn\"]",
                "  target_matchers: [severity=\"info\"]",
                "  equal: [instance]",
            ]),
        )
        .fire(0.4, [PAGE_1, WARN_1, INFO_1, WARN_2])
        .resolve(4.4, [PAGE_1])
        .end(9.15),
        Plan::new(
            "inhibited-by-two-sources",
            "A target is quiet until the last of its sources has ended.",
            config(&[
                "- source_matchers: [severity=\"page\"]",
                "  target_matchers: [severity=\"warn\"]",
            ]),
        )
        .fire(0.4, [PAGE_1, PAGE_2, WARN_1])
        .resolve(3.4, [PAGE_1])
        .resolve(6.4, [PAGE_2])
        .end(11.15),
        Plan::new(
            "inhibit-both-sides",
            "Alerts that fit both sides do not inhibit each other or themselves, but one that is only a source inhibits them.",
            config(&[
                "- source_matchers: [severity=~\"page|warn\"]",
                "  target_matchers: [severity=\"warn\"]",
            ]),
        )
        .fire(0.4, [WARN_1, WARN_2])
        .fire(3.4, [PAGE_1, &[
            ("alertname", "Full"),
            ("instance", "1"),
            ("severity", "warn"),
        ]])
        .resolve(6.4, [PAGE_1])
        .end(11.15),
        Plan::new(
            "inhibit-all-by-one-side",
            "A rule with the same matchers on both sides inhibits nothing.",
            config(&[
                "- source_matchers: [severity=\"warn\"]",
                "  target_matchers: [severity=\"warn\"]",
            ]),
        )
        .fire(0.4, [WARN_1, WARN_2])
        .end(4.15),
        Plan::new(
            "inhibited-by-expiry",
            "A source that expires stops inhibiting at that moment.",
            config(BY_INSTANCE),
        )
        .post(
            0.4,
            [
                alert(PAGE_1).since(0.4).until(5.65),
                alert(WARN_1).since(0.4).until(FAR),
            ],
        )
        .end(10.15),
        Plan::new(
            "inhibit-old-matchers",
            "The older source_match and target_match_re.",
            config(&[
                "- source_match: {severity: page}",
                "  target_match_re: {severity: 'warn|info'}",
                "  equal: [instance]",
            ]),
        )
        .fire(0.4, [PAGE_1, WARN_1, INFO_1, WARN_2])
        .resolve(4.4, [PAGE_1])
        .end(9.15),
    ]
}
