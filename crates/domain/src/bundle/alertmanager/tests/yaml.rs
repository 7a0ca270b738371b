//! The form of the file: syntax, limits, aliases, merges.

use proptest::prelude::*;

use super::{LEAST, check, problems, routing};
use crate::bundle::alertmanager::{MAX_FILE_BYTES, cut};

#[test]
fn wrong_syntax_has_a_place() {
    check(
        "",
        &["1:1: the file is empty; write at least route and receivers"],
    );
    check(
        "# nothing\n",
        &["1:1: the file is empty; write at least route and receivers"],
    );
    check(
        "- a\n",
        &["1:1: a mapping is expected here; write keys and values"],
    );
    check(
        &format!("{LEAST}---\na: b\n"),
        &["3:1: a second document begins here; keep one document in the file"],
    );
    check(
        "route: {receiver: ops}\nreceivers: [{name: ops}]\nroute: {receiver: ops}\n",
        &["3:1: \"route\" stands here twice; keep one of the two"],
    );
    check(
        "route: !x {receiver: ops}\nreceivers: [{name: ops}]\n",
        &["1:11: the tag \"!x\" is not known; remove it"],
    );
    check(
        "route: {? [a] : b, receiver: ops}\nreceivers: [{name: ops}]\n",
        &["1:11: a key must be a text; write a name"],
    );
    for broken in [
        "route: [",
        "a: b: c",
        "a: @x",
        "a: *b",
        "a: 'b",
        "? - : - [",
        "a: \"\\q\"",
    ] {
        assert_eq!(problems(broken).len(), 1, "{broken}");
    }
}

#[test]
fn the_file_has_limits() {
    let only = |text: &str, part: &str| {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{part}");
        assert!(found[0].contains(part), "{found:?}");
    };
    only(
        &format!("{LEAST}#{}", "x".repeat(MAX_FILE_BYTES)),
        "larger than",
    );
    let deep = format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(problems(&deep).len(), 1);
    let deep: String = (0..200).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    assert_eq!(problems(&deep).len(), 1);
    only(&format!("a: [{}]", "x,".repeat(200_000)), "too many values");
    // Each line holds the one before ten times.
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..10 {
        let before = format!("*a{}, ", i - 1).repeat(10);
        bomb.push_str(&format!("a{i}: &a{i} [{before}]\n"));
    }
    only(&bomb, "too many values");
    only(
        &format!("a: &a x\nb: [{}]", "*a, ".repeat(2_000)),
        "aliases",
    );
    let long = "x".repeat(100_000);
    only(
        &format!("a: &a {long}\nb: [{}]", "*a, ".repeat(100)),
        "too many values",
    );
    only("a: &a [*a]", "within the value");
    // What is too large only when it is written out.
    let labels = format!("{{a: \"{}\"}}", "\\u0007".repeat(60_000));
    let receivers = "\n- {name: a, labels: *l}".to_owned() + &"\n- {name: b, labels: *l}".repeat(4);
    let text = format!(
        "route: {{receiver: a}}\nreceivers:\n- {{name: x, labels: &l {labels}}}{receivers}\n"
    );
    assert!(
        problems(&text).iter().any(|p| p.contains("written out")),
        "{:?}",
        problems(&text).len()
    );
}

#[test]
fn aliases_and_merges_are_written_out() {
    let routing = routing(
        "route:\n  receiver: &r ops\n  group_by: [a]\n  routes:\n  - &x {receiver: *r, matchers: [a=b], group_wait: 1m}\n  \
         - {<<: *x, group_wait: 2m}\nreceivers: [{name: *r}]\n",
    );
    let waits: Vec<i64> = routing.routes.iter().map(|r| r.group_wait_ms).collect();
    assert_eq!(waits, [30_000, 60_000, 120_000]);
    assert_eq!(routing.routes[2].key, "{}/{a=\"b\"}");
    check(
        "route: {receiver: ops, <<: x}\nreceivers: [{name: ops}]\n",
        &["1:28: only a mapping can be merged in; write an alias of a mapping behind <<"],
    );
}

#[test]
fn the_text_that_is_left_says_the_same() {
    let check = |value: &str, expected: &str| {
        let text = format!(
            "route: {{receiver: ops}}\nreceivers: [{{name: ops, labels: {{a: {value}}}}}]\n"
        );
        let cut = cut("alertmanager.yml", &text).unwrap();
        let line = cut.text.lines().last().unwrap().trim().to_owned();
        assert_eq!(line, format!("a: {expected}"), "{value}");
        // What comes out goes through unchanged.
        let again = super::cut("alertmanager.yml", &cut.text).unwrap();
        assert_eq!(again.text, cut.text);
    };
    check("b", "b");
    check("'b'", "\"b\"");
    check("'yes'", "\"yes\"");
    check("yes", "yes");
    check("1.50", "1.50");
    check("!!str 1", "\"1\"");
    check("'#x: \"y\" \\ '", "\"#x: \\\"y\\\" \\\\ \"");
    check("b: c".replace(": ", ":").as_str(), "\"b:c\"");
    check("\"\\t\\x07\\u2028é🙂\"", "\"\\t\\x07\\u2028é🙂\"");
    check("''", "\"\"");
    check("'<<'", "\"<<\"");
}

/// The value that a file gives to a label of its receiver, as a reader of YAML finds it.
fn label(text: &str) -> Option<String> {
    use super::super::tree::parse;
    use super::super::view::View;
    use crate::bundle::problem::{Problems, Source};
    let problems = Problems::default();
    let source = Source {
        name: "x",
        text,
        problems: &problems,
    };
    let tree = parse(source)?;
    let receiver = View::root(&tree, source).list("receivers").pop()?;
    let label = receiver.get("labels")?.get("a")?.scalar()?.to_owned();
    Some(label)
}

proptest! {
    /// Every text goes through as it is.
    #[test]
    fn no_text_changes_when_it_is_written_again(value in any::<String>()) {
        let quoted = value
            .chars()
            .map(|c| format!("\\U{:08x}", u32::from(c)))
            .collect::<String>();
        let text = format!("route: {{receiver: ops}}\nreceivers: [{{name: ops, labels: {{a: \"{quoted}\"}}}}]\n");
        prop_assert_eq!(label(&text), Some(value.clone()));
        let cut = cut("alertmanager.yml", &text).unwrap();
        prop_assert_eq!(label(&cut.text), Some(value));
    }

    /// Whatever stands in a file, it is read or refused.
    #[test]
    fn nothing_brings_the_reader_down(text in "([a-z&*!|>'\"%@`{}\\[\\],:?#~<0-9\\\\ -]|\n|  |: |- ){0,80}") {
        let _ = cut("alertmanager.yml", &text);
    }
}
