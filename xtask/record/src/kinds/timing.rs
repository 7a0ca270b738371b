//! When a group is told.

use super::{DOWN_1, DOWN_2, DOWN_3, NEVER, QUICK, SLOW_1, USUAL, by_name};
use crate::config::Timing;
use crate::plan::{FAR, Plan, Said, alert};

pub(super) fn plans() -> Vec<Plan> {
    let long_ago = |labels: super::Labels| alert(labels).since(-3600.0).until(FAR);
    let at_once = Timing { wait: 0, ..USUAL };
    vec![
        Plan::new(
            "join-before-first-flush",
            "Alerts that come within group_wait are told together; they do not prolong it.",
            by_name(Timing {
                wait: 3500,
                ..USUAL
            }),
        )
        .fire(0.4, [DOWN_1])
        .fire(1.4, [DOWN_2])
        .fire(3.4, [DOWN_3])
        .end(8.15),
        Plan::new(
            "join-after-first-flush",
            "Alerts that come later wait for the group's next tick.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .fire(2.4, [DOWN_2])
        .fire(3.4, [DOWN_3])
        .end(9.15),
        Plan::new(
            "nothing-new",
            "Alerts that are sent again are not told again before the repeat interval.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .post(2.4, [DOWN_1, DOWN_2].map(|l| alert(l).since(0.4).until(FAR)))
        .post(4.4, [DOWN_1, DOWN_2].map(|l| alert(l).since(0.4).until(FAR)))
        .post(6.4, [alert(DOWN_1).since(0.4).until(FAR)])
        .end(12.15),
        Plan::new(
            "repeat",
            "What has not changed is told again at the first tick after the repeat interval.",
            by_name(Timing {
                repeat: 4500,
                ..QUICK
            }),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .end(21.15),
        Plan::new(
            "repeat-counts-from-the-last-message",
            "A message about a change puts the repeat off.",
            by_name(Timing {
                repeat: 5500,
                ..QUICK
            }),
        )
        .fire(0.4, [DOWN_1])
        .fire(5.4, [DOWN_2])
        .resolve(9.4, [DOWN_2])
        .end(22.15),
        Plan::new(
            "repeat-shorter-than-interval",
            "A repeat interval below the group interval repeats at each tick.",
            by_name(Timing {
                repeat: 1500,
                ..USUAL
            }),
        )
        .fire(0.4, [DOWN_1])
        .resolve(9.4, [DOWN_1])
        .end(14.15),
        Plan::new(
            "interval-shorter-than-wait",
            "Interval and wait are independent.",
            by_name(Timing {
                wait: 4500,
                interval: 1000,
                repeat: NEVER,
            }),
        )
        .fire(0.4, [DOWN_1])
        .fire(5.4, [DOWN_2])
        .resolve(7.4, [DOWN_1])
        .resolve(8.4, [DOWN_2])
        .end(12.15),
        Plan::new(
            "wait-zero",
            "Without group_wait the first alert is told at once, later ones at the ticks that follow.",
            by_name(at_once),
        )
        .fire(0.4, [DOWN_1])
        .fire(1.15, [DOWN_2])
        .fire(2.65, [SLOW_1])
        .resolve(4.15, [DOWN_1])
        .end(10.15),
        Plan::new(
            "started-long-ago",
            "An alert that started longer ago than group_wait is told at once.",
            by_name(USUAL),
        )
        .post(0.4, [long_ago(DOWN_1)])
        .post(1.65, [long_ago(DOWN_2), long_ago(SLOW_1)])
        .end(9.15),
        Plan::new(
            "started-long-ago-joins-waiting",
            "An alert that started long ago ends the wait of the group that it joins.",
            by_name(Timing {
                wait: 4500,
                ..USUAL
            }),
        )
        .fire(0.4, [DOWN_1])
        .post(2.65, [long_ago(DOWN_2)])
        .fire(4.15, [DOWN_3])
        .end(10.15),
        Plan::new(
            "started-before-the-wait-is-over",
            "A start that lies back less than group_wait changes nothing: the wait counts from the arrival.",
            by_name(Timing {
                wait: 3500,
                ..USUAL
            }),
        )
        .post(0.4, [alert(DOWN_1).since(-2.0).until(FAR)])
        .end(8.15),
        Plan::new(
            "starts-in-the-future",
            "An alert that says it starts later fires at once all the same.",
            by_name(USUAL),
        )
        .post(0.4, [alert(DOWN_1).since(5.4).until(FAR)])
        .end(9.15),
        Plan::new(
            "annotations-changed",
            "Changed annotations are no reason to tell; the next message has the last ones.",
            by_name(Timing {
                repeat: 7500,
                ..USUAL
            }),
        )
        .post(0.4, [alert(DOWN_1).since(0.4).until(FAR).saying("one")])
        .post(2.4, [alert(DOWN_1).since(0.4).until(FAR).saying("two")])
        .post(5.4, [alert(DOWN_1).since(0.4).until(FAR).saying("three")])
        .post(11.4, [alert(DOWN_1).until(11.4).saying("over")])
        .end(16.15),
        Plan::new(
            "annotations-changed-before-first-flush",
            "Within group_wait only the last annotations count; no annotations replace some.",
            by_name(USUAL),
        )
        .post(
            0.4,
            [DOWN_1, DOWN_2].map(|l| alert(l).since(0.4).until(FAR).saying("one")),
        )
        .post(
            1.4,
            [
                alert(DOWN_1).since(0.4).until(FAR).saying("two"),
                alert(DOWN_2).since(0.4).until(FAR),
            ],
        )
        .end(6.15),
    ]
}
