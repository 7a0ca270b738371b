//! The lints, of the tests too.

use super::{Step, must};
use crate::shell::cargo;

pub(super) const STEP: Step = Step {
    name: "clippy",
    what: "no lint speaks",
    remedy: "follow the lint; an exception is `#[expect(LINT, reason = \"...\")]` at the smallest place \
             (if clippy itself is missing: `rustup component add clippy`)",
    run: |_| {
        must(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    },
};
