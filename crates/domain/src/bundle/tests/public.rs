//! The page, its languages and looks, the directory of what is ours, and texts about more than incidents.

use super::{Put, Swap, check, edited};
use crate::bulletin::{Language, PageSettings};
use crate::template::{Announces, Subject};

fn language(tag: &str) -> Language {
    Language::try_from(tag.to_owned()).unwrap()
}

#[test]
fn the_example_speaks_two_languages_and_names_what_is_ours() {
    let org = edited(&[]).unwrap();
    assert_eq!(org.page.languages, [language("en"), language("de")]);
    assert_eq!(org.page.theme.accent.as_deref(), Some("#0b5cad"));
    assert_eq!(org.page.mirrors, Vec::<String>::new());
    assert_eq!(org.directory.channels.len(), 2);
    assert_eq!(org.directory.emergency[0].address, "tel:+49-30-555-0100");
    let security = org.directory.security.unwrap();
    assert_eq!(security.contact[0], "mailto:security@example.org");
    assert_eq!(security.preferred_languages.len(), 2);
    assert_eq!(org.services["login"].group.as_deref(), Some("Contributors"));
    for (id, subject) in [
        ("first", Subject::Incident),
        ("maintenance-over", Subject::Maintenance),
        ("denial", Subject::Denial),
    ] {
        let template = &org.templates[id];
        assert_eq!(template.subject(), subject, "{id}");
        for key in subject.sections() {
            assert!(template.headings.contains_key(*key), "{key} of {id}");
        }
    }
    let over = Announces::Denial { circulates: false };
    assert_eq!(org.templates["denial-over"].announces, over);
    assert!(
        org.templates["first"]
            .translations
            .contains_key(&language("de"))
    );
}

#[test]
fn without_a_page_it_speaks_english_and_mirrors_with_an_address_are_named_once() {
    let settings = concat!(
        "[organisation]\nname = \"X\"\ndomain = \"x.example.org\"\nconsole_url = \"https://x.example.org\"\n",
        "[incidents]\ndefault_owner = \"ada\"\n",
        "[[mirrors]]\nname = \"one\"\ndirectory = \"/srv/a\"\nurl = \"https://status.example.org\"\n",
        "[[mirrors]]\nname = \"two\"\ndirectory = \"/srv/b\"\n",
        "[[mirrors]]\nname = \"three\"\ndirectory = \"/srv/c\"\nurl = \"https://status.example.org\"\n",
    );
    let org = edited(&[Put("stentor.toml", settings)]).unwrap();
    // Translations are used where the page declares their languages.
    assert!(org.templates["first"].translations.is_empty());
    let expected = PageSettings {
        mirrors: vec!["https://status.example.org".to_owned()],
        ..PageSettings::default()
    };
    assert_eq!(org.page, expected);
}

#[test]
fn looks_and_languages() {
    check(
        &[
            Swap(
                "stentor.toml",
                "languages = [\"en\", \"de\"]\nwebsite",
                "languages = [\"en\", \"de\", \"en\", \"x\"]\nwebsite",
            ),
            Swap("stentor.toml", "https://www.example.org\"", "www\""),
            Swap("stentor.toml", "\"#0b5cad\"", "\"#777777\""),
            Swap("stentor.toml", "\"#8fc5f7\"", "\"blue\""),
        ],
        &[
            "stentor.toml:102:26: \"en\" stands here twice; remove one of the two",
            "stentor.toml:102:32: \"x\" is not a language tag; write for instance \"en\", \"de\" or \"pt-BR\"",
            "stentor.toml:103:11: this is not an address of the web; write http:// or https://, a host, and no user name or password",
            "stentor.toml:107:10: the contrast of \"#777777\" on white is 4.47 to 1, and people need 4.5 to 1 to read it; choose a darker one",
            "stentor.toml:108:15: \"blue\" is not a colour; write # and six hexadecimal digits, for instance \"#0b5cad\"",
        ],
    );
}

#[test]
fn the_directory() {
    check(
        &[
            Swap("stentor.toml", "kind = \"website\"", "kind = \"Web site\""),
            Swap(
                "stentor.toml",
                "\"https://lists.example.org/announce\"",
                "\"javascript:alert(1)\"",
            ),
            Swap("stentor.toml", "tel:+49-30-555-0100", "tel:call me"),
            Swap(
                "stentor.toml",
                "mailto:security@example.org",
                "security@example.org",
            ),
            Swap(
                "stentor.toml",
                "\"https://www.example.org/security/policy\"",
                "\"policy\"",
            ),
        ],
        &[
            "stentor.toml:114:8: \"Web site\" cannot be a kind of channel; write for instance \"website\", \"mailing-list\", \"forum\", \"chat\", \"social\", \"source\", \"packages\", \"phone\" or \"email\"",
            "stentor.toml:121:11: \"javascript:alert(1)\" is not an address that people can follow; write https:, mailto: or tel:, or an account as it is written there, for instance \"#stentor on irc.example.org\"",
            "stentor.toml:127:11: \"tel:call me\" is not an address that people can follow; write https:, mailto: or tel:, or an account as it is written there, for instance \"#stentor on irc.example.org\"",
            "stentor.toml:131:12: \"security@example.org\" is not an address as RFC 9116 has them; write mailto:, tel: or https: before it",
            "stentor.toml:132:11: \"policy\" is not an address of the web; write https: and the address of the page",
        ],
    );
    check(
        &[Swap(
            "stentor.toml",
            "contact = [\"mailto:security@example.org\", \"https://www.example.org/security\"]\n",
            "",
        )],
        &[
            "stentor.toml:130:1: nobody is named who can be told about a vulnerability; add contact = [\"mailto:security@example.org\"], the preferred address first",
        ],
    );
}

#[test]
fn translations_and_groups() {
    check(
        &[
            Swap(
                "templates/denial.toml",
                "[translations.de]",
                "[translations.fr]",
            ),
            Swap(
                "templates/denial.toml",
                "[translations.de.",
                "[translations.fr.",
            ),
            Swap(
                "templates/denial.toml",
                "[translations.de.",
                "[translations.fr.",
            ),
            Swap(
                "templates/maintenance.toml",
                "moved = \"Wir",
                "advice2 = \"Wir",
            ),
            Swap(
                "templates/maintenance.toml",
                "Von {{ begins }}",
                "Von {{ next_update }}",
            ),
            Swap("services/login.toml", "public_name", "# public_name"),
        ],
        &[
            "services/login.toml:8:9: a service without public_name is not on the status page, so it stands under no heading there; add public_name = \"…\", or remove this line",
            "templates/denial.toml:30:15: fr is not a language of the page; add it to languages in [page] of stentor.toml, or remove this translation; there are en, de",
            "templates/maintenance.toml:39:8: the text does not render: undefined value: `next_update` is undefined (line 1); write blanks as {{ name }}; there are advice, ask, begins, effect, ends, moved, organisation, services",
            "templates/maintenance.toml:43:1: the blank \"moved\" has a default, but none in de; add it in the table defaults of this translation: moved = \"…\"",
            "templates/maintenance.toml:45:1: there is no key \"advice2\" here; did you mean \"advice\"?",
        ],
    );
    check(
        &[
            Swap(
                "stentor.toml",
                "languages = [\"en\", \"de\"]\nwebsite",
                "languages = [\"en\", \"tlh\", \"de\"]\nwebsite",
            ),
            Swap(
                "templates/denial.toml",
                "[translations.de]",
                "[translations.en]\n[translations.tlh]\napproved_by = \"x\"\ntitle = \"x\"\nsections = { claim = \"x\", true = \"x\", do = \"x\" }\nheadings = { claim = \"x\", true = \"x\" }\ndefaults = { advice = \"x\" }\n[translations.de]",
            ),
        ],
        &[
            "templates/denial.toml:30:15: en is the language of the text itself; remove this translation, or change the order of languages in [page] of stentor.toml",
            "templates/denial.toml:35:12: Stentor has no heading for the section \"do\" in tlh; add it in the table headings: do = \"…\"",
        ],
    );
}
