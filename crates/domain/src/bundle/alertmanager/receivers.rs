//! Receivers and their integrations; the settings of those that are delivered.

use std::collections::{BTreeMap, BTreeSet};

use super::Answering;
use super::address::{Address, host_and_port};
use super::period;
use super::view::View;
use crate::bundle::problem::quoted;
use crate::ids::is_slug;
use crate::routing::{
    EmailIntegration, HttpOptions, INCIDENT, Integration, Kind, POLICY, Receiver, SecretAt,
    Settings, SlackIntegration, WebhookIntegration,
};

/// Where secrets lie: of this file, and of its folder.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    /// Stands before the paths of secrets.
    pub(super) prefix: &'a str,
    /// Stands before the names of files.
    pub(super) folder: &'a str,
}

/// Where a section takes a secret from: the keys for the text and for the file.
impl Places<'_> {
    fn secret(self, view: &View<'_>, key: &str) -> Option<SecretAt> {
        let at = view.get(key).filter(|_| view.has(key))?;
        Some(SecretAt::Yaml(format!("{}{}", self.prefix, at.path)))
    }

    fn file(self, view: &View<'_>, key: &str) -> Option<SecretAt> {
        Some(SecretAt::File(self.path(view.text(key)?)))
    }

    fn path(self, file: &str) -> String {
        if file.starts_with('/') {
            file.to_owned()
        } else {
            format!("{}{file}", self.folder)
        }
    }

    /// The secret at a key, or in the file that the key with `_file` names.
    fn either(self, view: &View<'_>, key: &str) -> Option<SecretAt> {
        let file = format!("{key}_file");
        self.secret(view, key).or_else(|| self.file(view, &file))
    }
}

/// Reads all receivers.
pub(super) fn read(file: &View<'_>, places: Places<'_>, answering: Answering<'_>) -> Vec<Receiver> {
    let global = file.get("global");
    let mut names = BTreeSet::new();
    let mut receivers = Vec::new();
    for view in file.list("receivers") {
        let Some(name) = view.text("name") else {
            continue;
        };
        let key = view.key("name");
        if !names.insert(name) {
            let what = format!("the receiver {} stands here twice", quoted(name));
            key.refuse(what, "choose another name");
        }
        let labelled = view.get("labels").and_then(|labels| labels.text("name"));
        if labelled.is_some_and(|label| label != name) {
            let todo = "remove it; the label is there by itself";
            view.key("labels")
                .refuse("the label \"name\" is another than the receiver's", todo);
        }
        let mut integrations = Vec::new();
        for kind in Kind::ALL {
            for (index, one) in (0..).zip(view.list(kind.section())) {
                integrations.push(Integration {
                    kind: *kind,
                    index,
                    send_resolved: one.flag("send_resolved").unwrap_or(kind.send_resolved()),
                    settings: settings(*kind, &one, global.as_ref(), places),
                });
            }
        }
        reserved(&key, name, integrations.is_empty(), answering);
        receivers.push(Receiver {
            name: name.to_owned(),
            integrations,
        });
    }
    receivers
}

/// The receivers that Stentor itself answers for.
fn reserved(key: &View<'_>, name: &str, empty: bool, answering: Answering<'_>) {
    let policy = name.strip_prefix(POLICY);
    if let Some(policy) = policy
        && !is_slug(policy)
    {
        let what = format!("{} cannot be the name of a policy", quoted(policy));
        key.refuse(what, "write stentor:policy: and a name from oncall.toml");
    } else if policy.is_none() && name != INCIDENT && name.starts_with("stentor:") {
        let what = format!("the name {} is reserved", quoted(name));
        key.refuse(
            what,
            format!("write {INCIDENT}, or {POLICY} and the name of a policy"),
        );
    }
    match (answering, policy) {
        (Answering::Nobody, _) if name.starts_with("stentor:") => key.refuse(
            "nobody answers for incidents here",
            "add stentor.toml, people.toml and oncall.toml, or use another receiver",
        ),
        (Answering::Policies(names), Some(policy)) if is_slug(policy) && !names.has(policy) => {
            let what = format!("there is no policy {}", quoted(policy));
            key.refuse(
                what,
                format!("declare it as [policies.{policy}] in oncall.toml"),
            );
        }
        _ => {}
    }
    if !empty && name.starts_with("stentor:") {
        let todo = "give them a receiver of their own, and route to both with continue: true";
        key.refuse("a receiver of Stentor has no integrations of its own", todo);
    }
}

fn settings(
    kind: Kind,
    view: &View<'_>,
    global: Option<&View<'_>>,
    places: Places<'_>,
) -> Settings {
    let read = match kind {
        Kind::Webhook => webhook(view, global, places),
        Kind::Email => email(view, global, places),
        Kind::Slack => slack(view, global, places),
        _ => None,
    };
    read.unwrap_or(Settings::NotDelivered)
}

fn webhook(view: &View<'_>, global: Option<&View<'_>>, places: Places<'_>) -> Option<Settings> {
    // Another body than the one of version 4 would have to be made from templates.
    if view.has("payload") {
        return None;
    }
    let max_alerts = view.get("max_alerts").and_then(|v| v.whole()).unwrap_or(0);
    Some(Settings::Webhook(WebhookIntegration {
        url: places.either(view, "url")?,
        http: http(http_section(view, global).as_ref(), places)?,
        max_alerts: u32::try_from(max_alerts).unwrap_or(u32::MAX),
        timeout_ms: go_period(view, "timeout"),
    }))
}

fn go_period(view: &View<'_>, key: &str) -> i64 {
    view.text(key).and_then(period::go).unwrap_or(0)
}

fn http_section<'a>(view: &View<'a>, global: Option<&View<'a>>) -> Option<View<'a>> {
    let own = view.get("http_config");
    own.or_else(|| global.and_then(|g| g.get("http_config")))
}

/// What of `http_config` a delivery cannot do. It would be refused at the other end, so it is not tried.
pub(super) const HTTP_MISSING: [&str; 6] = [
    "oauth2",
    "tls_config/cert",
    "tls_config/cert_file",
    "tls_config/ca",
    "tls_config/server_name",
    "proxy_connect_header",
];

/// Whether a section holds a key of [`HTTP_MISSING`].
pub(super) fn holds(http: &View<'_>, path: &str) -> bool {
    match path.split_once('/') {
        Some((outer, inner)) => http.get(outer).is_some_and(|outer| outer.has(inner)),
        None => http.has(path),
    }
}

/// Reads `http_config`; `None` when it asks for what cannot be done.
fn http(view: Option<&View<'_>>, places: Places<'_>) -> Option<HttpOptions> {
    let mut options = HttpOptions::default();
    let Some(view) = view else {
        return Some(options);
    };
    if HTTP_MISSING.iter().any(|path| holds(view, path)) {
        return None;
    }
    if let Some(basic) = view.get("basic_auth") {
        if basic.has("username_file") {
            return None;
        }
        let name = basic.text("username").unwrap_or_default().to_owned();
        options.basic = places
            .either(&basic, "password")
            .map(|secret| (name, secret));
    }
    let authorization = view.get("authorization").and_then(|authorization| {
        let scheme = authorization.text("type").map_or("Bearer", str::trim);
        let secret = places.either(&authorization, "credentials")?;
        Some((scheme.to_owned(), secret))
    });
    let bearer = || Some(("Bearer".to_owned(), places.either(view, "bearer_token")?));
    options.authorization = authorization.or_else(bearer);
    let headers = view.get("http_headers").map(|headers| headers.entries());
    for (name, _, header) in headers.unwrap_or_default() {
        let values = header.list("values");
        let values: Vec<&str> = values.iter().filter_map(View::scalar).collect();
        if !values.is_empty() {
            options.headers.insert(name.to_owned(), values.join(", "));
        }
        for secret in header.list("secrets") {
            let at = SecretAt::Yaml(format!("{}{}", places.prefix, secret.path));
            options.secret_headers.push((name.to_owned(), at));
        }
        for file in header.list("files") {
            let at = SecretAt::File(places.path(file.scalar().unwrap_or_default()));
            options.secret_headers.push((name.to_owned(), at));
        }
    }
    if let Some(tls) = view.get("tls_config") {
        options.ca_file = tls.text("ca_file").map(|file| places.path(file));
        options.insecure_skip_verify = tls.flag("insecure_skip_verify").unwrap_or(false);
    }
    let proxy = view.text("proxy_url");
    options.proxy_url = proxy.map(str::to_owned);
    if proxy
        .and_then(Address::parse)
        .is_some_and(|a| a.has_user() || a.has_cut_user())
    {
        options.proxy_secret = places.secret(view, "proxy_url");
    }
    Some(options)
}

fn email(view: &View<'_>, global: Option<&View<'_>>, places: Places<'_>) -> Option<Settings> {
    let text = |key: &str, above: &str| {
        let own = view.text(key);
        own.or_else(|| global.and_then(|g| g.text(above)))
    };
    let secret = |key: &str, above: &str| {
        let own = places.either(view, key);
        own.or_else(|| global.and_then(|g| places.either(g, above)))
    };
    let flag = |key: &str, above: &str| {
        let own = view.flag(key);
        own.or_else(|| global.and_then(|g| g.flag(above)))
    };
    let headers = headers(view);
    let (host, port) = host_and_port(text("smarthost", "smtp_smarthost")?)?;
    let port = match port {
        "smtp" => 25,
        "smtps" | "submissions" => 465,
        "submission" => 587,
        port => port.parse().ok()?,
    };
    let tls = view.get("tls_config");
    let tls = tls.or_else(|| global.and_then(|g| g.get("smtp_tls_config")));
    let cannot = |tls: &View<'_>| {
        let needs = ["cert", "cert_file", "ca", "server_name"];
        needs.iter().any(|key| tls.has(key)) || tls.flag("insecure_skip_verify") == Some(true)
    };
    let username = text("auth_username", "smtp_auth_username");
    // CRAM-MD5 needs a secret, and an identity is another's mailbox; both are rare, and neither is spoken here.
    let other = secret("auth_secret", "smtp_auth_secret").is_some()
        || text("auth_identity", "smtp_auth_identity").is_some()
        || view
            .get("threading")
            .is_some_and(|t| t.flag("enabled") == Some(true));
    // Whether TLS comes first follows from the port alone.
    let first = flag("force_implicit_tls", "smtp_force_implicit_tls");
    if tls.as_ref().is_some_and(cannot)
        || other
        || first.is_some_and(|first| first != (port == 465))
    {
        return None;
    }
    // The default text is in HTML; an empty one switches it off.
    let body = |key: &str| view.get(key).and_then(|v| v.scalar()).map(str::to_owned);
    let password = secret("auth_password", "smtp_auth_password");
    Some(Settings::Email(EmailIntegration {
        to: view.text("to")?.to_owned(),
        from: text("from", "smtp_from")?.to_owned(),
        smarthost: (host, port),
        hello: text("hello", "smtp_hello")
            .unwrap_or("localhost")
            .to_owned(),
        login: username
            .zip(password)
            .map(|(name, at)| (name.to_owned(), at)),
        require_tls: flag("require_tls", "smtp_require_tls").unwrap_or(true),
        ca_file: tls.and_then(|tls| tls.text("ca_file").map(|file| places.path(file))),
        headers,
        text: body("text"),
        html: body("html"),
    }))
}

/// Header lines by the names that Go gives them (`Reply-To`).
fn headers(view: &View<'_>) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for (name, key, value) in view.pairs("headers") {
        let parts = name.split('-').map(|part| {
            let mut part = part.to_ascii_lowercase();
            if let Some(first) = part.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            part
        });
        let name = parts.collect::<Vec<_>>().join("-");
        if headers.insert(name, value.to_owned()).is_some() {
            let what = "this header stands here twice, in other letters";
            key.refuse(what, "keep one of the two");
        }
    }
    headers
}

/// Texts of a message to Slack.
const SLACK_TEXTS: [&str; 14] = [
    "username",
    "color",
    "title",
    "title_link",
    "pretext",
    "text",
    "message_text",
    "footer",
    "fallback",
    "callback_id",
    "icon_emoji",
    "icon_url",
    "image_url",
    "thumb_url",
];

fn slack(view: &View<'_>, global: Option<&View<'_>>, places: Places<'_>) -> Option<Settings> {
    // Messages of an app's token are other requests, with answers to be remembered.
    let own = places.either(view, "api_url");
    let http_config = http_section(view, global);
    let has_app = |view: &View<'_>, keys: [&str; 2]| keys.iter().any(|key| view.has(key));
    let signs_in = view
        .get("http_config")
        .is_some_and(|http| http.has("authorization"));
    let above = global.is_some_and(|g| has_app(g, ["slack_app_token", "slack_app_token_file"]));
    let own_app = has_app(view, ["app_token", "app_token_file"]);
    if own.is_none() && (own_app || above && !signs_in) {
        return None;
    }
    let url = own.or_else(|| global.and_then(|g| places.either(g, "slack_api_url")))?;
    if view.flag("update_message") == Some(true) {
        return None;
    }
    let text = |view: &View<'_>, key: &&str| {
        let found = view.get(key)?.scalar()?;
        Some(((*key).to_owned(), found.to_owned()))
    };
    let flag = |key: &&str| Some(((*key).to_owned(), view.flag(key)?));
    let fields = view.list("fields");
    let field = |field: &View<'_>| {
        let text = |key| field.text(key).unwrap_or_default().to_owned();
        (text("title"), text("value"), field.flag("short"))
    };
    let actions = view.list("actions");
    let action = |action: &View<'_>| {
        let plain = ["type", "text", "url", "style", "name", "value"];
        let mut texts: BTreeMap<_, _> = plain.iter().filter_map(|key| text(action, key)).collect();
        let confirm = action.get("confirm").map(|c| c.entries());
        for (key, _, value) in confirm.unwrap_or_default() {
            let value = value.scalar().unwrap_or_default().to_owned();
            texts.insert(format!("confirm.{key}"), value);
        }
        texts
    };
    let marked = view.list("mrkdwn_in");
    Some(Settings::Slack(SlackIntegration {
        url,
        http: http(http_config.as_ref(), places)?,
        channel: view.text("channel").unwrap_or_default().to_owned(),
        texts: SLACK_TEXTS
            .iter()
            .filter_map(|key| text(view, key))
            .collect(),
        flags: ["short_fields", "link_names"]
            .iter()
            .filter_map(flag)
            .collect(),
        fields: fields.iter().map(field).collect(),
        actions: actions.iter().map(action).collect(),
        mrkdwn_in: marked
            .iter()
            .filter_map(View::scalar)
            .map(str::to_owned)
            .collect(),
    }))
}
