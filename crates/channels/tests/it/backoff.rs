use std::time::Duration;

use stentor_channels::Key;
use stentor_channels::backoff::{LONGEST, wait, wait_at_least};

#[test]
fn waits_follow_the_schedule_less_up_to_a_quarter() {
    let key = Key::new("key-of-a-page").unwrap();
    let check = |attempt: u32, seconds: u64| {
        let (got, base) = (wait(attempt, &key), Duration::from_secs(seconds));
        assert!(got <= base && got >= base * 3 / 4, "{attempt}: {got:?}");
        assert_eq!(got, wait(attempt, &key), "the same on every node");
    };
    check(0, 1);
    check(1, 1);
    check(2, 2);
    check(3, 5);
    check(4, 10);
    check(5, 30);
    check(6, 60);
    check(7, 60);
    check(u32::MAX, 60);
}

#[test]
fn messages_that_failed_together_come_back_apart() {
    let waits: std::collections::BTreeSet<Duration> = (0..100)
        .map(|n| wait(6, &Key::new(format!("key-number-{n}")).unwrap()))
        .collect();
    assert!(waits.len() > 50, "{} different waits", waits.len());
}

#[test]
fn retry_after_is_honoured_up_to_a_minute() {
    let key = Key::new("key-of-a-page").unwrap();
    let check = |after: Option<u64>, expect: Duration| {
        let after = after.map(Duration::from_secs);
        assert_eq!(wait_at_least(3, &key, after), expect, "{after:?}");
    };
    check(None, wait(3, &key));
    check(Some(0), wait(3, &key));
    check(Some(20), Duration::from_secs(20));
    check(Some(60), LONGEST);
    check(Some(u64::MAX), LONGEST);
}
