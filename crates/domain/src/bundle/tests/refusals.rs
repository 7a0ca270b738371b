//! Values that have the right kind and the wrong meaning.

use super::{Put, Swap, check};

#[test]
fn settings() {
    let text = concat!(
        "[organisation]\nname = \"\"\ndomain = \"no domain\"\nconsole_url = \"https://x.example.org/\"\n",
        "[incidents]\ndefault_owner = \"ada\"\nopen_at = \"sev1\"\npage_at = \"sev2\"\n",
        "default_commander = \"support-steward\"\nunsolved_after = \"soon\"\n",
        "remind_before = \"2 working hours\"\npromise = { sev1 = \"5m\", sev5 = \"1h\" }\n",
        "severities = { critical = \"sev0\" }\nresolve_timeout = \"0s\"\n",
        "[[mirrors]]\nname = \"One\"\ndirectory = \"a/../b\"\n",
        "[[mirrors]]\nname = \"two\"\ndirectory = \"x\"\nurl = \"ftp://x\"\n",
        "[[mirrors]]\nname = \"two\"\ndirectory = \"./x/\"\n",
        "[network]\nallow = [\"10.0.0.1/8\"]\n",
    );
    check(&[Put("stentor.toml", text)], &[]);
}

#[test]
fn secrets_and_mail() {
    let mail = |lines: &'static str| [Swap("stentor.toml", "# [email]", lines)];
    check(
        &mail(
            "[email]\nhost = \"mail.example.org\"\nfrom = \"S <s@example.org>\"\nport = 0\nusername = \"x\"\npassword = \"hunter2\"\n",
        ),
        &[],
    );
    check(
        &mail(
            "[email]\nhost = \"smtp://mail\"\nfrom = \"s@example.org\"\ntls = \"start-tls\"\nusername = \"x\"\n",
        ),
        &[],
    );
    check(
        &mail(
            "[email]\nhost = \"mail\"\nfrom = \"s@example.org\"\ntls = \"starttls-opportunistic\"\nusername = \"x\"\npassword = { file = \"a\", credential = \"b\" }\n",
        ),
        &[],
    );
    check(
        &mail(
            "[email]\nhost = \"mail\"\nfrom = \"s@example.org\"\npassword = { file = \"../x\" }\nca_file = \"../y\"\n",
        ),
        &[],
    );
    check(
        &mail(
            "[email]\nhost = \"localhost\"\nfrom = \"s@example.org\"\ntls = \"none\"\nusername = \"x\"\npassword = { file = \"secrets/smtp\" }\nallow_plaintext_auth = true\n",
        ),
        &[],
    );
}

#[test]
fn on_call_and_calendars() {
    check(
        &[
            Swap("calendars.toml", "\"monday\"", "\"moonday\""),
            Swap("calendars.toml", "until = \"17:00\"", "until = \"08:00\""),
            Swap("calendars.toml", "2026-12-24", "\"2026-13-24\""),
            Swap("calendars.toml", "Europe/Berlin", "Europe/Berlim"),
            Swap("oncall.toml", "Europe/Berlin", "CEST"),
            Swap("oncall.toml", "\"1 week\"", "\"30m\""),
            Swap(
                "oncall.toml",
                "2026-01-05T09:00:00",
                "2026-01-05T09:00:00+01:00",
            ),
            Swap("oncall.toml", "rounds = 3", "rounds = 0"),
            Swap(
                "oncall.toml",
                "people = [\"ada\", \"ben\", \"cleo\"]",
                "people = []",
            ),
            Swap(
                "oncall.toml",
                "schedule = \"primary\"\nwait = \"5m\"",
                "wait = \"5 working hours\"",
            ),
            Swap(
                "oncall.toml",
                "{ schedule = \"secondary\" }",
                "{ person = \"dora\" }",
            ),
            Swap("oncall.toml", "\nwait = \"5m\"", "\nwait = \"2 weeks\""),
        ],
        &[],
    );
    check(
        &[Swap(
            "oncall.toml",
            "[[policies.default.levels]]\nschedule = \"primary\"\nwait = \"5m\"\n\n[[policies.default.levels]]\ntargets = [{ schedule = \"secondary\" }, { person = \"dora\" }]\nwait = \"5m\"\n",
            "",
        )],
        &[],
    );
}

#[test]
fn the_catalogue() {
    check(
        &[
            Put(
                "services/unmapped.toml",
                "name = \"Rest\"\nowner = \"ada\"\npublic_name = \"Accounts and login\"\n",
            ),
            Swap(
                "services/login.toml",
                "labels = { job = \"login\" }",
                "labels = { x = \"1\" }\npatterns = { job = \"(\", x = \"[\" }",
            ),
            Swap(
                "services/login.toml",
                "\"Contributors' council\"",
                "\"council@example.org\"",
            ),
            Swap("services/website.toml", "https://wiki", "wiki"),
        ],
        &[],
    );
}

#[test]
fn templates() {
    check(
        &[
            Swap("templates/first.toml", "{{ advice }}", "{{ advise }}"),
            Swap("templates/first.toml", "next = ", "nxet = "),
            Swap("templates/first.toml", "[blanks.tried]", "[blanks.Tried]"),
            Swap("templates/first.toml", "[blanks.known]", "[blanks.service]"),
            Swap("templates/update.toml", "\"identified\"", "\"fixed\""),
            Swap(
                "templates/update.toml",
                "title = \"",
                "title = \"{% for i in range(1000000) %}x{% endfor %}",
            ),
        ],
        &[],
    );
}
