use stentor_channels::{Address, Key};

#[test]
fn keys_can_stand_anywhere() {
    let check = |text: &str, expect: bool| assert_eq!(Key::new(text).is_ok(), expect, "{text:?}");
    check("0123abcd", true);
    check("AZaz09-_", true);
    check(&"a".repeat(128), true);
    check(&"a".repeat(129), false);
    check("short", false);
    check("with.a.dot", false);
    check("with a blank", false);
    check("line\r\nbreak", false);
    check("with<angle>", false);
    check("ümlautümlaut", false);
}

#[test]
fn addresses_are_checked_and_not_shown() {
    let check = |text: &str, expect: bool| {
        assert_eq!(Address::email(text).is_ok(), expect, "{text:?}");
    };
    check("ada@example.org", true);
    check("ada+page@example.org", true);
    check("ada@[127.0.0.1]", true);
    check("ada", false);
    check("@example.org", false);
    check("ada@", false);
    check("Ada <ada@example.org>", false);
    check("ada@example.org\r\nBcc: eve@example.org", false);
    check("ada@example.org, eve@example.org", false);
    check(&format!("{}@example.org", "a".repeat(250)), false);
    let shown = format!("{:?}", Address::email("ada@example.org").unwrap());
    assert!(!shown.contains("ada"), "{shown}");
}
