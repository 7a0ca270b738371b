//! The format of the source.

use super::{Step, must};
use crate::shell::cargo;

pub(super) const STEP: Step = Step {
    name: "fmt",
    what: "the source is formatted",
    remedy: "run `cargo fmt --all` (if fmt itself is missing: `rustup component add rustfmt`)",
    run: |_| must(&mut cargo(&["fmt", "--all", "--check"])),
};
