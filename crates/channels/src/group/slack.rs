//! Slack's incoming webhooks, and what speaks as they do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use stentor_domain::go_template::{Data, Escape};
use stentor_domain::notification::Notification;
use stentor_domain::routing::SlackIntegration;
use stentor_egress::Response;

use super::Surroundings;
use super::http::Endpoint;
use super::texts::Field;
use super::words::is_web_address;
use crate::{Key, Outcome, clean};

/// Characters of a title, as Alertmanager cuts it.
const MAX_TITLE: usize = 1024;
/// Characters of the longest texts; Slack cuts messages at 40,000.
const MAX_TEXT: usize = 30_000;
/// Characters of every other text.
const MAX_SHORT: usize = 2_000;

/// The texts that every integration has, and what they are unless it says otherwise.
const TEXTS: &[(&str, &str)] = &[
    (
        "callback_id",
        "{{ template \"slack.default.callbackid\" . }}",
    ),
    (
        "color",
        "{{ if eq .Status \"firing\" }}danger{{ else }}good{{ end }}",
    ),
    ("fallback", "{{ template \"slack.default.fallback\" . }}"),
    ("footer", "{{ template \"slack.default.footer\" . }}"),
    ("icon_emoji", "{{ template \"slack.default.iconemoji\" . }}"),
    ("icon_url", "{{ template \"slack.default.iconurl\" . }}"),
    ("image_url", ""),
    ("pretext", "{{ template \"slack.default.pretext\" . }}"),
    ("text", "{{ template \"slack.default.text\" . }}"),
    ("thumb_url", ""),
    ("title", "{{ template \"slack.default.title\" . }}"),
    ("title_link", "{{ template \"slack.default.titlelink\" . }}"),
    ("username", "{{ template \"slack.default.username\" . }}"),
];

/// Texts that are not marked-up text.
const PLAIN: [&str; 8] = [
    "callback_id",
    "color",
    "icon_emoji",
    "icon_url",
    "image_url",
    "thumb_url",
    "title_link",
    "username",
];

pub(super) struct Slack {
    endpoint: Endpoint,
    channel: Field,
    texts: BTreeMap<&'static str, Field>,
    fields: Vec<(Field, Field, bool)>,
    actions: Vec<BTreeMap<String, Field>>,
    link_names: bool,
    mrkdwn_in: Vec<String>,
}

impl Slack {
    pub(super) fn new(
        settings: &SlackIntegration,
        with: &Surroundings<'_>,
        problems: &mut Vec<String>,
    ) -> Result<Self, String> {
        let mut field = |name: &str, text: &str, default: Option<&str>, escape| {
            Field::new(name, text, default, with.library, escape, problems)
        };
        let flag = |name: &str| settings.flags.get(name).copied().unwrap_or_default();
        let texts = TEXTS.iter().map(|(name, default)| {
            let text = settings.texts.get(*name).map_or(*default, String::as_str);
            let escape = if PLAIN.contains(name) {
                Escape::None
            } else {
                Escape::Slack
            };
            (*name, field(name, text, Some(default), escape))
        });
        let texts = texts.collect();
        let short = flag("short_fields");
        let fields = settings.fields.iter().map(|(title, value, own)| {
            (
                field("fields/title", title, None, Escape::Slack),
                field("fields/value", value, None, Escape::Slack),
                own.unwrap_or(short),
            )
        });
        let fields = fields.collect();
        let actions = settings.actions.iter().map(|action| {
            let texts = action.iter().map(|(name, text)| {
                let escape = if name == "text" {
                    Escape::Slack
                } else {
                    Escape::None
                };
                (
                    name.clone(),
                    field(&format!("actions/{name}"), text, None, escape),
                )
            });
            texts.collect()
        });
        let actions = actions.collect();
        let mrkdwn_in = if settings.mrkdwn_in.is_empty() {
            ["fallback", "pretext", "text"].map(str::to_owned).to_vec()
        } else {
            settings.mrkdwn_in.clone()
        };
        Ok(Self {
            channel: field("channel", &settings.channel, None, Escape::None),
            endpoint: Endpoint::new(&settings.url, &settings.http, 0, with)?,
            texts,
            fields,
            actions,
            link_names: flag("link_names"),
            mrkdwn_in,
        })
    }

    pub(super) fn destination(&self) -> String {
        self.endpoint.destination()
    }

    pub(super) async fn send(&self, of: &Notification, key: &Key, now: Timestamp) -> Outcome {
        let body = match serde_json::to_vec(&self.message(&Data::of(of).at(now))) {
            Ok(body) => body,
            Err(error) => return Outcome::failed(error),
        };
        match self.endpoint.post(body, key).await {
            Ok(answer) if answer.status.is_success() => self.accepted(&answer, now),
            Ok(answer) => self.endpoint.judge(&answer, now),
            Err(outcome) => outcome,
        }
    }

    /// A status of success is not all: Slack says in the body what it thinks of the message.
    fn accepted(&self, answer: &Response, now: Timestamp) -> Outcome {
        let said = String::from_utf8_lossy(&answer.body);
        let said = said.trim();
        let reason = match serde_json::from_str::<Value>(said) {
            Ok(Value::Object(body)) if body.get("ok") != Some(&Value::Bool(false)) => None,
            Ok(Value::Object(body)) => Some(
                body.get("error")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
            ),
            _ if said.is_empty() || said == "ok" => None,
            _ => Some(said.to_owned()),
        };
        let Some(reason) = reason else {
            return self.endpoint.judge(answer, now);
        };
        let error = format!(
            "{} took the message and said: {}",
            self.destination(),
            clean::line(&reason, 200)
        );
        match reason.as_str() {
            "ratelimited" | "rate_limited" => Outcome::retry(error),
            _ => Outcome::Failed { error },
        }
    }

    fn message(&self, data: &Data) -> Message<'_> {
        let text = |name: &str, max: usize| {
            let text = self.texts.get(name).map(|field| field.render(data));
            clean::lines(&text.unwrap_or_default(), max)
        };
        let line = |name: &str| clean::line(&text(name, MAX_SHORT), MAX_SHORT);
        let link = |name: &str| {
            Some(line(name))
                .filter(|link| is_web_address(link))
                .unwrap_or_default()
        };
        let short = |field: &Field| clean::lines(&field.render(data), MAX_SHORT);
        let fields = self.fields.iter().map(|(title, value, is_short)| Titled {
            title: short(title),
            value: short(value),
            short: *is_short,
        });
        let actions = self.actions.iter().map(|action| {
            let texts = action
                .iter()
                .map(|(name, field)| (name.as_str(), short(field)));
            texts
                .filter(|(name, text)| *name != "url" || is_web_address(text))
                .collect()
        });
        Message {
            channel: clean::line(&self.channel.render(data), MAX_SHORT),
            username: line("username"),
            icon_emoji: line("icon_emoji"),
            icon_url: link("icon_url"),
            link_names: self.link_names,
            attachments: [Attachment {
                title: clean::line(&text("title", MAX_TITLE), MAX_TITLE),
                title_link: link("title_link"),
                pretext: text("pretext", MAX_TEXT / 10),
                text: text("text", MAX_TEXT),
                fallback: text("fallback", MAX_SHORT),
                callback_id: line("callback_id"),
                fields: fields.collect(),
                actions: actions.collect(),
                image_url: link("image_url"),
                thumb_url: link("thumb_url"),
                footer: text("footer", MAX_SHORT),
                color: line("color"),
                mrkdwn_in: &self.mrkdwn_in,
            }],
        }
    }
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "String::is_empty")]
    channel: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    username: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    icon_emoji: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    icon_url: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    link_names: bool,
    attachments: [Attachment<'a>; 1],
}

#[derive(Serialize)]
struct Attachment<'a> {
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    title_link: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pretext: String,
    text: String,
    fallback: String,
    callback_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Titled>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<BTreeMap<&'a str, String>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    image_url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    thumb_url: String,
    footer: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    color: String,
    mrkdwn_in: &'a [String],
}

#[derive(Serialize)]
struct Titled {
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    short: bool,
}
