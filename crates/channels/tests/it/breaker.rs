use std::time::Duration;

use jiff::Timestamp;
use stentor_channels::breaker::{Breaker, Breakers, Permit, Policy, State};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// What happens to a circuit, and what is expected.
enum Step {
    Fail(i64),
    Work,
    Ask(i64, Permit),
    Is(State),
}
use Step::{Ask, Fail, Is, Work};

#[test]
fn circuits_open_probe_and_close() {
    let check = |name: &str, steps: &[Step]| {
        let mut breaker = Breaker::new(Policy {
            failures: 3,
            first: Duration::from_secs(10),
            longest: Duration::from_secs(60),
        });
        for (n, step) in steps.iter().enumerate() {
            match step {
                Fail(now) => breaker.failed(at(*now)),
                Work => breaker.succeeded(),
                Ask(now, expect) => assert_eq!(breaker.ask(at(*now)), *expect, "{name}, step {n}"),
                Is(expect) => assert_eq!(breaker.state(), *expect, "{name}, step {n}"),
            }
        }
    };
    check("a new circuit lets through", &[Ask(0, Permit::Go)]);
    check(
        "it opens at the third failure in a row",
        &[
            Fail(0),
            Fail(0),
            Ask(0, Permit::Go),
            Fail(0),
            Ask(0, Permit::Wait(at(10))),
        ],
    );
    check(
        "a success starts the count again",
        &[
            Fail(0),
            Fail(0),
            Work,
            Fail(0),
            Fail(0),
            Is(State::Closed(2)),
        ],
    );
    check(
        "one probe after the wait, the others wait for it",
        &[
            Fail(0),
            Fail(0),
            Fail(0),
            Ask(9, Permit::Wait(at(10))),
            Ask(10, Permit::Probe),
            Ask(10, Permit::Wait(at(70))),
        ],
    );
    check(
        "a probe that works closes it",
        &[
            Fail(0),
            Fail(0),
            Fail(0),
            Ask(10, Permit::Probe),
            Work,
            Ask(10, Permit::Go),
        ],
    );
    check(
        "each failed probe doubles the wait, up to the longest",
        &[
            Fail(0),
            Fail(0),
            Fail(0),
            Is(State::Open(at(10))),
            Ask(10, Permit::Probe),
            Fail(10),
            Is(State::Open(at(30))),
            Ask(30, Permit::Probe),
            Fail(30),
            Is(State::Open(at(70))),
            Ask(70, Permit::Probe),
            Fail(70),
            Is(State::Open(at(130))),
            Ask(130, Permit::Probe),
            Fail(130),
            Is(State::Open(at(190))),
        ],
    );
    check(
        "a prober that never reports is replaced",
        &[
            Fail(0),
            Fail(0),
            Fail(0),
            Ask(10, Permit::Probe),
            Ask(69, Permit::Wait(at(70))),
            Ask(70, Permit::Probe),
        ],
    );
    check(
        "a straggler does not prolong the wait",
        &[Fail(0), Fail(0), Fail(0), Fail(9), Is(State::Open(at(10)))],
    );
    check(
        "after it worked, the wait is short again",
        &[
            Fail(0),
            Fail(0),
            Fail(0),
            Ask(10, Permit::Probe),
            Fail(10),
            Ask(30, Permit::Probe),
            Work,
            Fail(40),
            Fail(40),
            Fail(40),
            Is(State::Open(at(50))),
        ],
    );
}

#[test]
fn a_dead_destination_is_tried_every_minute_for_ever() {
    let mut breaker = Breaker::new(Policy::default());
    let (mut now, mut last, mut longest) = (0, 0, 0);
    while now < 100_000 {
        match breaker.ask(at(now)) {
            Permit::Wait(until) => now = until.as_second(),
            Permit::Go | Permit::Probe => {
                longest = longest.max(now - last);
                last = now;
                breaker.failed(at(now));
            }
        }
    }
    assert_eq!(longest, 60);
}

#[test]
fn destinations_do_not_share_a_circuit_and_only_trouble_is_kept() {
    let mut breakers = Breakers::new(Policy::default());
    for _ in 0..5 {
        breakers.report("bad", false, at(0));
        breakers.report("good", true, at(0));
    }
    assert_eq!(breakers.ask("bad", at(0)), Permit::Wait(at(5)));
    assert_eq!(breakers.ask("good", at(0)), Permit::Go);
    let troubled: Vec<_> = breakers.troubled().collect();
    assert_eq!(troubled, [("bad", State::Open(at(5)))]);
    breakers.report("bad", true, at(9));
    assert_eq!(breakers.troubled().count(), 0);
}
