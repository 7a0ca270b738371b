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
        &[
            "oncall.toml:9:11: there is no person \"adda\"; did you mean \"ada\"? If not, declare it as [people.adda] in people.toml",
            "oncall.toml:23:12: there is no schedule \"primery\"; did you mean \"primary\"? If not, declare it as [schedules.primery] in oncall.toml",
            "oncall.toml:27:51: there is no person \"Dora\"; did you mean \"dora\"? If not, declare it as [people.NAME] in people.toml",
            "services/login.toml:4:9: there is no person \"zoe\"; write one of \"ada\", \"ben\", \"cleo\", \"dora\", or declare it as [people.zoe] in people.toml",
            "services/website.toml:8:10: there is no policy \"night\"; write \"default\", or declare it as [policies.night] in oncall.toml",
            "stentor.toml:27:12: there is no calendar \"ofice\"; did you mean \"office\"? If not, declare it as [calendars.ofice] in calendars.toml",
            "stentor.toml:31:18: there is no policy \"defaults\"; did you mean \"default\"? If not, declare it as [policies.defaults] in oncall.toml",
            "stentor.toml:48:19: there is no schedule \"stewards\"; write one of \"primary\", \"secondary\", or declare it as [schedules.stewards] in oncall.toml",
            "stentor.toml:50:19: there is no person \"dorra\"; did you mean \"dora\"? If not, declare it as [people.dorra] in people.toml",
        ],
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
        &[
            "stentor.toml:29:1: \"default_policy\" is missing, and no policy is called \"default\"; add default_policy with the name of a policy of oncall.toml",
        ],
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
        &[
            "oncall.toml:9:18: \"ben\" is paged here but is not a responder; add the role \"responder\" in people.toml",
            "oncall.toml:15:11: \"ben\" is paged here but is not a responder; add the role \"responder\" in people.toml",
            "people.toml:1:1: nobody may run Stentor itself; give at least one person the role \"operator\"",
            "people.toml:8:23: there is no role \"oprator\"; did you mean \"operator\"?",
            "stentor.toml:50:19: \"dora\" may not delegate for others; add the role \"manager\" in people.toml",
        ],
    );
}
