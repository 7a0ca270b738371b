//! Where in HTML a value stands.

/// What a value stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags, or inside a quoted attribute.
    Text,
    /// At the beginning of a quoted attribute that is an address.
    Address,
    /// Where escaping does not help: scripts, styles, tags, handlers, comments.
    Nowhere,
}

/// Follows the author's own text. Branches are taken to leave it where they found it.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup {
    state: State,
    /// The tag's or attribute's name so far, in lower case.
    name: String,
    /// The tag that is open, when its content is no text.
    raw: Option<&'static str>,
    /// What of an attribute stands before the value.
    begun: bool,
    tail: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    TagName,
    Tag,
    AttributeName,
    BeforeValue,
    Quoted(char),
    Bare,
}

const RAW: [&str; 5] = ["script", "style", "textarea", "title", "!--"];
const ADDRESSES: [&str; 6] = ["href", "src", "action", "formaction", "background", "cite"];

impl Markup {
    /// Reads on.
    pub(super) fn read(&mut self, text: &str) {
        for c in text.chars() {
            self.step(c);
        }
    }

    /// Where a value stands that comes now; it is read as if it were text.
    pub(super) fn value(&mut self) -> Place {
        let place = match self.state {
            State::Text => match self.raw {
                None | Some("title" | "textarea") => Place::Text,
                Some(_) => Place::Nowhere,
            },
            State::Quoted(_)
                if self.name.starts_with("on")
                    || ["srcset", "srcdoc", "style"].contains(&self.name.as_str()) =>
            {
                Place::Nowhere
            }
            State::Quoted(_) if !self.begun && ADDRESSES.contains(&self.name.as_str()) => {
                Place::Address
            }
            State::Quoted(_) => Place::Text,
            _ => Place::Nowhere,
        };
        self.begun = true;
        place
    }

    fn step(&mut self, c: char) {
        let blank = c.is_ascii_whitespace();
        self.state = match self.state {
            State::Text => {
                if let Some(raw) = self.raw {
                    self.tail.push(c.to_ascii_lowercase());
                    let end = match raw {
                        "!--" => "-->".to_owned(),
                        tag => format!("</{tag}>"),
                    };
                    if self.tail.ends_with(&end) {
                        self.raw = None;
                        self.tail.clear();
                    }
                    return;
                }
                if c != '<' {
                    return;
                }
                self.name.clear();
                State::TagName
            }
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
                if self.name == "!--" {
                    self.named();
                    State::Text
                } else {
                    State::TagName
                }
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
                self.begun = false;
                State::Quoted(c)
            }
            State::BeforeValue | State::Bare if c == '>' => State::Text,
            State::BeforeValue => State::Bare,
            State::Quoted(quote) if c == quote => State::Tag,
            State::Quoted(quote) => {
                self.begun = true;
                State::Quoted(quote)
            }
            State::Bare if blank => State::Tag,
            State::Bare => State::Bare,
        };
    }

    /// The tag's name is complete: some hold no text.
    fn named(&mut self) {
        self.raw = RAW.into_iter().find(|raw| *raw == self.name);
        self.tail.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_knows_where_it_stands() {
        let check = |text: &str, place: Place| {
            let mut markup = Markup::default();
            markup.read(text);
            assert_eq!(markup.value(), place, "{text}");
        };
        check("", Place::Text);
        check("<p>a", Place::Text);
        check("<p class=\"a\">a</p>", Place::Text);
        check("<a title=\"", Place::Text);
        check("<a href=\"", Place::Address);
        check("<A HREF = '", Place::Address);
        check("<a href=\"https://example.org/?q=", Place::Text);
        check("<a href=", Place::Nowhere);
        check("<a ", Place::Nowhere);
        check("<", Place::Nowhere);
        check("<p onclick=\"", Place::Nowhere);
        check("<p style=\"color: ", Place::Nowhere);
        check("<script>var a = '", Place::Nowhere);
        check("<script src=\"x\">a", Place::Nowhere);
        check("<style>a</style><p>", Place::Text);
        check("<title>", Place::Text);
        check("<p title=\"a\" id=\"b\">", Place::Text);
        check("<!-- a ", Place::Nowhere);
        check("<!-- a --><p>", Place::Text);
    }
}
