//! Scenarios in which Stentor means to do otherwise than Alertmanager.

use super::{DOWN_1, DOWN_2, DOWN_3, QUICK, USUAL, by_name};
use crate::plan::{Plan, matcher};

pub(super) fn plans() -> Vec<Plan> {
    let one = [matcher("instance=1")];
    let quick = || by_name(QUICK);
    let plans = [
        Plan::new(
            "told-resolved-but-never-firing",
            "An alert that starts and ends between two ticks of a firing group is told as resolved.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .fire(2.4, [DOWN_2])
        .resolve(3.4, [DOWN_2])
        .end(9.15),
        Plan::new(
            "told-resolved-but-never-firing-within-wait",
            "An alert that starts and ends within group_wait is told as resolved beside one that fires.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(1.4, [DOWN_2])
        .fire(3.4, [DOWN_3])
        .end(9.15),
        Plan::new(
            "silenced-end-is-never-told",
            "An alert that was told ends under a silence: when the silence is over its end is not told.",
            quick(),
        )
        .fire(0.4, [DOWN_1])
        .silence(1.4, "one", &one, 1.4, 6.65)
        .resolve(3.4, [DOWN_1])
        .end(12.15),
        Plan::new(
            "silenced-end-among-others-is-never-told",
            "The same where another alert of the group goes on firing.",
            quick(),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .silence(1.4, "one", &one, 1.4, 6.65)
        .resolve(3.4, [DOWN_1])
        .end(12.15),
        Plan::new(
            "inhibited-end-is-never-told",
            "An alert that was told ends while it is inhibited: its end is not told, then or later.",
            quick().also(&[
                "inhibit_rules:",
                "- source_matchers: [alertname=\"Full\"]",
                "  target_matchers: [alertname=\"Down\"]",
            ]),
        )
        .fire(0.4, [DOWN_1])
        .fire(2.4, [&[("alertname", "Full")]])
        .resolve(5.4, [DOWN_1])
        .resolve(8.4, [&[("alertname", "Full")]])
        .end(13.15),
        // Stentor forgets an alert that is over once everybody knows: it cannot put another off.
        Plan::new(
            "end-of-the-unknown",
            "An end of an alert that never fired makes a group and tells nothing.",
            by_name(USUAL),
        )
        .resolve(0.4, [DOWN_1])
        .fire(5.4, [DOWN_2])
        .end(9.15),
        Plan::new(
            "reload-after-the-end-was-told",
            "An end that was told is not told again after a reload, though the alert is still known.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .resolve(2.4, [DOWN_1])
        .reload(6.4, by_name(USUAL))
        .fire(7.15, [DOWN_2])
        .end(13.15),
        Plan::new(
            "reload-tells-ends-again",
            "After a reload an end is told again that was told before, if another message came in between.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(2.4, [DOWN_1])
        .fire(5.4, [DOWN_3])
        .reload(9.4, by_name(USUAL))
        .end(15.15),
        Plan::new(
            "end-sent-again-is-told-again",
            "An end that is sent again is told again when the group is told of something else.",
            quick(),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(2.4, [DOWN_1])
        .fire(4.4, [DOWN_3])
        .post(6.4, [crate::plan::Said::until(
            crate::plan::Said::since(crate::plan::alert(DOWN_1), 0.4),
            2.4,
        )])
        .end(11.15),
    ];
    plans
        .into_iter()
        .map(|mut plan| {
            plan.differs = true;
            plan
        })
        .collect()
}
