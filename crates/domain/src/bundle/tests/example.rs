//! What the example organisation means, and what holds when a file says nothing.

use super::super::{ContactSpec, contacts};
use super::{CONTACTS, Drop, Put, Swap, check, edited};
use crate::calendar::{Calendar, Period};
use crate::ids::PersonId;
use crate::oncall::{Shift, Target};
use crate::organisation::{DefaultCommander, SecretRef};
use crate::severity::Severity;

#[test]
fn the_example_has_no_problem_and_means_what_it_says() {
    let org = edited(&[]).unwrap();
    assert_eq!(org.name, "Example Linux");
    assert_eq!(org.console_url, "http://127.0.0.1:8080");
    assert_eq!(org.people.len(), 4);
    assert_eq!(org.mirrors.len(), 2);
    assert_eq!(org.email, None);
    assert_eq!(org.templates.len(), 8);
    let primary = &org.schedules["primary"];
    assert_eq!(primary.shift, Shift::Days(7));
    assert_eq!(primary.start.to_string(), "2026-01-05T09:00:00");
    let policy = &org.policies["default"];
    assert_eq!(policy.rounds, 3);
    assert_eq!(policy.levels[1].wait_seconds, 300);
    assert_eq!(
        policy.levels[1].targets,
        [
            Target::Schedule("secondary".into()),
            Target::Person("dora".into())
        ]
    );
    assert_eq!(org.calendar().holidays.len(), 4);
    assert_eq!(org.rules.close_after, Period::Working(48 * 3600));
    assert_eq!(
        org.rules.promise[&Severity::Sev3],
        Period::Working(3 * 3600)
    );
    let order: Vec<_> = org.selectors.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(
        order,
        [
            "website",
            "login",
            "package-mirror",
            "website",
            "package-mirror"
        ]
    );
}

#[test]
fn what_is_not_said_has_a_default() {
    let settings = concat!(
        "[organisation]\nname = \"X\"\ndomain = \"x.example.org\"\nconsole_url = \"https://x.example.org\"\n",
        "[incidents]\ndefault_owner = \"ada\"\n",
        "[[mirrors]]\nname = \"one\"\ndirectory = \"/srv/status\"\nurl = \"https://status.example.org\"\n",
        "[email]\nhost = \"::1\"\nfrom = \"a@example.org\"\ntls = \"implicit\"\nusername = \"a\"\n",
        "password = { credential = \"smtp\" }\n",
    );
    let org = edited(&[
        Put("stentor.toml", settings),
        Put("calendars.toml", ""),
        Put(
            "people.toml",
            "people.ada = { name = \"Ada\", roles = [\"responder\", \"operator\"] }",
        ),
        Put(
            "oncall.toml",
            "policies.default.levels = [{ person = \"ada\" }]",
        ),
        Put("services/login.toml", "name = \"Login\"\nowner = \"ada\""),
        Drop("services/website.toml"),
        Drop("services/package-mirror.toml"),
    ])
    .unwrap();
    let rules = &org.rules;
    assert_eq!(rules.default_commander, DefaultCommander::FirstAcknowledger);
    assert_eq!(
        (rules.open_at, rules.page_at),
        (Severity::Sev3, Severity::Sev2)
    );
    assert_eq!(rules.unknown_severity, Severity::Sev2);
    assert_eq!(rules.severities["critical"], Severity::Sev1);
    assert_eq!(rules.unsolved_after, Period::Clock(1800));
    assert_eq!(rules.suggest_handoff_after, Period::Clock(4 * 3600));
    assert_eq!(rules.remind_before, Period::Clock(600));
    assert_eq!(rules.resolve_timeout_ms, 300_000);
    assert_eq!(rules.promise.len(), 4);
    assert_eq!(org.calendar(), Calendar::around_the_clock());
    let level = &org.policies["default"].levels[0];
    assert_eq!(
        (level.wait_seconds, org.policies["default"].rounds),
        (300, 2)
    );
    assert_eq!(org.services["login"].policy.as_str(), "default");
    let email = org.email.unwrap();
    assert_eq!(email.port, 465);
    assert_eq!(email.password, Some(SecretRef::Credential("smtp".into())));
}

#[test]
fn dates_and_times_may_be_texts() {
    let calendars = concat!(
        "[calendars.office]\nzone = \"UTC\"\ndays = [\"Mon\", \"sunday\"]\nfrom = 09:00:00\nuntil = \"24:00\"\n",
        "holidays = [\"2026-12-25\"]\n",
    );
    check(
        &[
            Put("calendars.toml", calendars),
            Swap(
                "oncall.toml",
                "start = 2026-01-05T09:00:00",
                "start = \"2026-01-05 09:00\"",
            ),
            Swap("oncall.toml", "shift = \"1 week\"", "shift = \"12h\""),
        ],
        &[],
    );
}

#[test]
fn contacts_name_people_and_how_they_are_reached() {
    let org = edited(&[]).unwrap();
    let found = contacts("contacts.toml", CONTACTS, &org).unwrap();
    let ada = ContactSpec {
        person: PersonId::from("ada"),
        email: Some("ada@example.org".into()),
        webhook_url: None,
        webhook_secret: None,
    };
    assert_eq!((found.len(), &found[0]), (4, &ada));

    let text = concat!(
        "[contacts.ada]\nemail = \"ada\"\nwebhook_url = \"https://example.org/hook\"\n",
        "[contacts.bem]\nemail = \"ben@example.org\"\n",
        "[contacts.cleo]\n",
        "[contacts.dora]\nwebhook_url = \"https://u:p@example.org\"\nwebhook_secret = \"whsec_x\"\n",
    );
    let problems = contacts("contacts.toml", text, &org).unwrap_err();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "contacts.toml:2:9: this is not a mail address; write the address alone, for instance \"ada@example.org\"",
            "contacts.toml:3:15: a webhook without a key could be forged by anybody; add webhook_secret = { file = \"secrets/webhook\" }",
            "contacts.toml:4:11: there is no person \"bem\"; did you mean \"ben\"? If not, declare it as [people.bem] in people.toml",
            "contacts.toml:6:11: this says no way to reach the person; add email or webhook_url",
            "contacts.toml:8:15: this is not an address of the web; write http:// or https://, a host, and no user name or password",
            "contacts.toml:9:18: the secret \"webhook_secret\" stands here itself; put it into a file and write webhook_secret = { file = \"secrets/webhook-secret\" }, or webhook_secret = { credential = \"webhook_secret\" } for a systemd credential; then change the secret, because others may have read it",
        ]
    );
}
