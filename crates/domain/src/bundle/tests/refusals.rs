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
    check(
        &[Put("stentor.toml", text)],
        &[
            "stentor.toml:2:8: the text is empty; write something, or remove the key",
            "stentor.toml:3:10: \"no domain\" is not a domain; write a host name, for instance \"stentor.example.org\"",
            "stentor.toml:4:15: the address ends with a slash, and links are appended to it; remove the slash",
            "stentor.toml:8:11: people would be woken for what opens no incident; make open_at the same as page_at or less severe",
            "stentor.toml:9:21: nobody is declared as support steward; add support_steward with the name of a schedule of oncall.toml",
            "stentor.toml:10:18: \"soon\" is not a period; write for instance \"30s\", \"15m\", \"2h\", \"1d\" or \"3 working hours\"",
            "stentor.toml:11:17: working time does not fit here; write a period on the clock, for instance \"10m\"",
            "stentor.toml:12:20: a promise of SEV1 would be due before its keeper is reminded; make remind_before shorter than every promise",
            "stentor.toml:12:26: there is no key \"sev5\" here; did you mean \"sev1\"?",
            "stentor.toml:13:27: \"sev0\" is not a severity; did you mean \"sev1\"?",
            "stentor.toml:14:19: \"0s\" is not a period; write for instance \"30s\", \"15m\", \"2h\", \"1d\" or \"3 working hours\"",
            "stentor.toml:16:8: \"One\" cannot be a name; use 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -",
            "stentor.toml:17:13: the path leaves its directory; write a path below it, or one that begins with /",
            "stentor.toml:21:7: this is not an address of the web; write http:// or https://, a host, and no user name or password",
            "stentor.toml:23:8: another mirror has \"two\" already; choose another; two mirrors are two places",
            "stentor.toml:24:13: another mirror has \"./x/\" already; choose another; two mirrors are two places",
            "stentor.toml:26:10: \"10.0.0.1/8\" is not a block of addresses; write its first address and its length, for instance \"10.20.0.0/16\", \"127.0.0.1/32\" or \"fd00::/8\"",
        ],
    );
}

#[test]
fn secrets_and_mail() {
    let mail = |lines: &'static str| [Swap("stentor.toml", "# [email]", lines)];
    check(
        &mail(
            "[email]\nhost = \"mail.example.org\"\nfrom = \"S <s@example.org>\"\nport = 0\nusername = \"x\"\npassword = \"hunter2\"\n",
        ),
        &[
            "stentor.toml:81:8: this is not a mail address; write the address alone, for instance \"stentor@example.org\"",
            "stentor.toml:82:8: \"port\" is out of range; write 1 to 65535",
            "stentor.toml:84:12: the secret \"password\" stands here itself; put it into a file and write password = { file = \"secrets/password\" }, or password = { credential = \"password\" } for a systemd credential; then change the secret, because others may have read it",
        ],
    );
    check(
        &mail(
            "[email]\nhost = \"smtp://mail\"\nfrom = \"s@example.org\"\ntls = \"start-tls\"\nusername = \"x\"\n",
        ),
        &[
            "stentor.toml:80:8: \"smtp://mail\" is not a host; write the name or the address of the mail server alone",
            "stentor.toml:82:7: \"start-tls\" is not a way to protect mail; did you mean \"starttls\"?",
            "stentor.toml:83:12: a user name without a password; add password = { file = \"secrets/smtp-password\" }",
        ],
    );
    check(
        &mail(
            "[email]\nhost = \"mail\"\nfrom = \"s@example.org\"\ntls = \"starttls-opportunistic\"\nusername = \"x\"\npassword = { file = \"a\", credential = \"b\" }\n",
        ),
        &[
            "stentor.toml:83:12: with tls = \"starttls-opportunistic\" the password could be read on its way; write tls = \"starttls\" or \"implicit\", or allow_plaintext_auth = true when the way is safe (loopback)",
            "stentor.toml:84:12: it is not clear where \"password\" lies; write either file = \"secrets/…\" or credential = \"…\"",
        ],
    );
    check(
        &mail(
            "[email]\nhost = \"mail\"\nfrom = \"s@example.org\"\npassword = { file = \"../x\" }\nca_file = \"../y\"\n",
        ),
        &[
            "stentor.toml:82:12: a password without a user name; add username = \"…\", or remove the password",
            "stentor.toml:82:21: the path leaves its directory; write a path below it, or one that begins with /",
            "stentor.toml:83:11: the path leaves its directory; write a path below it, or one that begins with /",
        ],
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
        &[
            "calendars.toml:5:8: there is no time zone \"Europe/Berlim\"; did you mean \"Europe/Berlin\"?",
            "calendars.toml:6:9: \"moonday\" is not a day of the week; did you mean \"monday\"?",
            "calendars.toml:8:9: work ends before it begins; write an \"until\" later than \"from\", or \"24:00\"",
            "calendars.toml:10:3: \"2026-13-24\" is not a date; write for instance 2026-12-25",
            "oncall.toml:5:12: nobody takes turns in \"primary\"; add people = [\"ada\", \"ben\"] in the order of turns",
            "oncall.toml:6:8: there is no time zone \"CEST\"; write a name of the IANA database, for instance \"Europe/Berlin\" or \"UTC\"",
            "oncall.toml:7:9: \"2026-01-05T09:00:00+01:00\" is not the begin of a shift; write the date and the time in the schedule's zone, without an offset, for instance 2026-01-05T09:00:00",
            "oncall.toml:20:10: \"rounds\" is out of range; write 1 to 20",
            "oncall.toml:22:1: this level pages nobody; add schedule = \"primary\", person = \"ada\" or targets = [{ schedule = \"primary\" }, { person = \"ada\" }]",
            "oncall.toml:23:8: working time does not fit here; write a period on the clock, for instance \"10m\"",
            "oncall.toml:26:44: this level pages the same target twice; keep one of the two",
            "oncall.toml:27:8: the next level waits more than a day; write at most \"1d\"",
        ],
    );
    check(
        &[Swap(
            "oncall.toml",
            "[[policies.default.levels]]\nschedule = \"primary\"\nwait = \"5m\"\n\n[[policies.default.levels]]\ntargets = [{ schedule = \"secondary\" }, { person = \"dora\" }]\nwait = \"5m\"\n",
            "",
        )],
        &[
            "oncall.toml:19:11: the policy \"default\" has no level; add [[policies.default.levels]] with schedule = \"primary\" and wait = \"5m\"",
        ],
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
                "labels = { x = \"1\" }\npatterns = { job = \"(\", x = \"[\", y = \"a)|(b\" }",
            ),
            Swap(
                "services/login.toml",
                "\"Contributors' council\"",
                "\"council@example.org\"",
            ),
            Swap("services/website.toml", "https://wiki", "wiki"),
        ],
        &[
            "services/login.toml:5:20: an address stands in a part of the configuration that is kept for ever; name the group that speaks for those affected, without an address",
            "services/login.toml:11:12: the label \"x\" has a value and a pattern; keep one of the two",
            "services/login.toml:12:20: \"(\" is not a regular expression: unclosed group; correct it; it has to match the whole value of the label",
            "services/login.toml:12:29: \"[\" is not a regular expression: unclosed character class; correct it; it has to match the whole value of the label",
            "services/login.toml:12:38: \"a)|(b\" is not a regular expression: unopened group; correct it; it has to match the whole value of the label",
            "services/unmapped.toml:1:1: \"unmapped\" is where alerts go that no service claims; give the file another name",
            "services/unmapped.toml:3:15: another service is called \"Accounts and login\" already; choose a name that readers of the status page can tell apart",
            "services/website.toml:11:11: this is not an address of the web; write http:// or https://, a host, and no user name or password",
        ],
    );
}

#[test]
fn templates() {
    check(
        &[
            // Without languages of the page, translations are not looked at.
            Swap(
                "stentor.toml",
                "languages = [\"en\", \"de\"]\nwebsite",
                "website",
            ),
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
        &[
            "templates/first.toml:12:1: the section \"next\" (What happens next) is missing; add next = \"…\"; every public notice carries it",
            "templates/first.toml:14:6: the text does not render: undefined value: `advise` is undefined (line 1); write blanks as {{ name }}; there are Tried, advice, next_update, organisation, service, symptoms, unaffected",
            "templates/first.toml:15:9: the text does not render: undefined value: `known` is undefined (line 1); write blanks as {{ name }}; there are Tried, advice, next_update, organisation, service, symptoms, unaffected",
            "templates/first.toml:16:9: the text does not render: undefined value: `tried` is undefined (line 1); write blanks as {{ name }}; there are Tried, advice, next_update, organisation, service, symptoms, unaffected",
            "templates/first.toml:17:1: there is no key \"nxet\" here; did you mean \"next\"?",
            "templates/first.toml:31:9: the blank \"service\" is filled by Stentor; remove it here and use it in the text",
            "templates/first.toml:35:9: \"Tried\" cannot be the name of a blank; use a-z, 0-9 and _, beginning with a letter",
            "templates/update.toml:5:10: \"fixed\" is not a public status; write one of \"investigating\", \"identified\", \"monitoring\", \"resolved\", \"scheduled\", \"in_progress\", \"verifying\", \"completed\", \"cancelled\", \"circulating\", \"ended\"",
            "templates/update.toml:6:9: the text does not render: unknown function: range is unknown (line 1); write blanks as {{ name }}; there are advice, known, next_update, organisation, plan, service, symptoms, tried",
        ],
    );
}
