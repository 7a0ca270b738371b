//! The tests: plain `cargo test`, its output untouched, its many results added up.

use std::fmt;

use super::{Ended, Step};
use crate::shell::{Failure, cargo, show_and_read};

pub(super) const STEP: Step = Step {
    name: "test",
    what: "the tests pass, on real parts",
    remedy: "run the failing test alone: `cargo test -p CRATE NAME -- --nocapture`",
    run: |_| {
        let mut tally = Tally::default();
        let passed = show_and_read(
            // All failures at once: who reads this has waited for the compiler already.
            &mut cargo(&["test", "--workspace", "--no-fail-fast"]),
            |line| tally.read(line),
        )?;
        if !passed {
            return Err(Failure::Failed(format!("{tally}; see above")));
        }
        if tally.passed == 0 {
            return Err(Failure::Failed("not one test ran".into()));
        }
        Ok(Ended::PassedWith(tally.to_string()))
    },
};

/// The sum of the results of the test binaries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    binaries: u64,
}

impl Tally {
    /// Adds `test result: ok. 3 passed; 0 failed; 1 ignored; …`; other lines are nothing to us.
    fn read(&mut self, line: &str) {
        let Some((_, counts)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        self.binaries += 1;
        for count in counts.split("; ") {
            let Some((n, what)) = count.split_once(' ') else {
                continue;
            };
            let n = n.parse::<u64>().unwrap_or(0);
            match what {
                "passed" => self.passed += n,
                "failed" => self.failed += n,
                "ignored" => self.ignored += n,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} tests passed, {} failed, {} ignored, in {} binaries",
            self.passed, self.failed, self.ignored, self.binaries
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_binaries_are_added_up() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.20s",
            "test result: nonsense",
        ] {
            tally.read(line);
        }
        let expect = Tally {
            passed: 13,
            failed: 2,
            ignored: 1,
            binaries: 2,
        };
        assert_eq!(tally, expect);
    }
}
