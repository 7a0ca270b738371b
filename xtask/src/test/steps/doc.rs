//! The documentation of the code: a broken link is an error.

use super::{Step, must};
use crate::shell::cargo;

pub(super) const STEP: Step = Step {
    name: "doc",
    what: "the documentation of the code builds without a warning",
    remedy: "mend the doc comment it names",
    run: |_| must(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings")),
};
