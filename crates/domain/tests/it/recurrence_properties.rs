//! What comes back, whatever the rule: the questions agree with each other, and nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use stentor_domain::recurrence::Recurrence;

const HOUR: i64 = 3_600_000;

/// 2026-01-01T00:00:00Z.
const FIRST_MS: i64 = 1_767_225_600_000;

fn parts() -> impl Strategy<Value = String> {
    let kind = select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    let part = select(vec![
        "INTERVAL=2",
        "INTERVAL=3",
        "BYDAY=SA,SU",
        "BYDAY=-1FR,MO",
        "BYMONTHDAY=1,-1",
        "BYMONTHDAY=29,30,31",
        "BYMONTH=2,3,10",
        "BYHOUR=1,2,3",
        "BYMINUTE=0,30",
        "COUNT=1",
        "COUNT=7",
        "UNTIL=20270328T013000Z",
        "WKST=SU",
    ]);
    (kind, vec(part, 0..4)).prop_map(|(kind, parts)| {
        let mut rule = format!("FREQ={kind}");
        for part in parts {
            rule.push(';');
            rule.push_str(part);
        }
        rule
    })
}

fn hostile() -> impl Strategy<Value = String> {
    let name = select(vec![
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "BYDAY",
        "BYMONTHDAY",
        "BYMONTH",
        "BYHOUR",
        "WKST",
        "é",
    ]);
    let value = prop_oneof![
        select(vec![
            "DAILY",
            "WEEKLY",
            "MONTHLY",
            "YEARLY",
            "1000",
            "-1",
            "0",
            "1",
            "18446744073709551616",
            "-53MO",
            "99991231T235959Z",
            "00000101T000000",
            "SA",
            "é",
            "",
        ])
        .prop_map(str::to_owned),
        "[-+A-Z0-9,:é]{0,9}",
    ];
    let pairs = vec((name, value), 0..5).prop_map(|pairs| {
        let pairs: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join(";")
    });
    let likely = select(vec![
        "FREQ=YEARLY;INTERVAL=1000;COUNT=1000",
        "FREQ=DAILY;INTERVAL=1000;COUNT=1000",
        "FREQ=WEEKLY;INTERVAL=1000;WKST=SU",
        "FREQ=MONTHLY;INTERVAL=1000;BYDAY=-5SU",
        "FREQ=YEARLY;BYDAY=53MO;BYMONTHDAY=31",
        "FREQ=DAILY;UNTIL=99991230T000000Z",
        "FREQ=YEARLY;UNTIL=00000101T000000Z",
    ]);
    prop_oneof![pairs, likely.prop_map(str::to_owned), "\\PC{0,60}"]
}

fn moments() -> impl Strategy<Value = i64> {
    // The first and the last moment that jiff knows, and their neighbourhood.
    let edges = vec![
        i64::MIN,
        -377_705_023_201_000,
        -62_135_596_800_000,
        0,
        FIRST_MS,
        253_402_207_200_999,
        i64::MAX,
    ];
    (select(edges), -40 * 24 * HOUR..40 * 24 * HOUR).prop_map(|(at, by)| at.saturating_add(by))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_questions_agree(
        rule in parts(),
        zone in select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
        duration_ms in select(vec![1, HOUR / 2, HOUR, 24 * HOUR, 25 * HOUR, 40 * 24 * HOUR]),
        first_minute in 0_i64..60 * 24 * 400,
        later in vec(0_i64..800 * 24 * 60, 8),
    ) {
        let Ok(recurrence) = Recurrence::new(rule, duration_ms, zone) else {
            return Ok(()); // parts that exclude each other
        };
        let first_ms = FIRST_MS + first_minute * 60_000;
        let mut starts = Vec::new();
        let mut after_ms = first_ms - 1;
        while let Some(at_ms) = recurrence.next_start_ms(first_ms, after_ms) {
            prop_assert!(at_ms > after_ms);
            starts.push(at_ms);
            after_ms = at_ms;
            if at_ms > first_ms + 801 * 24 * HOUR {
                break;
            }
        }
        for minutes in later {
            let now_ms = first_ms + minutes * 60_000;
            let covers = recurrence.covers(first_ms, now_ms);
            let expected = starts.iter().any(|s| (*s..s + duration_ms).contains(&now_ms));
            prop_assert_eq!(covers, expected, "at {}", now_ms);
            match recurrence.next_change_ms(first_ms, now_ms) {
                Some(change_ms) => {
                    prop_assert!(change_ms > now_ms);
                    prop_assert_eq!(recurrence.covers(first_ms, change_ms - 1), covers);
                    prop_assert_eq!(recurrence.covers(first_ms, change_ms), !covers);
                }
                None if covers => prop_assert!(duration_ms >= 24 * HOUR, "it holds for ever"),
                None => prop_assert!(starts.iter().all(|s| *s <= now_ms), "it comes again"),
            }
        }
    }

    #[test]
    fn nothing_panics(
        rule in hostile(),
        duration_ms in select(vec![i64::MIN, -1, 0, 1, HOUR, 366 * 24 * HOUR, i64::MAX]),
        zone in select(vec!["UTC", "Europe/Berlin", "Pacific/Apia", "", "é", "../../etc/passwd"]),
        first_ms in moments(),
        now_ms in moments(),
    ) {
        if let Ok(recurrence) = Recurrence::new(rule, duration_ms, zone) {
            let _ = recurrence.check(first_ms);
            let _ = recurrence.covers(first_ms, now_ms);
            let _ = recurrence.next_change_ms(first_ms, now_ms);
            prop_assert!(!recurrence.in_words(first_ms).is_empty());
        }
    }
}
