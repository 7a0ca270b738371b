//! Which routes an alert takes.

use super::{Labels, QUICK, USUAL, by_name};
use crate::plan::Plan;

const A_PAGE: Labels = &[
    ("alertname", "Down"),
    ("instance", "1"),
    ("severity", "page"),
    ("team", "a"),
];
const A_WARN: Labels = &[
    ("alertname", "Down"),
    ("instance", "2"),
    ("severity", "warn"),
    ("team", "a"),
];
const B_PAGE: Labels = &[
    ("alertname", "Down"),
    ("instance", "3"),
    ("severity", "page"),
    ("team", "b"),
];
const C_INFO: Labels = &[
    ("alertname", "Slow"),
    ("instance", "4"),
    ("severity", "info"),
    ("team", "c"),
];
const BARE: Labels = &[("alertname", "Slow"), ("instance", "5")];

pub(super) fn plans() -> Vec<Plan> {
    let all = [A_PAGE, A_WARN, B_PAGE, C_INFO, BARE];
    vec![
        Plan::new(
            "routes-nested",
            "The deepest route that fits takes the alert, with its own grouping and timing, and what it takes over.",
            by_name(USUAL).receiver("a").receiver("pager").routes(&[
                "- matchers: ['team=\"a\"']",
                "  receiver: a",
                "  group_by: [team, severity]",
                "  routes:",
                "  - matchers: ['severity=\"page\"']",
                "    receiver: pager",
                "    group_wait: 500ms",
                "    group_interval: 2s",
                "- matchers: ['team=\"b\"']",
                "  group_wait: 2500ms",
            ]),
        )
        .fire(0.4, all)
        .resolve(5.4, [A_PAGE, B_PAGE])
        .end(10.15),
        Plan::new(
            "routes-continue",
            "A route that continues lets the next ones look too; each has groups of its own.",
            by_name(USUAL).receiver("log").receiver("a").routes(&[
                "- matchers: ['severity=~\"page|warn\"']",
                "  receiver: log",
                "  group_by: ['...']",
                "  continue: true",
                "- matchers: ['team=\"a\"']",
                "  receiver: a",
            ]),
        )
        .fire(0.4, all)
        .resolve(3.4, [A_WARN])
        .end(8.15),
        Plan::new(
            "routes-continue-nested",
            "Continue counts among siblings only: what a child takes does not reach the parent.",
            by_name(QUICK).receiver("a").receiver("pager").receiver("last").routes(&[
                "- matchers: ['team=~\"a|b\"']",
                "  receiver: a",
                "  continue: true",
                "  routes:",
                "  - matchers: ['severity=\"page\"']",
                "    receiver: pager",
                "    continue: true",
                "  - matchers: ['team=\"b\"']",
                "    receiver: last",
                "- matchers: ['alertname=\"Down\"']",
                "  receiver: last",
            ]),
        )
        .fire(0.4, all)
        .end(4.15),
        Plan::new(
            "routes-negative",
            "Negative matchers fit alerts that do not have the label at all.",
            by_name(QUICK).receiver("a").receiver("pager").routes(&[
                "- matchers: ['team!=\"a\"', 'severity!~\"info|warn\"']",
                "  receiver: pager",
                "- matchers: ['team!~\"b|c\"']",
                "  receiver: a",
            ]),
        )
        .fire(0.4, all)
        .resolve(2.4, [BARE])
        .end(6.15),
        Plan::new(
            "routes-regex-anchored",
            "Regular expressions fit whole values; an empty one fits a missing label.",
            by_name(QUICK).receiver("a").receiver("pager").routes(&[
                "- matchers: ['severity=~\"pag\"']",
                "  receiver: a",
                "- matchers: ['severity=~\"pag.|in.*\"']",
                "  receiver: pager",
                "- matchers: ['severity=~\"\"']",
                "  receiver: a",
            ]),
        )
        .fire(0.4, all)
        .end(4.15),
        Plan::new(
            "routes-old-matchers",
            "The older match and match_re, whose key shows them ordered by label.",
            by_name(QUICK).receiver("a").receiver("pager").routes(&[
                "- match: {team: a, severity: page}",
                "  receiver: pager",
                "- match_re: {team: 'a|b'}",
                "  match: {alertname: Down}",
                "  matchers: [instance!=\"9\"]",
                "  receiver: a",
            ]),
        )
        .fire(0.4, all)
        .end(4.15),
    ]
}
