//! Reading matchers as Alertmanager does: two grammars, the newer one with names of any characters, the classic one
//! with values of any characters. A text that both understand differently means what it always meant: the classic way.

use super::{BadMatcher, Matcher, Op};

/// Longest text with matchers, in bytes.
pub const MAX_TEXT: usize = 16 * 1024;
/// Most matchers in one text.
pub const MAX_MATCHERS: usize = 256;
/// How much of a bad text is repeated, in characters.
const MAX_SHOWN: usize = 200;

/// Operators, each before the one that it begins with.
const OPERATORS: [(&str, Op); 4] = [
    ("=~", Op::Matches),
    ("!~", Op::NotMatches),
    ("!=", Op::NotEqual),
    ("=", Op::Equal),
];

impl Matcher {
    /// Reads one matcher, with or without quotes around name and value, and with or without braces around it all.
    ///
    /// # Errors
    /// The text has another form, holds another number of matchers, or its pattern cannot be compiled.
    pub fn parse(text: &str) -> Result<Self, BadMatcher> {
        let trimmed = text.trim();
        let braces = trimmed.starts_with('{') || trimmed.ends_with('}');
        let classic = |text: &str| match classic_one(text) {
            Ok(_) if braces => Err(bad(text, "a brace has no partner")),
            other => Ok(vec![other?]),
        };
        let mut found = agree(text, classic)?;
        match (found.pop(), found.is_empty()) {
            (Some(matcher), true) => Ok(matcher),
            _ => Err(bad(text, "exactly one matcher is expected")),
        }
    }
}

/// Reads matchers separated by commas, with or without braces around them; none from an empty text. In the order of
/// the text.
///
/// # Errors
/// The text has another form or is too large, or a pattern cannot be compiled.
pub fn parse_matchers(text: &str) -> Result<Vec<Matcher>, BadMatcher> {
    agree(text, classic_all)
}

/// What both grammars make of a text.
fn agree(
    text: &str,
    classic: impl Fn(&str) -> Result<Vec<Matcher>, BadMatcher>,
) -> Result<Vec<Matcher>, BadMatcher> {
    if text.len() > MAX_TEXT {
        let why = format!("it is longer than {MAX_TEXT} bytes");
        return Err(bad(text, &why));
    }
    let found = match (newer(text), classic(text)) {
        (Ok(newer), Ok(classic)) if newer != classic => classic,
        (Ok(newer), _) => newer,
        (Err(_), Ok(classic)) => classic,
        // A bad pattern is the nearer reason.
        (Err(newer @ BadMatcher::Pattern { .. }), Err(_)) => return Err(newer),
        (Err(_), Err(classic @ BadMatcher::Pattern { .. })) => return Err(classic),
        (Err(newer), Err(_)) => return Err(newer),
    };
    if found.len() > MAX_MATCHERS {
        let why = format!("it holds more than {MAX_MATCHERS} matchers");
        return Err(bad(text, &why));
    }
    Ok(found)
}

fn bad(text: &str, why: &str) -> BadMatcher {
    let shown: String = text.chars().take(MAX_SHOWN).collect();
    BadMatcher::Format(format!("{shown:?}: {why}"))
}

/// Characters that end a text without quotes, in the newer grammar.
pub(super) fn is_reserved(c: char) -> bool {
    c.is_whitespace() || "{}!=~,\\\"'`".contains(c)
}

/// The newer grammar: names and values are both either quoted as Go quotes or free of reserved characters.
fn newer(text: &str) -> Result<Vec<Matcher>, BadMatcher> {
    let mut rest = Rest { text, left: text };
    let open = rest.take("{");
    let mut found = Vec::new();
    loop {
        if rest.ends(open) {
            break;
        }
        let name = rest.word("a label's name is expected")?;
        let operator = OPERATORS.iter().find(|(written, _)| rest.take(written));
        let (_, op) = operator.ok_or_else(|| rest.bad("=, !=, =~ or !~ is expected"))?;
        let value = rest.word("a value is expected")?;
        found.push(Matcher::new(name, *op, value)?);
        if rest.take(",") {
            continue;
        }
        if !rest.ends(open) {
            return Err(rest.bad("a comma is expected, or the end"));
        }
        break;
    }
    if open && !rest.take("}") {
        return Err(rest.bad("the closing brace is missing"));
    }
    if !rest.trimmed().is_empty() {
        return Err(rest.bad("the end is expected"));
    }
    Ok(found)
}

/// What is left of a text.
struct Rest<'a> {
    text: &'a str,
    left: &'a str,
}

impl<'a> Rest<'a> {
    fn bad(&self, why: &str) -> BadMatcher {
        bad(self.text, why)
    }

    fn trimmed(&self) -> &'a str {
        self.left.trim_start()
    }

    /// Takes a sign, if it is next.
    fn take(&mut self, sign: &str) -> bool {
        let after = self.trimmed().strip_prefix(sign);
        self.left = after.unwrap_or(self.left);
        after.is_some()
    }

    fn ends(&self, open: bool) -> bool {
        let left = self.trimmed();
        left.is_empty() || open && left.starts_with('}')
    }

    /// Takes a name or a value.
    fn word(&mut self, otherwise: &str) -> Result<String, BadMatcher> {
        let left = self.trimmed();
        if let Some(inner) = left.strip_prefix('"') {
            let mut escaped = false;
            let end = inner.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.ok_or_else(|| self.bad("the closing quote is missing"))?;
            self.left = &inner[end + 1..];
            let why = "the text in quotes has an unknown escape";
            return unquote(&inner[..end]).ok_or_else(|| self.bad(why));
        }
        let end = left.find(is_reserved).unwrap_or(left.len());
        if end == 0 {
            return Err(self.bad(otherwise));
        }
        self.left = &left[end..];
        Ok(left[..end].to_owned())
    }
}

/// The inside of a text that is quoted as Go does.
fn unquote(inner: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    let push = |bytes: &mut Vec<u8>, c: char| {
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    };
    while let Some(c) = chars.next() {
        if c == '\n' {
            return None;
        }
        if c != '\\' {
            push(&mut bytes, c);
            continue;
        }
        let escape = chars.next()?;
        let digits = |chars: &mut std::str::Chars<'_>, n: usize, radix: u32| {
            let text: String = chars.take(n).collect();
            let plain = text.len() == n && text.chars().all(|c| c.is_digit(radix));
            plain
                .then(|| u32::from_str_radix(&text, radix).ok())
                .flatten()
        };
        match escape {
            'a' => bytes.push(0x07),
            'b' => bytes.push(0x08),
            'f' => bytes.push(0x0c),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(0x0b),
            '\\' | '"' => push(&mut bytes, escape),
            'x' => bytes.push(u8::try_from(digits(&mut chars, 2, 16)?).ok()?),
            'u' => push(&mut bytes, char::from_u32(digits(&mut chars, 4, 16)?)?),
            'U' => push(&mut bytes, char::from_u32(digits(&mut chars, 8, 16)?)?),
            '0'..='7' => {
                let low = digits(&mut chars, 2, 8)?;
                bytes.push(u8::try_from(escape.to_digit(8)? * 64 + low).ok()?);
            }
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

/// The classic grammar for a list: commas within quotes do not separate, and braces are taken off one by one.
fn classic_all(text: &str) -> Result<Vec<Matcher>, BadMatcher> {
    let inner = text.strip_prefix('{').unwrap_or(text);
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let (mut quoted, mut escaped) = (false, false);
    let parts = inner.split(|c| {
        match c {
            // An escape before a comma stays in force behind it: so it has always been.
            ',' => return !quoted,
            '"' if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
        false
    });
    let mut parts: Vec<&str> = parts.collect();
    if parts.last().is_some_and(|last| last.trim().is_empty()) {
        parts.pop();
    }
    if parts.len() > MAX_MATCHERS {
        return Err(bad(text, "it holds too many matchers"));
    }
    parts.into_iter().map(classic_one).collect()
}

/// The classic grammar for one matcher: a name as Prometheus allows it, and a value with or without quotes.
fn classic_one(text: &str) -> Result<Matcher, BadMatcher> {
    let trimmed = text.trim();
    let ordinary = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let end = trimmed.find(|c| !ordinary(c)).unwrap_or(trimmed.len());
    let (name, rest) = trimmed.split_at(end);
    if !is_classic_name(name) {
        return Err(bad(text, "a label's name is expected"));
    }
    let rest = rest.trim_start();
    let operator = OPERATORS
        .iter()
        .find_map(|(written, op)| Some((rest.strip_prefix(written)?, *op)));
    let (value, op) = operator.ok_or_else(|| bad(text, "=, !=, =~ or !~ is expected"))?;
    let value = value.trim_start();
    let value = classic_value(value).ok_or_else(|| bad(text, "a quote stands alone"))?;
    Matcher::new(name, op, value)
}

/// Whether a label may have this name where only classic names are allowed.
#[must_use]
pub fn is_classic_name(name: &str) -> bool {
    let ordinary = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    name.chars().all(ordinary) && name.starts_with(|c: char| !c.is_ascii_digit())
}

/// Takes quotes off and resolves escapes; a backslash before anything else stands for itself.
fn classic_value(text: &str) -> Option<String> {
    let inner = match text.strip_prefix('"') {
        Some(rest) => {
            let inner = rest.strip_suffix('"')?;
            // The last quote may be an escaped one.
            let slashes = inner.len() - inner.trim_end_matches('\\').len();
            (slashes % 2 == 0).then_some(inner)?
        }
        None => text,
    };
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => match chars.next() {
                Some('n') => value.push('\n'),
                Some(c @ ('"' | '\\')) => value.push(c),
                other => value.extend(std::iter::once('\\').chain(other)),
            },
            other => value.push(other),
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Labels;

    #[test]
    fn one_matcher_is_read_as_amtool_writes_it() {
        let labels = Labels::from_pairs(&mut vec![("alertname", "Down"), ("job", "a=\"b\"")]);
        let check = |text: &str, expect: Option<bool>| {
            let fits = Matcher::parse(text).ok().map(|m| m.fits(&labels));
            assert_eq!(fits, expect, "{text}");
        };
        check("alertname=\"Down\"", Some(true));
        check("alertname=Down", Some(true));
        check(" { alertname = \"Down\" } ", Some(true));
        check("{alertname=Down}", Some(true));
        check("alertname!=\"Down\"", Some(false));
        check("alertname=~\"D.*\"", Some(true));
        check("alertname=~\"D\"", Some(false));
        check("alertname!~\"D.*\"", Some(false));
        check("job=\"a=\\\"b\\\"\"", Some(true));
        check("\"job\"=\"a=\\\"b\\\"\"", Some(true));
        check("missing=\"\"", Some(true));
        check("missing=", Some(true));
        check("missing!=a,b=c", Some(true));
        check("missing=~\".+\"", Some(false));
        for bad in [
            "",
            "x",
            "{}",
            "=\"a\"",
            "\"\"=\"a\"",
            "a~\"b\"",
            "a=~\"(\"",
            "a=~\"a)|(b\"",
            "a=\"b",
            "a=b}",
            "a=\"b\",c=\"d\"",
            "a=~\"(a{1000}){1000}\"",
        ] {
            check(bad, None);
        }
    }

    /// The matchers of a text as they are printed; `None` when it is refused.
    fn printed(text: &str) -> Option<String> {
        let found = parse_matchers(text).ok()?;
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        Some(found.join(","))
    }

    #[test]
    fn lists_are_read_in_both_grammars() {
        let check = |text: &str, expect: &str| {
            assert_eq!(printed(text).as_deref(), Some(expect), "{text}");
        };
        check("", "");
        check("  ", "");
        check("{}", "");
        check("{a=\"b\",c=~\"d\"}", "a=\"b\",c=~\"d\"");
        check("a=b, c!=d", "a=\"b\",c!=\"d\"");
        check("{ a = \"b\" , c !~ \"d\" , }", "a=\"b\",c!~\"d\"");
        check("a=\"x,y\",", "a=\"x,y\"");
        check("a=\"say \\\"hi, all\\\"\"", "a=\"say \\\"hi, all\\\"\"");
        check("a=\"x\\ny\\\\z\"", "a=\"x\\ny\\\\z\"");
        // Only the newer grammar: names of any characters, escapes of Go, values beyond ASCII without quotes.
        check("\"a b\"=\"c\"", "\"a b\"=\"c\"");
        check("\"a.b\"=\"c\"", "a.b=\"c\"");
        check("a.b=c", "a.b=\"c\"");
        check("größe=🙂", "größe=\"🙂\"");
        check("\"\\u00e9 \"=\"x\"", "\"é \"=\"x\"");
        // Only the classic grammar: values with signs and spaces, an empty value, spurious backslashes.
        check("a=b c", "a=\"b c\"");
        check("a=", "a=\"\"");
        check("a=~[a-z]{2}x", "a=~\"[a-z]{2}x\"");
        check("a==b", "a=\"=b\"");
        check("a=\"b\\d+\"", "a=\"b\\\\d+\"");
        check("{a=b", "a=\"b\"");
        check("a=b}", "a=\"b\"");
        // Both read it, and differently: the classic way counts.
        check("a=\"\\t\"", "a=\"\\\\t\"");
        check("a=\"\\x41\"", "a=\"\\\\x41\"");
    }

    #[test]
    fn lists_that_neither_grammar_knows_are_refused() {
        for text in [
            ",",
            "a=b,,c=d",
            "a",
            "=b",
            "1a b=c",
            "a=\"b",
            "a=\"b\"c\"",
            "\"a\" b=c",
            "{\"a b\"=\"c\"",
            "\"a b\"=\"c\"}",
            "{\"a b\"=\"c\"} x",
            "\"a\\q\"=b",
            "\"a\\xff\"=b",
            "a=~\"*\"",
        ] {
            assert_eq!(printed(text), None, "{text}");
        }
        assert_eq!(printed(&format!("a={}", "b".repeat(MAX_TEXT))), None);
        assert_eq!(printed(&"a=b,".repeat(MAX_MATCHERS + 1)), None);
        assert!(printed(&"a=b,".repeat(MAX_MATCHERS)).is_some());
    }

    #[test]
    fn what_is_printed_is_read_as_the_same() {
        for (name, value) in [
            ("a", "x\ny\"z\\"),
            ("a", ""),
            ("a", "tab\there"),
            ("a b", "x\u{7}y\u{200b}"),
            ("ä{", "'`,=~!}"),
        ] {
            let matcher = Matcher::new(name, Op::NotEqual, value).unwrap();
            let text = matcher.to_string();
            assert_eq!(Matcher::parse(&text), Ok(matcher), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_matcher_can_be_printed_and_read(name in ".+", value in "(?s).*") {
            let matcher = Matcher::new(name, Op::Equal, value).unwrap();
            let text = matcher.to_string();
            proptest::prop_assert_eq!(Matcher::parse(&text), Ok(matcher.clone()));
            proptest::prop_assert_eq!(parse_matchers(&text), Ok(vec![matcher]));
        }

        #[test]
        fn no_text_brings_the_reader_down(text in "([a-z{}=~!,\"\\\\ ]|é){0,40}") {
            let _ = parse_matchers(&text);
            let _ = Matcher::parse(&text);
        }
    }
}
