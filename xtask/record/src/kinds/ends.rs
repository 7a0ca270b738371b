//! How alerts end, and fire again.

use super::{DOWN_1, DOWN_2, DOWN_3, QUICK, USUAL, by_name};
use crate::config::Timing;
use crate::plan::{FAR, Plan, Said, alert};

pub(super) fn plans() -> Vec<Plan> {
    let slow_start = Timing {
        wait: 3500,
        ..USUAL
    };
    let mut plans = vec![
        Plan::new(
            "ends-within-wait",
            "A group whose only alert ends within group_wait is never told.",
            by_name(slow_start),
        )
        .fire(0.4, [DOWN_1])
        .resolve(2.4, [DOWN_1])
        .end(8.15),
        Plan::new(
            "ends-within-wait-then-fires",
            "After an unseen end the group lives on with its ticks: the next fire is told at the next of them.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .resolve(1.4, [DOWN_1])
        .fire(5.4, [DOWN_1])
        .resolve(8.4, [DOWN_1])
        .end(13.15),
        Plan::new(
            "all-end-together",
            "When all alerts end, one message tells it, at the next tick.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1, DOWN_2, DOWN_3])
        .resolve(3.4, [DOWN_1, DOWN_2, DOWN_3])
        .end(9.15),
        Plan::new(
            "all-end-one-by-one",
            "Ends between ticks are told together; the last makes the message resolved.",
            by_name(QUICK),
        )
        .fire(0.4, [DOWN_1, DOWN_2, DOWN_3])
        .resolve(1.4, [DOWN_2])
        .resolve(2.4, [DOWN_1])
        .resolve(3.4, [DOWN_3])
        .end(8.15),
        Plan::new(
            "some-end",
            "An end among firing alerts is told once, and the alert then leaves the group.",
            by_name(Timing {
                repeat: 6500,
                ..QUICK
            }),
        )
        .fire(0.4, [DOWN_1, DOWN_2, DOWN_3])
        .resolve(2.4, [DOWN_2])
        .end(13.15),
        Plan::new(
            "fires-again-before-the-end-was-told",
            "An end that was taken back before the next tick is not told.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .resolve(2.4, [DOWN_1])
        .fire(3.4, [DOWN_1])
        .end(9.15),
        Plan::new(
            "fires-again-after-the-end-was-told",
            "After a told end the group lives on with its ticks; it does not wait for group_wait again.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .resolve(2.4, [DOWN_1])
        .fire(5.4, [DOWN_1])
        .resolve(8.4, [DOWN_1])
        .end(13.15),
        Plan::new(
            "fires-again-among-others",
            "An alert whose end was told fires again in a group that kept firing.",
            by_name(QUICK),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(2.4, [DOWN_1])
        .fire(4.4, [DOWN_1])
        .resolve(7.4, [DOWN_1])
        .end(11.15),
        Plan::new(
            "flapping-alone",
            "An alert that comes and goes faster than the ticks: each tick tells only what has changed since the last.",
            by_name(USUAL),
        )
        .fire(0.4, [DOWN_1])
        .resolve(2.4, [DOWN_1])
        .fire(3.4, [DOWN_1])
        .resolve(4.4, [DOWN_1])
        .fire(6.4, [DOWN_1])
        .resolve(7.4, [DOWN_1])
        .fire(9.4, [DOWN_1])
        .end(15.15),
        Plan::new(
            "end-sent-again",
            "An end that is sent again, as Prometheus does, is not told again while nothing else changes.",
            by_name(QUICK),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .post(2.4, [alert(DOWN_1).since(0.4).until(2.4)])
        .post(4.4, [alert(DOWN_1).since(0.4).until(2.4)])
        .post(6.4, [alert(DOWN_1).since(0.4).until(2.4)])
        .end(10.15),
    ];
    plans.extend(expiries());
    plans
}

fn expiries() -> Vec<Plan> {
    vec![
        Plan::new(
            "expires",
            "An alert ends when the end that it named is over, without further word.",
            by_name(USUAL),
        )
        .post(0.4, [alert(DOWN_1).since(0.4).until(3.65)])
        .end(9.15),
        Plan::new(
            "expires-within-wait",
            "An alert that expires within group_wait is never told.",
            by_name(Timing {
                wait: 4500,
                ..USUAL
            }),
        )
        .post(0.4, [alert(DOWN_1).since(0.4).until(3.65)])
        .end(9.15),
        Plan::new(
            "expires-unless-sent-again",
            "Each time an alert is sent its end moves; a shorter end does not move it back.",
            by_name(QUICK),
        )
        .post(0.4, [DOWN_1, DOWN_2].map(|l| alert(l).since(0.4).until(3.65)))
        .post(2.4, [alert(DOWN_1).since(0.4).until(5.65)])
        .post(4.4, [alert(DOWN_1).since(0.4).until(8.65)])
        .post(5.4, [alert(DOWN_1).since(0.4).until(6.65)])
        .end(13.15),
        Plan::new(
            "expires-then-fires-again",
            "After it expired an alert is a new one: its start is that of the later post.",
            by_name(QUICK),
        )
        .post(0.4, [alert(DOWN_1).since(0.4).until(2.65)])
        .post(6.4, [alert(DOWN_1).since(6.4).until(8.65)])
        .end(13.15),
        Plan::new(
            "resolve-timeout",
            "An alert without an end is over after resolve_timeout.",
            by_name(USUAL).resolve_timeout(3250),
        )
        .post(0.4, [alert(DOWN_1)])
        .end(9.15),
        Plan::new(
            "resolve-timeout-sent-again",
            "Each post without an end starts resolve_timeout anew; the start stays that of the first.",
            by_name(QUICK).resolve_timeout(3250),
        )
        .post(0.4, [alert(DOWN_1), alert(DOWN_2)])
        .post(2.4, [alert(DOWN_1)])
        .post(5.4, [alert(DOWN_1)])
        .end(13.15),
        Plan::new(
            "resolve-timeout-then-named-end",
            "An end that is named replaces one by resolve_timeout, even if it is sooner; one by timeout does not shorten a named one.",
            by_name(QUICK).resolve_timeout(6250),
        )
        .post(0.4, [alert(DOWN_1), alert(DOWN_2).since(0.4).until(12.65)])
        .post(1.4, [alert(DOWN_1).since(0.4).until(4.65), alert(DOWN_2)])
        .end(17.15),
        Plan::new(
            "group-forgotten",
            "An empty group is forgotten within 30 seconds, whatever its interval; then a new fire waits for group_wait again.",
            by_name(Timing {
                wait: 3500,
                interval: 6000,
                ..USUAL
            }),
        )
        .fire(0.4, [DOWN_1])
        .resolve(5.4, [DOWN_1])
        .fire(35.4, [DOWN_1])
        .end(41.15),
        Plan::new(
            "group-kept",
            "A group that is not empty keeps its ticks for ever.",
            by_name(Timing {
                wait: 3500,
                interval: 7000,
                ..USUAL
            }),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(5.4, [DOWN_1])
        .post(34.4, [alert(DOWN_1).since(34.4).until(FAR)])
        .end(42.4),
    ]
}
