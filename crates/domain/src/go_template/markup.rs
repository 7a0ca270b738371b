//! Where in HTML a value stands.

/// What a value stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags.
    Text,
    /// Inside a quoted attribute.
    Attribute,
    /// At the beginning of a quoted attribute that is an address.
    Address,
    /// Within an address, before its query.
    Path,
    /// In the query of an address, or behind it.
    Query,
    /// In a style, where a word or number may stand.
    Style,
    /// In a comment, which is left out.
    Dropped,
    /// Where escaping does not help: scripts, tags, handlers.
    Nowhere,
}

/// Follows what the author wrote, and writes it.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup {
    state: State,
    /// The tag's or attribute's name so far, in lower case.
    name: String,
    /// The tag that is open, when its content is no text.
    raw: Option<&'static str>,
    /// What was read of what is open, in lower case, as far as it matters.
    tail: String,
    /// In a style: the quote or bracket that is open.
    inside: Option<char>,
    /// In a style: a comment is open.
    comment: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Comment,
    TagName,
    Tag,
    AttributeName,
    BeforeValue,
    Quoted(char),
    Bare,
}

/// Tags whose content is no markup.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];
/// Attributes that are addresses.
const ADDRESSES: [&str; 14] = [
    "action",
    "background",
    "cite",
    "classid",
    "codebase",
    "data",
    "formaction",
    "href",
    "icon",
    "longdesc",
    "manifest",
    "poster",
    "src",
    "usemap",
];
/// Bytes of what was read that are remembered: enough to know a scheme and the end of a tag.
const MAX_TAIL: usize = 64;

impl Markup {
    /// Reads on, and writes what is shown of it: comments are left out, and a sign that begins no tag is escaped, as
    /// Go does both.
    pub(super) fn read(&mut self, text: &str, out: &mut String) {
        for (at, c) in text.char_indices() {
            self.step(c, &text[at..], out);
        }
    }

    /// Whether an attribute is open.
    pub(super) fn in_attribute(&self) -> bool {
        matches!(self.state, State::Quoted(_))
    }

    /// Where a value stands that comes now.
    pub(super) fn place(&self) -> Place {
        match self.state {
            State::Comment => Place::Dropped,
            State::Text => match self.raw {
                None | Some("title" | "textarea") => Place::Text,
                Some("style") => self.style(),
                Some(_) => Place::Nowhere,
            },
            State::Quoted(_) => {
                let name = self.name.as_str();
                let name = name.strip_prefix("data-").unwrap_or(name);
                if name.starts_with("on") || ["srcset", "srcdoc"].contains(&name) {
                    Place::Nowhere
                } else if name == "style" {
                    self.style()
                } else if ADDRESSES.contains(&name)
                    || ["src", "uri", "url"].iter().any(|part| name.contains(part))
                {
                    self.address()
                } else {
                    Place::Attribute
                }
            }
            _ => Place::Nowhere,
        }
    }

    fn style(&self) -> Place {
        match self.inside {
            _ if self.comment => Place::Dropped,
            None => Place::Style,
            Some(_) => Place::Nowhere,
        }
    }

    fn address(&self) -> Place {
        let written = self.tail.trim_start();
        let runs = ["javascript:", "vbscript:", "data:"];
        if runs.iter().any(|scheme| written.starts_with(scheme)) {
            Place::Nowhere
        } else if written.contains(['?', '#']) {
            Place::Query
        } else if written.is_empty() {
            Place::Address
        } else {
            Place::Path
        }
    }

    fn step(&mut self, c: char, rest: &str, out: &mut String) {
        let blank = c.is_ascii_whitespace();
        if self.state == State::Comment {
            self.remember(c);
            // The beginning's own dashes are not those of the end.
            if self.tail.len() > 5 && self.tail.ends_with("-->") {
                self.state = State::Text;
            }
            return;
        }
        if self.state == State::Text {
            match self.raw {
                Some(raw) => return self.content(raw, c, rest, out),
                None if c == '<' => return self.begin(rest, out),
                None => {}
            }
        }
        out.push(c);
        self.state = match self.state {
            State::Text | State::Comment => return,
            State::TagName if c == '>' => {
                self.named();
                State::Text
            }
            State::TagName if blank || (c == '/' && !self.name.is_empty()) => {
                self.named();
                State::Tag
            }
            State::TagName => {
                self.name.push(c.to_ascii_lowercase());
                State::TagName
            }
            State::Tag | State::AttributeName if c == '>' => State::Text,
            State::Tag if blank || c == '/' => State::Tag,
            State::Tag if c == '=' => State::BeforeValue,
            State::Tag => {
                self.name = c.to_ascii_lowercase().to_string();
                State::AttributeName
            }
            State::AttributeName if c == '=' => State::BeforeValue,
            State::AttributeName if blank => State::Tag,
            State::AttributeName => {
                self.name.push(c.to_ascii_lowercase());
                return;
            }
            State::BeforeValue if blank => return,
            State::BeforeValue if c == '"' || c == '\'' => {
                self.tail.clear();
                self.inside = None;
                State::Quoted(c)
            }
            State::BeforeValue | State::Bare if c == '>' => State::Text,
            State::BeforeValue => State::Bare,
            State::Quoted(quote) if c == quote => State::Tag,
            State::Quoted(quote) => {
                if self.name == "style" {
                    self.styled(c);
                }
                self.begun(c);
                State::Quoted(quote)
            }
            State::Bare if blank => State::Tag,
            State::Bare => State::Bare,
        };
    }

    /// What `<` begins.
    fn begin(&mut self, rest: &str, out: &mut String) {
        let after = &rest[1..];
        let name = after.strip_prefix('/').unwrap_or(after);
        let doctype = after.get(..8);
        if after.starts_with("!--") {
            self.tail.clear();
            self.state = State::Comment;
        } else if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.name.clear();
            self.state = State::TagName;
            out.push('<');
        } else if doctype.is_some_and(|doctype| doctype.eq_ignore_ascii_case("!doctype")) {
            out.push('<');
        } else {
            out.push_str("&lt;");
        }
    }

    /// The content of a tag that holds no markup.
    fn content(&mut self, raw: &'static str, c: char, rest: &str, out: &mut String) {
        let ends = rest
            .strip_prefix("</")
            .and_then(|rest| rest.get(..raw.len()))
            .is_some_and(|name| name.eq_ignore_ascii_case(raw));
        if ends {
            self.raw = None;
            self.comment = false;
            self.name.clear();
            self.state = State::TagName;
            out.push('<');
            return;
        }
        if raw != "style" {
            out.push(c);
            return;
        }
        self.remember(c);
        if self.comment {
            // The star of the beginning is not that of the end.
            if self.tail.len() > 2 && self.tail.ends_with("*/") {
                self.comment = false;
                self.tail.clear();
                out.push(' ');
            }
        } else if self.inside.is_none() && rest.starts_with("/*") {
            self.comment = true;
            self.tail.clear();
        } else {
            self.styled(c);
            out.push(c);
        }
    }

    /// One character of a style.
    fn styled(&mut self, c: char) {
        self.inside = match self.inside {
            Some(open) if c == open => None,
            Some(open) => Some(open),
            None if c == '"' || c == '\'' => Some(c),
            None if c == '(' && self.tail.trim_end_matches('(').ends_with("url") => Some(')'),
            None => None,
        };
    }

    /// One character of an attribute: its beginning matters, and where its query begins.
    fn begun(&mut self, c: char) {
        if self.name == "style" {
            return self.remember(c);
        }
        if self.tail.len() < MAX_TAIL || matches!(c, '?' | '#') && self.tail.len() < 2 * MAX_TAIL {
            self.tail.push(c.to_ascii_lowercase());
        }
    }

    /// Remembers the last characters.
    fn remember(&mut self, c: char) {
        if self.tail.len() > MAX_TAIL {
            let kept = self
                .tail
                .split_off(self.tail.len().saturating_sub(8).max(1));
            self.tail = kept;
        }
        self.tail.push(if c.is_ascii() {
            c.to_ascii_lowercase()
        } else {
            '_'
        });
    }

    /// The tag's name is complete: some hold no text.
    fn named(&mut self) {
        self.raw = RAW.into_iter().find(|raw| *raw == self.name);
        self.tail.clear();
        self.inside = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_knows_where_it_stands() {
        let check = |text: &str, place: Place| {
            let mut markup = Markup::default();
            markup.read(text, &mut String::new());
            assert_eq!(markup.place(), place, "{text}");
        };
        check("", Place::Text);
        check("<p>a", Place::Text);
        check("<p class=\"a\">a</p>", Place::Text);
        check("<a title=\"", Place::Attribute);
        check("<a href=\"", Place::Address);
        check("<A HREF = '", Place::Address);
        check("<a href=\"https://example.org/", Place::Path);
        check("<a href=\"https://example.org/?q=", Place::Query);
        check(&format!("<a href=\"{}?q=", "x".repeat(500)), Place::Query);
        check("<a href=\"#", Place::Query);
        check("<a href=\" JavaScript:", Place::Nowhere);
        check("<a href=", Place::Nowhere);
        check("<a ", Place::Nowhere);
        check("<", Place::Text);
        check("<b", Place::Nowhere);
        check("<p onclick=\"", Place::Nowhere);
        check("<p style=\"color: ", Place::Style);
        check("<p style=\"color: red\" title=\"", Place::Attribute);
        check("<p style=\"background: url(", Place::Nowhere);
        check("<p style=\"background: url(a) ", Place::Style);
        check("<p style=\"font: '", Place::Nowhere);
        check("<script>var a = '", Place::Nowhere);
        check("<script src=\"x\">a", Place::Nowhere);
        check("<style>a</style><p>", Place::Text);
        check("<style>a { color: ", Place::Style);
        check("<style>a { /* color: ", Place::Dropped);
        check("<style>a { /* x */ color: ", Place::Style);
        check("<title>", Place::Text);
        check("<title>a</title><a href=\"", Place::Address);
        check("<p title=\"a\" id=\"b\">", Place::Text);
        check("<!-- a ", Place::Dropped);
        check("<!-- a --><p>", Place::Text);
    }

    #[test]
    fn comments_are_left_out_and_what_begins_no_tag_is_text() {
        let check = |text: &str, expect: &str| {
            let mut out = String::new();
            Markup::default().read(text, &mut out);
            assert_eq!(out, expect, "{text}");
        };
        check("a<!-- b --->c<!---->d", "acd");
        check("1 < 2 <b>x</b> <?xml", "1 &lt; 2 <b>x</b> &lt;?xml");
        check("<!DOCTYPE html><p>", "<!DOCTYPE html><p>");
        check("<style>a/* b */c</style>d", "<style>a c</style>d");
        check("<title>a < b</title>", "<title>a < b</title>");
    }
}
