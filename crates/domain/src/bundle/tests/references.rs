//! Names that nothing declares, and people without the role that their place asks for.

use super::{Swap, check};

#[test]
fn dangling_names_are_told_at_the_value_that_dangles() {
    check(
        &[
            Swap("oncall.toml", "\"ada\", \"ben\"", "\"adda\", \"ben\""),
            Swap(
                "oncall.toml",
                "schedule = \"primary\"\nwait",
                "schedule = \"primery\"\nwait",
            ),
            Swap(
                "oncall.toml",
                "person = \"dora\" }]\nwait",
                "person = \"Dora\" }]\nwait",
            ),
            Swap(
                "services/website.toml",
                "policy = \"default\"",
                "policy = \"night\"",
            ),
            Swap("services/login.toml", "owner = \"ada\"", "owner = \"zoe\""),
            Swap(
                "stentor.toml",
                "calendar = \"office\"",
                "calendar = \"ofice\"",
            ),
            Swap(
                "stentor.toml",
                "support_steward = \"secondary\"",
                "support_steward = \"stewards\"",
            ),
            Swap(
                "stentor.toml",
                "project_manager = \"dora\"",
                "project_manager = \"dorra\"",
            ),
            Swap(
                "stentor.toml",
                "default_policy = \"default\"",
                "default_policy = \"defaults\"",
            ),
        ],
        &[],
    );
}

#[test]
fn the_default_policy_must_exist_also_when_nobody_names_it() {
    check(
        &[
            Swap("oncall.toml", "[policies.default]", "[policies.day]"),
            Swap(
                "oncall.toml",
                "[[policies.default.levels]]",
                "[[policies.day.levels]]",
            ),
            Swap(
                "oncall.toml",
                "[[policies.default.levels]]",
                "[[policies.day.levels]]",
            ),
            Swap("services/website.toml", "policy = \"default\"\n", ""),
            Swap("stentor.toml", "default_policy = \"default\"\n", ""),
        ],
        &[],
    );
}

#[test]
fn who_is_paged_may_act_and_who_delegates_may_do_so() {
    check(
        &[
            Swap("people.toml", "[\"responder\"]", "[\"liaison\"]"),
            Swap("people.toml", "\"manager\", ", ""),
            Swap(
                "people.toml",
                "[\"responder\", \"operator\"]",
                "[\"responder\", \"oprator\"]",
            ),
            Swap("people.toml", ", \"operator\"]", "]"),
        ],
        &[],
    );
}
