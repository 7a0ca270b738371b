//! Files that are not TOML, that are missing, or that hold other keys and kinds of values than expected.

use super::{Drop, Put, Swap, check};

#[test]
fn syntax_errors_are_told_by_line_and_hide_only_their_own_file() {
    let broken = "[people.ada]\nname = Ada\nroles = [\"operator\"]\n[people.ben\n";
    check(
        &[
            Put("people.toml", broken),
            Swap("oncall.toml", "rounds = 3", "round = 3"),
        ],
        &[
            "oncall.toml:20:1: there is no key \"round\" here; did you mean \"rounds\"?",
            "people.toml:2:8: string values must be quoted, expected literal string; correct the TOML syntax",
            "people.toml:4:12: unclosed table, expected `]`; correct the TOML syntax",
        ],
    );
}

#[test]
fn a_name_declared_twice_is_told_once() {
    check(
        &[
            Swap(
                "oncall.toml",
                "[schedules.secondary]",
                "[schedules.primary]",
            ),
            Swap("oncall.toml", "\"secondary\"", "\"primary\""),
            Swap("stentor.toml", "\"secondary\"", "\"primary\""),
        ],
        &["oncall.toml:11:12: this name is already in use here; keep one of the two"],
    );
}

#[test]
fn other_keys_are_refused_everywhere() {
    check(
        &[
            Swap(
                "people.toml",
                "name = \"Ada\"",
                "name = \"Ada\"\nphone = \"1\"",
            ),
            Swap("calendars.toml", "[calendars.office]", "[calenders.office]"),
            Swap("stentor.toml", "calendar = \"office\"", ""),
            Swap(
                "templates/first.toml",
                "[blanks.tried]\nhint",
                "[blanks.tried]\nhints",
            ),
            Swap("services/login.toml", "labels =", "label ="),
        ],
        &[
            "calendars.toml:4:2: there is no key \"calenders\" here; did you mean \"calendars\"?",
            "people.toml:8:1: there is no key \"phone\" here; write one of \"name\", \"roles\"",
            "services/login.toml:10:1: this [[match]] has no condition, so every alert would fit; add labels = { job = \"web\" } or patterns = { instance = \"web-[0-9]+\" }",
            "services/login.toml:11:1: there is no key \"label\" here; did you mean \"labels\"?",
            "templates/first.toml:35:9: \"hint\" is missing; add hint = \"what a visitor notices\"",
            "templates/first.toml:36:1: there is no key \"hints\" here; did you mean \"hint\"?",
        ],
    );
}

#[test]
fn values_of_another_kind_are_refused() {
    let settings = concat!(
        "[organisation]\nname = 7\ndomain = [\"a\"]\nconsole_url = { a = 1 }\n",
        "[incidents]\ndefault_owner = true\nseverities = 1.5\nresolve_timeout = 2026-01-01\n",
        "[[mirrors]]\nname = \"one\"\ndirectory = \"\\u0007\"\n",
        "[email]\nhost = \"mail.example.org\"\nfrom = \"a@example.org\"\nport = \"25\"\nallow_plaintext_auth = \"no\"\n",
        "[network]\nallow = \"10.0.0.0/8\"\n",
    );
    check(
        &[Put("stentor.toml", settings)],
        &[
            "stentor.toml:2:8: a whole number stands where a text in quotes is expected; write a text in quotes",
            "stentor.toml:3:10: a list stands where a text in quotes is expected; write a text in quotes",
            "stentor.toml:4:15: a table stands where a text in quotes is expected; write a text in quotes",
            "stentor.toml:6:17: true or false stands where a text in quotes is expected; write a text in quotes",
            "stentor.toml:7:14: a number stands where a table is expected; write a table",
            "stentor.toml:8:19: a date or time stands where a text in quotes is expected; write a text in quotes",
            "stentor.toml:11:13: the text holds a control character; remove it",
            "stentor.toml:15:8: a text stands where a whole number is expected; write a whole number",
            "stentor.toml:16:24: a text stands where true or false is expected; write true or false",
            "stentor.toml:18:9: a text stands where a list in [ ] is expected; write a list in [ ]",
        ],
    );
}

#[test]
fn missing_files_are_named_without_blaming_what_refers_to_them() {
    check(
        &[
            Drop("people.toml"),
            Drop("oncall.toml"),
            Drop("templates/denial-over.toml"),
            Drop("templates/denial.toml"),
            Drop("templates/first.toml"),
            Drop("templates/maintenance-now.toml"),
            Drop("templates/maintenance-over.toml"),
            Drop("templates/maintenance.toml"),
            Drop("templates/update.toml"),
            Drop("templates/resolved.toml"),
        ],
        &[
            "oncall.toml:1:1: the file is missing; write it; it holds schedules and escalation policies",
            "people.toml:1:1: the file is missing; write it; it holds the people",
            "templates/:1:1: the folder is missing or has no file; write at least one, for instance templates/first.toml",
        ],
    );
}

#[test]
fn files_that_nothing_reads_are_refused() {
    check(
        &[
            Put("service/mail.toml", ""),
            Put("on-call.toml", ""),
            Put("services/a.toml.toml", "name = \"A\"\nowner = \"ada\""),
            Put("templates/First_Word.toml", "name = \"x\""),
        ],
        &[
            "on-call.toml:1:1: nothing reads a file of this name; did you mean \"oncall.toml\"?",
            "service/mail.toml:1:1: nothing reads a file of this name; did you mean \"services\"?",
            "services/a.toml.toml:1:1: \"a.toml\" cannot be a name; rename the file; use 1 to 63 of a-z, 0-9 and -, beginning with a letter",
            "templates/First_Word.toml:1:1: \"First_Word\" cannot be a name; rename the file; use 1 to 63 of a-z, 0-9 and -, beginning with a letter",
            "templates/First_Word.toml:1:1: \"approved_by\" is missing; add approved_by = \"the board, 2026-01-10\"",
            "templates/First_Word.toml:1:1: \"status\" is missing; add status = \"investigating\"",
            "templates/First_Word.toml:1:1: \"title\" is missing; add title = \"{{ service }}: we are looking into a problem\"",
            "templates/First_Word.toml:1:1: [sections] is missing; add it with the keys affected, do, known, tried, next",
        ],
    );
}

#[test]
fn an_empty_organisation_is_told_what_it_lacks() {
    check(
        &[
            Put("stentor.toml", ""),
            Put("people.toml", ""),
            Put("oncall.toml", ""),
            Drop("services/login.toml"),
            Drop("services/package-mirror.toml"),
            Drop("services/website.toml"),
        ],
        &[
            "oncall.toml:1:1: there is no escalation policy; add [policies.default] and under it [[policies.default.levels]]",
            "people.toml:1:1: there are no people; add [people.ada] with name = \"Ada\" and roles = [\"responder\", \"operator\"]",
            "services/:1:1: the folder is missing or has no file; write at least one, for instance services/website.toml",
            "stentor.toml:1:1: [incidents] is missing; add it with default_owner = \"ada\": who answers for alerts that no service claims",
            "stentor.toml:1:1: [organisation] is missing; add it with name, domain and console_url",
            "stentor.toml:1:1: there is no mirror, so the public word would go nowhere; add [[mirrors]] with name = \"one\" and directory = \"mirrors/one\"",
        ],
    );
}
