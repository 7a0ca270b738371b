//! What integrations are told.

use super::{DOWN_1, DOWN_2, DOWN_3, QUICK, USUAL, by_name};
use crate::config::{PLAIN, Timing, Webhook};
use crate::plan::Plan;

const FIRING_ONLY: Webhook = Webhook {
    send_resolved: false,
    max_alerts: 0,
};

pub(super) fn plans() -> Vec<Plan> {
    vec![
        Plan::new(
            "two-integrations",
            "Each integration of a receiver is told by itself.",
            by_name(USUAL).default_is(&[PLAIN, PLAIN]),
        )
        .fire(0.4, [DOWN_1])
        .fire(3.4, [DOWN_2])
        .resolve(6.4, [DOWN_1, DOWN_2])
        .end(10.15),
        Plan::new(
            "send-resolved-false",
            "Without send_resolved no end is told, not even among firing alerts; a new fire afterwards is told.",
            by_name(QUICK).default_is(&[FIRING_ONLY]),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(2.4, [DOWN_1])
        .fire(4.4, [DOWN_3])
        .resolve(6.4, [DOWN_2, DOWN_3])
        .fire(9.4, [DOWN_1])
        .end(13.15),
        Plan::new(
            "send-resolved-mixed",
            "Of two integrations one is told of ends and the other is not.",
            by_name(QUICK).default_is(&[PLAIN, FIRING_ONLY]),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(2.4, [DOWN_1])
        .fire(4.4, [DOWN_1])
        .resolve(7.4, [DOWN_1, DOWN_2])
        .end(11.15),
        Plan::new(
            "send-resolved-false-repeats",
            "An end that is not told does not put off the repeat, and the repeat leaves it out.",
            by_name(Timing {
                repeat: 4500,
                ..QUICK
            })
            .default_is(&[FIRING_ONLY]),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .resolve(3.4, [DOWN_1])
        .end(14.15),
        Plan::new(
            "receiver-name-with-dot",
            "A message has the receiver's name with signs of regular expressions quoted, the interface as it is.",
            by_name(QUICK)
                .receiver("ops.team")
                .routes(&["- matchers: [instance=\"1\"]", "  receiver: ops.team"]),
        )
        .fire(0.4, [DOWN_1, DOWN_2])
        .end(3.15),
        Plan::new(
            "max-alerts",
            "A message has at most two alerts and says how many it leaves out; common labels are of what it has.",
            by_name(USUAL).default_is(&[
                Webhook {
                    max_alerts: 2,
                    ..PLAIN
                },
                PLAIN,
            ]),
        )
        .fire(0.4, [DOWN_3, DOWN_2, DOWN_1])
        .resolve(3.4, [DOWN_2])
        .fire(6.4, [&[("alertname", "Down"), ("instance", "0"), ("team", "a")]])
        .end(10.15),
    ]
}
