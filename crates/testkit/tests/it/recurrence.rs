//! The domain's recurrence rules, judged by python-dateutil. The test lives here so that the domain's own tests need no
//! Python and none of this crate.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use stentor_domain::recurrence::Recurrence;
use stentor_testkit::python::python_venv;

const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

/// Rules for each zone.
const RULES: usize = 80;

/// 2026-01-01T00:00:00Z, in seconds.
const YEAR_2026: i64 = 1_767_225_600;

const DAY: i64 = 86_400;

/// The same numbers at every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = self.0;
        n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((n ^ n >> 31) % u64::try_from(most).unwrap()).unwrap()
    }

    fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }

    /// One to three of them, with commas.
    fn some(&mut self, mut one: impl FnMut(&mut Self) -> String) -> String {
        let count = 1 + self.below(3);
        let list: Vec<String> = (0..count).map(|_| one(self)).collect();
        list.join(",")
    }

    fn weekday(&mut self) -> String {
        let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        days[usize::try_from(self.below(7)).unwrap()].to_owned()
    }

    /// Up to `most`, positive or negative.
    fn signed(&mut self, most: i64) -> i64 {
        let n = 1 + self.below(most);
        if self.one_in(2) { n } else { -n }
    }

    fn rule(&mut self, start: i64) -> String {
        let kinds = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
        let kind = kinds[usize::try_from(self.below(4)).unwrap()];
        let mut rule = format!("FREQ={kind}");
        let mut add = |part: String| rule.push_str(&part);
        if self.one_in(2) {
            add(format!(";INTERVAL={}", 1 + self.below(4)));
        }
        let months = self.one_in(3);
        if months {
            add(format!(
                ";BYMONTH={}",
                self.some(|n| (1 + n.below(12)).to_string())
            ));
        }
        let counted = matches!(kind, "MONTHLY" | "YEARLY");
        if kind != "WEEKLY" && self.one_in(3) {
            add(format!(
                ";BYMONTHDAY={}",
                self.some(|n| n.signed(31).to_string())
            ));
        }
        if self.one_in(2) {
            // dateutil reads a mixture of counted and other days as "both", RFC 5545 as "either".
            let most = if kind == "YEARLY" && !months { 53 } else { 5 };
            let ordinals = counted && self.one_in(2);
            let days = self.some(|n| match ordinals {
                true => format!("{}{}", n.signed(most), n.weekday()),
                false => n.weekday(),
            });
            add(format!(";BYDAY={days}"));
        }
        if self.one_in(3) {
            add(format!(";BYHOUR={}", self.some(|n| n.below(6).to_string())));
        }
        if self.one_in(4) {
            add(format!(
                ";BYMINUTE={}",
                self.some(|n| n.below(60).to_string())
            ));
        }
        if self.one_in(3) {
            add(format!(";WKST={}", self.weekday()));
        }
        match self.below(4) {
            0 => add(format!(";COUNT={}", 1 + self.below(60))),
            1 => {
                let until = jiff::Timestamp::from_second(start + self.below(700 * DAY)).unwrap();
                add(format!(";UNTIL={}", until.strftime("%Y%m%dT%H%M%SZ")));
            }
            _ => {}
        }
        rule
    }
}

/// What dateutil says.
fn judged(questions: &[(String, &str, i64, i64)]) -> Vec<Vec<i64>> {
    let python = python_venv(
        "dateutil",
        &["python-dateutil==2.9.0.post0", "tzdata==2025.2"],
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("py/recurrences.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let question = serde_json::to_vec(questions).unwrap();
    child.stdin.take().unwrap().write_all(&question).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the domain says.
fn found(rule: &str, zone: &str, start: i64, end: i64) -> Vec<i64> {
    let recurrence = Recurrence::new(rule, 1000, zone).unwrap_or_else(|e| panic!("{rule}: {e}"));
    let (mut times, mut after_ms) = (Vec::new(), start * 1000 - 1);
    while let Some(at_ms) = recurrence.next_start_ms(start * 1000, after_ms) {
        if at_ms > end * 1000 {
            break;
        }
        // Looking back finds what looking ahead does.
        assert!(
            recurrence.covers(start * 1000, at_ms),
            "{rule} {zone} {at_ms}"
        );
        assert!(
            !recurrence.covers(start * 1000, at_ms - 1),
            "{rule} {zone} {at_ms}"
        );
        times.push(at_ms / 1000);
        after_ms = at_ms;
    }
    times
}

#[test]
fn the_times_of_rules_are_those_that_dateutil_finds() {
    let mut numbers = Numbers(2026);
    let mut questions = Vec::new();
    for _ in 0..RULES {
        for zone in ZONES {
            let start = YEAR_2026 + numbers.below(365 * DAY) / 60 * 60;
            questions.push((numbers.rule(start), zone, start, start + 2 * 365 * DAY));
        }
    }
    let answers = judged(&questions);
    assert_eq!(answers.len(), RULES * ZONES.len());
    for ((rule, zone, start, end), judged) in questions.iter().zip(&answers) {
        let found = found(rule, zone, *start, *end);
        assert_eq!(&found, judged, "{rule} in {zone} from {start}");
    }
    let busy = answers.iter().filter(|times| times.len() > 1);
    assert!(busy.count() > RULES, "most rules come more than once");
}
