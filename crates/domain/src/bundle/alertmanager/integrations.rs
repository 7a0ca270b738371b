//! Integrations other than chats, and their keys, as Alertmanager 0.25 to 0.34 knows them.

use super::file::{HTTP, TLS};
use super::shape::Rule::{Apart, Need, NeedOrGlobal, OneOf};
use super::shape::Section;
use super::shape::Shape::{
    Any, Duration, Flag, GoDuration, HostPort, Many, One, Secret, Text, TextMap, TextOr, Texts,
    Url, WebhookUrl, Whole,
};

pub(super) static EMAIL: Section = Section::integration(
    &[
        ("to", Text),
        ("from", Text),
        ("hello", Text),
        ("smarthost", HostPort),
        ("auth_username", Text),
        ("auth_password", Secret),
        ("auth_password_file", Text),
        ("auth_secret", Secret),
        ("auth_secret_file", Text),
        ("auth_identity", Text),
        ("headers", TextMap),
        ("html", Text),
        ("text", Text),
        ("require_tls", Flag),
        ("tls_config", One(&TLS)),
        ("force_implicit_tls", Flag),
        ("threading", One(&THREADING)),
    ],
    &[
        Need(&["to"]),
        NeedOrGlobal(&["smarthost"], &["smtp_smarthost"]),
        NeedOrGlobal(&["from"], &["smtp_from"]),
        Apart(&["auth_password", "auth_password_file"]),
        Apart(&["auth_secret", "auth_secret_file"]),
    ],
);

static THREADING: Section = Section::ruled(
    &[("enabled", Flag), ("thread_by_date", Text)],
    &[OneOf("thread_by_date", &["none", "daily"])],
);

pub(super) static INCIDENT_IO: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("url", Url),
        ("url_file", Text),
        ("alert_source_token", Secret),
        ("alert_source_token_file", Text),
        ("max_alerts", Whole),
        ("timeout", GoDuration),
    ],
    &[
        Need(&["url", "url_file"]),
        Apart(&["url", "url_file"]),
        Apart(&["alert_source_token", "alert_source_token_file"]),
    ],
);

pub(super) static JIRA: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_url", Url),
        ("api_type", Text),
        ("project", Text),
        ("summary", TextOr(&JIRA_FIELD)),
        ("description", TextOr(&JIRA_FIELD)),
        ("labels", Texts),
        ("priority", Text),
        ("issue_type", Text),
        ("reopen_transition", Text),
        ("resolve_transition", Text),
        ("wont_fix_resolution", Text),
        ("reopen_duration", Duration),
        ("fields", Any),
    ],
    &[
        Need(&["project"]),
        Need(&["issue_type"]),
        NeedOrGlobal(&["api_url"], &["jira_api_url"]),
        OneOf("api_type", &["auto", "cloud", "datacenter"]),
    ],
);

static JIRA_FIELD: Section = Section::of(&[("template", Text), ("enable_update", Flag)]);

pub(super) static OPSGENIE: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_key", Secret),
        ("api_key_file", Text),
        ("api_url", Url),
        ("message", Text),
        ("description", Text),
        ("source", Text),
        ("details", TextMap),
        ("entity", Text),
        ("responders", Many(&RESPONDER)),
        ("actions", Text),
        ("tags", Text),
        ("note", Text),
        ("priority", Text),
        ("update_alerts", Flag),
    ],
    &[
        NeedOrGlobal(
            &["api_key", "api_key_file"],
            &["opsgenie_api_key", "opsgenie_api_key_file"],
        ),
        Apart(&["api_key", "api_key_file"]),
    ],
);

static RESPONDER: Section = Section::ruled(
    &[
        ("id", Text),
        ("name", Text),
        ("username", Text),
        ("type", Text),
    ],
    &[
        Need(&["id", "name", "username"]),
        Need(&["type"]),
        OneOf("type", &["team", "teams", "user", "escalation", "schedule"]),
    ],
);

pub(super) static PAGERDUTY: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("service_key", Secret),
        ("service_key_file", Text),
        ("routing_key", Secret),
        ("routing_key_file", Text),
        ("url", Url),
        ("client", Text),
        ("client_url", Text),
        ("description", Text),
        ("details", Any),
        ("images", Many(&IMAGE)),
        ("links", Many(&LINK)),
        ("source", Text),
        ("severity", Text),
        ("class", Text),
        ("component", Text),
        ("group", Text),
        ("timeout", GoDuration),
    ],
    &[
        Need(&[
            "routing_key",
            "routing_key_file",
            "service_key",
            "service_key_file",
        ]),
        Apart(&["routing_key", "routing_key_file"]),
        Apart(&["service_key", "service_key_file"]),
    ],
);

static IMAGE: Section = Section::of(&[("src", Text), ("alt", Text), ("href", Text)]);

static LINK: Section = Section::of(&[("href", Text), ("text", Text)]);

pub(super) static PUSHOVER: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("user_key", Secret),
        ("user_key_file", Text),
        ("token", Secret),
        ("token_file", Text),
        ("title", Text),
        ("message", Text),
        ("url", Text),
        ("url_title", Text),
        ("device", Text),
        ("sound", Text),
        ("priority", Text),
        ("retry", GoDuration),
        ("expire", GoDuration),
        ("ttl", GoDuration),
        ("html", Flag),
        ("monospace", Flag),
    ],
    &[
        Need(&["user_key", "user_key_file"]),
        Apart(&["user_key", "user_key_file"]),
        Need(&["token", "token_file"]),
        Apart(&["token", "token_file"]),
        Apart(&["html", "monospace"]),
    ],
);

pub(super) static SNS: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_url", Text),
        ("sigv4", One(&SIGV4)),
        ("topic_arn", Text),
        ("phone_number", Text),
        ("target_arn", Text),
        ("subject", Text),
        ("message", Text),
        ("attributes", TextMap),
        ("use_aws_http_client", Flag),
    ],
    &[
        Need(&["topic_arn", "phone_number", "target_arn"]),
        Apart(&["topic_arn", "phone_number", "target_arn"]),
    ],
);

static SIGV4: Section = Section::of(&[
    ("region", Text),
    ("access_key", Text),
    ("secret_key", Secret),
    ("profile", Text),
    ("role_arn", Text),
    ("external_id", Text),
    ("use_fips_sts_endpoint", Flag),
]);

pub(super) static VICTOROPS: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_key", Secret),
        ("api_key_file", Text),
        ("api_url", Url),
        ("routing_key", Text),
        ("message_type", Text),
        ("state_message", Text),
        ("entity_display_name", Text),
        ("monitoring_tool", Text),
        ("custom_fields", TextMap),
    ],
    &[
        Need(&["routing_key"]),
        NeedOrGlobal(
            &["api_key", "api_key_file"],
            &["victorops_api_key", "victorops_api_key_file"],
        ),
        Apart(&["api_key", "api_key_file"]),
    ],
);

pub(super) static WEBHOOK: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("url", WebhookUrl),
        ("url_file", Text),
        ("max_alerts", Whole),
        ("timeout", GoDuration),
        ("payload", Any),
    ],
    &[Need(&["url", "url_file"]), Apart(&["url", "url_file"])],
);
