//! Receivers: who is told, and how.

use std::collections::BTreeMap;

/// Who is told about groups of alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// Every way by which it is told; each by itself.
    pub integrations: Vec<Integration>,
}

/// One way by which a receiver is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// What kind of receiver it is.
    pub kind: Kind,
    /// Its place among those of its kind in the receiver, from 0.
    pub index: u32,
    /// Whether it is told when alerts are over.
    pub send_resolved: bool,
    /// How it is reached.
    pub settings: Settings,
}

impl Integration {
    /// Under which name a receiver's record of what it was told by this way is kept, for instance `ops/webhook[0]`.
    #[must_use]
    pub fn way(&self, receiver: &str) -> String {
        format!("{receiver}/{}", self.name())
    }

    /// How it is called in logs, metrics and the console, for instance `webhook[0]` (as Alertmanager does).
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}[{}]", self.kind.name(), self.index)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal $section:literal $resolved:literal;)*) => {
        /// The kinds of receivers in Alertmanager's configuration.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name in metrics and logs.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The section of a receiver that holds it.
            #[must_use]
            pub fn section(self) -> &'static str {
                match self { $(Self::$kind => $section,)* }
            }

            /// Whether it is told of ends unless the file says otherwise.
            #[must_use]
            pub fn send_resolved(self) -> bool {
                match self { $(Self::$kind => $resolved,)* }
            }
        }
    };
}

kinds! {
    /// Discord.
    Discord = "discord" "discord_configs" true;
    /// Mail.
    Email = "email" "email_configs" false;
    /// incident.io.
    IncidentIo = "incidentio" "incidentio_configs" true;
    /// Jira.
    Jira = "jira" "jira_configs" true;
    /// Mattermost.
    Mattermost = "mattermost" "mattermost_configs" true;
    /// Microsoft Teams, by connector.
    MsTeams = "msteams" "msteams_configs" true;
    /// Microsoft Teams, by workflow.
    MsTeamsV2 = "msteamsv2" "msteamsv2_configs" true;
    /// Opsgenie.
    OpsGenie = "opsgenie" "opsgenie_configs" true;
    /// PagerDuty.
    PagerDuty = "pagerduty" "pagerduty_configs" true;
    /// Pushover.
    Pushover = "pushover" "pushover_configs" true;
    /// Rocket.Chat.
    RocketChat = "rocketchat" "rocketchat_configs" false;
    /// Slack.
    Slack = "slack" "slack_configs" false;
    /// Amazon SNS.
    Sns = "sns" "sns_configs" true;
    /// Telegram.
    Telegram = "telegram" "telegram_configs" true;
    /// VictorOps.
    VictorOps = "victorops" "victorops_configs" true;
    /// Webex.
    Webex = "webex" "webex_configs" true;
    /// A webhook.
    Webhook = "webhook" "webhook_configs" true;
    /// WeChat.
    WeChat = "wechat" "wechat_configs" false;
}

/// Where a secret stands in the file as it was written, for instance `receivers/0/webhook_configs/0/url`; where there
/// are several files, after the file's name and `#`. The secret itself is known only to nodes that read the file, and to
/// nobody who reads the journal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretAt {
    /// It stood in the YAML at this path and was cut out.
    Yaml(String),
    /// It lies in a file of this name, relative to the configuration directory.
    File(String),
}

/// How an integration is reached. Texts may be templates as Alertmanager writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// A webhook.
    Webhook(WebhookIntegration),
    /// Mail.
    Email(EmailIntegration),
    /// Slack, or whatever speaks as Slack does.
    Slack(SlackIntegration),
    /// Stentor understands its configuration and does not deliver to it yet.
    NotDelivered,
}

/// A webhook of version 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookIntegration {
    /// Where to.
    pub url: SecretAt,
    /// How.
    pub http: HttpOptions,
    /// Alerts in one message at most; 0 for all.
    pub max_alerts: u32,
    /// How long one attempt may take, in milliseconds; 0 for the default.
    pub timeout_ms: i64,
}

/// How an HTTP receiver is spoken to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpOptions {
    /// Basic authentication: the name and the password.
    pub basic: Option<(String, SecretAt)>,
    /// The `Authorization` header: its scheme (`Bearer`) and the credentials.
    pub authorization: Option<(String, SecretAt)>,
    /// Further headers, and the texts or secrets in them.
    pub headers: BTreeMap<String, String>,
    /// A file with further certification authorities (PEM).
    pub ca_file: Option<String>,
    /// Whether the certificate is not looked at.
    pub insecure_skip_verify: bool,
    /// Further headers whose values are secrets; one may come several times.
    pub secret_headers: Vec<(String, SecretAt)>,
    /// A proxy that it goes through; without its user and password.
    pub proxy_url: Option<String>,
    /// The whole address of the proxy, when a user or a password stands in it.
    pub proxy_secret: Option<SecretAt>,
}

/// Mail to fixed addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailIntegration {
    /// The addresses, separated by commas.
    pub to: String,
    /// The sender.
    pub from: String,
    /// The mail server's host and port.
    pub smarthost: (String, u16),
    /// What we call ourselves.
    pub hello: String,
    /// The name and the password.
    pub login: Option<(String, SecretAt)>,
    /// Whether an unencrypted connection is refused.
    pub require_tls: bool,
    /// A file with further certification authorities (PEM).
    pub ca_file: Option<String>,
    /// Header lines; `Subject` among them when it was set. Templates.
    pub headers: BTreeMap<String, String>,
    /// The text part; a template.
    pub text: Option<String>,
    /// The HTML part; a template.
    pub html: Option<String>,
}

/// A Slack incoming webhook, or `chat.postMessage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackIntegration {
    /// Where to.
    pub url: SecretAt,
    /// How.
    pub http: HttpOptions,
    /// The channel; a template.
    pub channel: String,
    /// The other texts by the names of the file (`title`, `text`, `color` …); templates.
    pub texts: BTreeMap<String, String>,
    /// Whether short fields, and links of names, are asked for.
    pub flags: BTreeMap<String, bool>,
    /// Fields: title, text and whether they are short.
    pub fields: Vec<(String, String, Option<bool>)>,
    /// Actions: each by the names of the file, those of its confirmation after `confirm.`.
    pub actions: Vec<BTreeMap<String, String>>,
    /// Which texts the text marks up.
    pub mrkdwn_in: Vec<String>,
}
