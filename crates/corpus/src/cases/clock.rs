//! Expiry, and clocks that are wrong.

use super::{bad, forged, good};
use crate::case::{Case, Expect};
use crate::house::{House, YEAR, hours};
use crate::word::Word;

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let word = |version| Word::new(&house, version);
    let mut cases = vec![
        bad(
            Expect::Stale,
            "frozen",
            "A mirror that was frozen: the timestamp has expired, every signature is good.",
            &house,
            word(3).files(),
        )
        .at(hours(30)),
        bad(
            Expect::Stale,
            "frozen-since-the-last-visit",
            "The same files as at the last visit, and the timestamp has expired meanwhile.",
            &house,
            word(3).files(),
        )
        .after(vec![word(3).files()])
        .at(hours(30)),
        bad(
            Expect::Stale,
            "expired-this-second",
            "The clock stands at the very second of the timestamp's expiry.",
            &house,
            word(3).files(),
        )
        .at(hours(6)),
        good(
            "clock-a-day-behind",
            "The reader's clock is a day behind: nothing shows it, and nothing has expired by that clock.",
            &house,
            word(3).files(),
        )
        .at(hours(-24)),
        bad(
            Expect::Stale,
            "clock-a-day-ahead",
            "The reader's clock is a day ahead: everything is authentic, and seems old.",
            &house,
            word(3).files(),
        )
        .at(hours(24)),
        forged(
            "rolled-back-and-expired",
            "An older state put back that has expired too: not authentic outranks stale.",
            &house,
            word(2).files(),
        )
        .after(vec![word(3).files()])
        .at(hours(30)),
    ];
    for role in ["snapshot", "targets", "status", YEAR] {
        let expired = House::bent(|h| h.live(role, -2));
        let mut case = bad(
            Expect::Stale,
            &format!("expired-{role}"),
            &format!("The {role} metadata expired two hours ago; the timestamp has not."),
            &expired,
            Word::new(&expired, 3).files(),
        );
        if role == YEAR {
            case = case.present(Expect::Fresh);
        }
        cases.push(case);
    }
    cases
}
