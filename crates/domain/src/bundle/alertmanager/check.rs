//! Comparing a file with what may stand in it: unknown keys, wrong forms, what is missing or excludes each other. On
//! the way the secrets are found.

use std::collections::BTreeMap;

use super::address::{Address, CUT, host_and_port};
use super::period;
use super::shape::{Rule, Section, Shape};
use super::tree::{MAX_BYTES, Value};
use super::view::View;
use crate::bundle::problem::{instead, quoted};

/// Which of its two lives a file is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// As a person wrote it.
    Original,
    /// Without its secrets.
    Cut,
}

/// A walk over a file.
pub(super) struct Check<'a> {
    life: Life,
    global: Option<View<'a>>,
    /// Secrets by their paths, and what stands in their places from now on.
    pub(super) secrets: BTreeMap<String, (&'a str, String)>,
}

impl<'a> Check<'a> {
    /// Walks over a whole file; problems go to its source.
    pub(super) fn walk(file: &View<'a>, shape: &'static Section, life: Life) -> Self {
        let mut check = Self {
            life,
            global: file.get("global"),
            secrets: BTreeMap::new(),
        };
        check.section(file, shape);
        check
    }

    fn section(&mut self, view: &View<'a>, section: &'static Section) {
        if !matches!(view.node().value, Value::Map(_)) {
            view.refuse("a mapping is expected here", "write keys and values");
            return;
        }
        for (name, key, value) in view.entries() {
            match section.shape(name) {
                None if key.is_full() => return,
                None => key.refuse(
                    format!("there is no key {} here", quoted(name)),
                    instead(name, section.keys()),
                ),
                Some(_) if value.node().is_null() => {}
                Some(Shape::Again) => self.sections(&value, section),
                Some(shape) => self.value(&value, shape, name),
            }
        }
        for rule in section.rules {
            self.rule(view, *rule);
        }
    }

    fn sections(&mut self, view: &View<'a>, section: &'static Section) {
        if list(view) {
            for item in view.items() {
                self.section(&item, section);
            }
        }
    }

    fn value(&mut self, view: &View<'a>, shape: Shape, name: &str) {
        match shape {
            Shape::Any | Shape::Special | Shape::Again => {}
            Shape::One(section) => self.section(view, section),
            Shape::Many(section) => self.sections(view, section),
            Shape::Named(section) => self.each(view, |check, v| check.section(v, section)),
            Shape::TextOr(section) => {
                if !matches!(view.node().value, Value::Scalar { .. }) {
                    self.section(view, section);
                }
            }
            Shape::Texts => texts(view),
            Shape::TextMap => self.each(view, |_, v| {
                // Nothing is an empty text to Alertmanager, but no pattern.
                if !v.node().is_null() || name.ends_with("match_re") {
                    text(v);
                }
            }),
            Shape::Secrets => self.all_secret(view),
            Shape::SecretMap => self.each(view, Self::all_secret),
            Shape::Secret | Shape::SecretUrl | Shape::WebhookUrl => self.secret(view, shape),
            Shape::Url => self.address(view),
            _ => single(view, shape, name),
        }
    }

    fn each(&mut self, view: &View<'a>, mut visit: impl FnMut(&mut Self, &View<'a>)) {
        if !matches!(view.node().value, Value::Map(_)) {
            view.refuse("a mapping is expected here", "write names and values");
        }
        for (_, _, value) in view.entries() {
            visit(self, &value);
        }
    }

    fn all_secret(&mut self, view: &View<'a>) {
        if list(view) {
            for item in view.items() {
                self.secret(&item, Shape::Secret);
            }
        }
    }

    fn secret(&mut self, view: &View<'a>, shape: Shape) {
        let Some(text) = view.scalar() else {
            if !view.node().is_null() {
                text_expected(view);
            }
            return;
        };
        if text.is_empty() {
            return;
        }
        let address = Address::parse(text);
        let as_cut = text == CUT
            || matches!(shape, Shape::WebhookUrl) && address.as_ref().is_some_and(Address::is_cut);
        match (self.life, as_cut) {
            (Life::Original, true) => view.refuse(
                "the secret was cut out of this file",
                "write the secret itself, or use the key that ends with _file",
            ),
            (Life::Cut, false) => view.refuse(
                "a secret stands here, where everybody who reads the journal would see it",
                "cut it out of the file first",
            ),
            _ => {}
        }
        let is_web = address.as_ref().is_some_and(Address::is_web);
        let templated = matches!(shape, Shape::WebhookUrl) && text.contains("{{");
        if !matches!(shape, Shape::Secret) && !is_web && !as_cut && !templated {
            no_address(view);
        }
        let instead = match address {
            Some(address) if matches!(shape, Shape::WebhookUrl) => address.without_path(),
            _ => CUT.to_owned(),
        };
        self.secrets.insert(view.path.clone(), (text, instead));
    }

    /// An address may hold a user and a password.
    fn address(&mut self, view: &View<'a>) {
        let Some(text) = view.scalar() else {
            return text_expected(view);
        };
        if text.is_empty() {
            return;
        }
        // Proxies and token servers may have other schemes; Alertmanager does not look at theirs.
        let free = ["/proxy_url", "/token_url"];
        let free = free.iter().any(|end| view.path.ends_with(end));
        let Some(address) = Address::parse(text).filter(|a| free || a.is_web()) else {
            if !free || text.contains('@') {
                no_address(view);
            }
            return;
        };
        match self.life {
            Life::Cut if address.has_user() => view.refuse(
                "a user or a password stands in this address",
                "cut it out of the file first",
            ),
            Life::Original if address.has_cut_user() => view.refuse(
                "the password was cut out of this address",
                "write the address with its user and password",
            ),
            _ => {}
        }
        if address.has_user() || address.has_cut_user() {
            let instead = address.without_user();
            self.secrets.insert(view.path.clone(), (text, instead));
        }
    }

    fn rule(&self, view: &View<'a>, rule: Rule) {
        match rule {
            Rule::Need(names) if !names.iter().any(|name| view.has(name)) => {
                missing(view, names, "");
            }
            Rule::NeedOrGlobal(names, global) => {
                let there = names.iter().any(|name| view.has(name));
                let above = self.global.as_ref();
                let above = above.is_some_and(|g| global.iter().any(|name| g.has(name)));
                if !there && !above {
                    missing(
                        view,
                        names,
                        &format!(", or {} in global", global.join(" or ")),
                    );
                }
            }
            Rule::Apart(names) => {
                let mut found = names.iter().filter(|name| view.has(name));
                if let (Some(first), Some(second)) = (found.next(), found.next()) {
                    view.key(second).refuse(
                        format!("\"{second}\" and \"{first}\" exclude each other"),
                        "keep one of the two",
                    );
                }
            }
            Rule::OneOf(name, allowed) => {
                let found = view.text(name).filter(|text| !text.contains("{{"));
                let fits = |text: &str| {
                    let small = text.to_ascii_lowercase();
                    // Alertmanager lowers the kinds of responders before it compares them.
                    let text = if name == "type" { &small } else { text };
                    allowed.contains(&text)
                };
                if let (Some(text), Some(view)) = (found, view.get(name))
                    && !fits(text)
                {
                    view.refuse(
                        format!("{} is not known here", quoted(text)),
                        instead(text, allowed.iter().copied()),
                    );
                }
            }
            Rule::Together(name, with) if view.has(name) && !view.has(with) => {
                let what = format!("\"{name}\" stands here without \"{with}\"");
                view.key(name)
                    .refuse(what, format!("add \"{with}\", or remove it"));
            }
            Rule::Never(name, value, todo) => {
                let found = view.text(name);
                if found.is_some_and(|text| text.trim().eq_ignore_ascii_case(value)) {
                    let what = format!("{} cannot be chosen here", quoted(value));
                    view.key(name).refuse(what, todo);
                }
            }
            Rule::Within(name, key) => {
                if view.get(name).is_some_and(|inner| !inner.has(key)) {
                    missing(&view.key(name), &[key], "");
                }
            }
            Rule::Need(_) | Rule::Together(..) => {}
        }
    }
}

fn missing(view: &View<'_>, names: &[&str], or: &str) {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let names = names.join(" or ");
    view.refuse(format!("{names} is missing"), format!("add {names}{or}"));
}

fn list(view: &View<'_>) -> bool {
    let is_list = matches!(view.node().value, Value::List(_));
    if !is_list {
        view.refuse("a list is expected here", "write items behind dashes");
    }
    is_list
}

fn texts(view: &View<'_>) {
    if list(view) {
        view.items().iter().for_each(text);
    }
}

fn text(view: &View<'_>) {
    match view.node().value {
        Value::Scalar { .. } if view.node().is_null() => {
            view.refuse(
                "nothing stands here",
                "write a text, \"\" if it is to be empty",
            );
        }
        Value::Scalar { .. } => {}
        _ => text_expected(view),
    }
}

fn text_expected(view: &View<'_>) {
    view.refuse("a text is expected here", "write one value");
}

fn no_address(view: &View<'_>) {
    // The text may be a secret, so it is not repeated.
    let todo = "write http:// or https://, a host and perhaps a path";
    view.refuse("this is not a web address", todo);
}

/// A single value of a form.
fn single(view: &View<'_>, shape: Shape, name: &str) {
    let Some(text) = view.scalar() else {
        return text_expected(view);
    };
    let refuse = |expected: &str, example: &str| {
        let what = format!("{} is not {expected}", quoted(text));
        view.refuse(what, format!("write for instance {example}"));
    };
    match shape {
        Shape::Flag if view.truth().is_none() => refuse("true or false", "true"),
        Shape::Whole => {
            let least = if name == "chat_id" { i64::MIN } else { 0 };
            if view.whole().is_none_or(|number| number < least) {
                refuse("a whole number", "10");
            }
        }
        Shape::Number if text.parse::<f64>().is_err() => refuse("a number", "0.5"),
        Shape::Duration if period::prometheus(text).is_none() => {
            refuse("a period", "30s, 5m, 1h30m or 1d");
        }
        Shape::GoDuration if period::go(text).is_none() => refuse("a period", "30s, 5m or 1h30m"),
        Shape::HostPort if !text.is_empty() && host_and_port(text).is_none() => {
            refuse("a host and a port", "mail.example.org:587");
        }
        _ => {}
    }
}

/// Rules that compare secrets, so they can be looked at in the original only.
pub(super) fn compare_secrets(file: &View<'_>) {
    const POST: &str = "https://slack.com/api/chat.postMessage";
    let any = |view: &View<'_>, keys: [&str; 2]| keys.iter().any(|key| view.has(key));
    if let Some(global) = file.get("global") {
        let app = global.text("slack_app_url").unwrap_or(POST);
        if any(&global, ["slack_app_token", "slack_app_token_file"])
            && any(&global, ["slack_api_url", "slack_api_url_file"])
            && global.text("slack_api_url") != Some(app)
        {
            let what = "an address and a token of an app exclude each other";
            global
                .key("slack_app_token")
                .refuse(what, "keep one of the two");
        }
    }
    for receiver in file.list("receivers") {
        for slack in receiver.list("slack_configs") {
            let posts = slack.text("api_url") == Some(POST);
            if slack.flag("update_message") == Some(true) && !posts && !slack.has("app_token") {
                let todo = format!("set api_url to {POST}, or remove it");
                let what = "only messages of a bot can be updated";
                slack.key("update_message").refuse(what, todo);
            }
        }
    }
}

/// Reports a file whose text without secrets became too large: aliases are written out.
pub(super) fn fits(view: &View<'_>, text: &str) {
    if text.len() > MAX_BYTES {
        let what =
            format!("with its aliases written out the file is larger than {MAX_BYTES} bytes");
        view.refuse(what, "use fewer of them");
    }
}
