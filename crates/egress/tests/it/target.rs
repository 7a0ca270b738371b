use stentor_egress::Target;

#[test]
fn urls_are_checked_before_anything_is_resolved() {
    let check = |text: &str, expect: Option<&str>| {
        let target = Target::parse(text);
        assert_eq!(
            target.as_ref().ok().map(Target::origin),
            expect,
            "{text}: {target:?}"
        );
    };
    check("https://example.org/hook", Some("https://example.org"));
    check(
        "http://example.org:8065/hooks/x?y=z",
        Some("http://example.org:8065"),
    );
    check("http://[::1]:80/", Some("http://[::1]"));
    // Every spelling of an address becomes the address, which the guard then judges.
    check("http://0x7f.1/", Some("http://127.0.0.1"));
    check("http://2130706433/", Some("http://127.0.0.1"));
    check("http://①②⑦.0.0.1/", Some("http://127.0.0.1"));

    check("/hook", None);
    check("example.org/hook", None);
    check("ftp://example.org/", None);
    check("file:///etc/passwd", None);
    check("gopher://example.org/", None);
    check("https://user:secret@example.org/", None);
    check("https://user@example.org/", None);
    check("https://example.org/#x", None);
    check("https://example.org/\r\nX: y", None);
    check("https://example.org/ x", None);
    check("https://", None);
    check(&format!("https://example.org/{}", "x".repeat(2048)), None);
}

#[test]
fn the_secret_path_is_not_shown() {
    let target = Target::parse("https://example.org/hooks/s3cr3t").unwrap();
    assert!(!format!("{target:?} {target}").contains("s3cr3t"));
}
