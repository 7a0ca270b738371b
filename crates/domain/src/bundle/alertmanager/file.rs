//! The sections of the file, apart from the kinds of integrations: the keys that Alertmanager 0.25 to 0.34 knows.

use super::chats;
use super::integrations as kinds;
use super::shape::Rule::{Apart, Need, Never, OneOf, Together};
use super::shape::Section;
use super::shape::Shape::{
    Again, Any, Duration, Flag, HostPort, Many, Named, Number, One, Secret, SecretMap, SecretUrl,
    Secrets, Special, Text, TextMap, Texts, Url, Whole,
};

/// The whole file.
pub(super) static FILE: Section = Section::ruled(
    &[
        ("global", One(&GLOBAL)),
        ("route", One(&ROUTE)),
        ("inhibit_rules", Many(&INHIBIT_RULE)),
        ("receivers", Many(&RECEIVER)),
        ("templates", Texts),
        ("mute_time_intervals", Many(&INTERVALS)),
        ("time_intervals", Many(&INTERVALS)),
        ("tracing", One(&TRACING)),
        ("event_recorder", One(&EVENT_RECORDER)),
    ],
    &[Need(&["route"])],
);

static GLOBAL: Section = Section::ruled(
    &[
        ("resolve_timeout", Duration),
        ("http_config", One(&HTTP)),
        ("jira_api_url", Url),
        ("smtp_from", Text),
        ("smtp_hello", Text),
        ("smtp_smarthost", HostPort),
        ("smtp_auth_username", Text),
        ("smtp_auth_password", Secret),
        ("smtp_auth_password_file", Text),
        ("smtp_auth_secret", Secret),
        ("smtp_auth_secret_file", Text),
        ("smtp_auth_identity", Text),
        ("smtp_require_tls", Flag),
        ("smtp_tls_config", One(&TLS)),
        ("smtp_force_implicit_tls", Flag),
        ("slack_api_url", SecretUrl),
        ("slack_api_url_file", Text),
        ("slack_app_token", Secret),
        ("slack_app_token_file", Text),
        ("slack_app_url", Url),
        ("pagerduty_url", Url),
        ("opsgenie_api_url", Url),
        ("opsgenie_api_key", Secret),
        ("opsgenie_api_key_file", Text),
        ("wechat_api_url", Url),
        ("wechat_api_secret", Secret),
        ("wechat_api_secret_file", Text),
        ("wechat_api_corp_id", Text),
        ("victorops_api_url", Url),
        ("victorops_api_key", Secret),
        ("victorops_api_key_file", Text),
        ("telegram_api_url", Url),
        ("telegram_bot_token", Secret),
        ("telegram_bot_token_file", Text),
        ("webex_api_url", Url),
        ("rocketchat_api_url", Url),
        ("rocketchat_token", Secret),
        ("rocketchat_token_file", Text),
        ("rocketchat_token_id", Secret),
        ("rocketchat_token_id_file", Text),
        ("mattermost_webhook_url", SecretUrl),
        ("mattermost_webhook_url_file", Text),
    ],
    &[
        Apart(&["smtp_auth_password", "smtp_auth_password_file"]),
        Apart(&["smtp_auth_secret", "smtp_auth_secret_file"]),
        Apart(&["slack_api_url", "slack_api_url_file"]),
        Apart(&["slack_app_token", "slack_app_token_file"]),
        Apart(&["opsgenie_api_key", "opsgenie_api_key_file"]),
        Apart(&["wechat_api_secret", "wechat_api_secret_file"]),
        Apart(&["victorops_api_key", "victorops_api_key_file"]),
        Apart(&["telegram_bot_token", "telegram_bot_token_file"]),
        Apart(&["rocketchat_token", "rocketchat_token_file"]),
        Apart(&["rocketchat_token_id", "rocketchat_token_id_file"]),
        Apart(&["mattermost_webhook_url", "mattermost_webhook_url_file"]),
    ],
);

static ROUTE: Section = Section::of(&[
    ("receiver", Text),
    ("group_by", Texts),
    ("match", TextMap),
    ("match_re", TextMap),
    ("matchers", Texts),
    ("mute_time_intervals", Texts),
    ("active_time_intervals", Texts),
    ("continue", Flag),
    ("routes", Again),
    ("group_wait", Duration),
    ("group_interval", Duration),
    ("repeat_interval", Duration),
    ("labels", TextMap),
]);

static INHIBIT_RULE: Section = Section::of(&[
    ("name", Text),
    ("source_match", TextMap),
    ("source_match_re", TextMap),
    ("source_matchers", Texts),
    ("target_match", TextMap),
    ("target_match_re", TextMap),
    ("target_matchers", Texts),
    ("equal", Texts),
]);

static INTERVALS: Section = Section::ruled(
    &[("name", Text), ("time_intervals", Many(&INTERVAL))],
    &[Need(&["name"])],
);

static INTERVAL: Section = Section::of(&[
    ("times", Many(&TIMES)),
    ("weekdays", Special),
    ("days_of_month", Special),
    ("months", Special),
    ("years", Special),
    ("location", Text),
]);

static TIMES: Section = Section::ruled(
    &[("start_time", Text), ("end_time", Text)],
    &[Need(&["start_time"]), Need(&["end_time"])],
);

static RECEIVER: Section = Section::ruled(
    &[
        ("name", Text),
        ("labels", TextMap),
        ("discord_configs", Many(&chats::DISCORD)),
        ("email_configs", Many(&kinds::EMAIL)),
        ("incidentio_configs", Many(&kinds::INCIDENT_IO)),
        ("jira_configs", Many(&kinds::JIRA)),
        ("mattermost_configs", Many(&chats::MATTERMOST)),
        ("msteams_configs", Many(&chats::MS_TEAMS)),
        ("msteamsv2_configs", Many(&chats::MS_TEAMS_V2)),
        ("opsgenie_configs", Many(&kinds::OPSGENIE)),
        ("pagerduty_configs", Many(&kinds::PAGERDUTY)),
        ("pushover_configs", Many(&kinds::PUSHOVER)),
        ("rocketchat_configs", Many(&chats::ROCKETCHAT)),
        ("slack_configs", Many(&chats::SLACK)),
        ("sns_configs", Many(&kinds::SNS)),
        ("telegram_configs", Many(&chats::TELEGRAM)),
        ("victorops_configs", Many(&kinds::VICTOROPS)),
        ("webex_configs", Many(&chats::WEBEX)),
        ("webhook_configs", Many(&kinds::WEBHOOK)),
        ("wechat_configs", Many(&chats::WECHAT)),
    ],
    &[Need(&["name"])],
);

/// How an HTTP receiver is spoken to.
pub(super) static HTTP: Section = Section::ruled(
    &[
        ("basic_auth", One(&BASIC_AUTH)),
        ("authorization", One(&AUTHORIZATION)),
        ("oauth2", One(&OAUTH2)),
        ("bearer_token", Secret),
        ("bearer_token_file", Text),
        ("proxy_url", Url),
        ("no_proxy", Text),
        ("proxy_from_environment", Flag),
        ("proxy_connect_header", SecretMap),
        ("tls_config", One(&TLS)),
        ("follow_redirects", Flag),
        ("enable_http2", Flag),
        ("http_headers", Named(&HTTP_HEADER)),
    ],
    &[
        Apart(&[
            "basic_auth",
            "authorization",
            "oauth2",
            "bearer_token",
            "bearer_token_file",
        ]),
        Apart(&["proxy_url", "proxy_from_environment"]),
        Together("no_proxy", "proxy_url"),
    ],
);

static BASIC_AUTH: Section = Section::ruled(
    &[
        ("username", Text),
        ("username_file", Text),
        ("password", Secret),
        ("password_file", Text),
    ],
    &[
        Apart(&["username", "username_file"]),
        Apart(&["password", "password_file"]),
    ],
);

static AUTHORIZATION: Section = Section::ruled(
    &[
        ("type", Text),
        ("credentials", Secret),
        ("credentials_file", Text),
    ],
    &[
        Apart(&["credentials", "credentials_file"]),
        Never("type", "basic", "use basic_auth"),
    ],
);

static OAUTH2: Section = Section::ruled(
    &[
        ("client_id", Text),
        ("client_secret", Secret),
        ("client_secret_file", Text),
        ("client_secret_ref", Text),
        ("client_certificate_key_id", Text),
        ("client_certificate_key", Secret),
        ("client_certificate_key_file", Text),
        ("grant_type", Text),
        ("signature_algorithm", Text),
        ("iss", Text),
        ("audience", Text),
        ("claims", Any),
        ("scopes", Texts),
        ("token_url", Url),
        ("endpoint_params", TextMap),
        ("tls_config", One(&TLS)),
        ("proxy_url", Url),
        ("no_proxy", Text),
        ("proxy_from_environment", Flag),
        ("proxy_connect_header", SecretMap),
    ],
    &[
        Need(&["client_id"]),
        Need(&["token_url"]),
        Apart(&["client_secret", "client_secret_file"]),
    ],
);

/// How certificates are used.
pub(super) static TLS: Section = Section::ruled(
    &[
        ("ca", Text),
        ("cert", Text),
        ("key", Secret),
        ("ca_file", Text),
        ("cert_file", Text),
        ("key_file", Text),
        ("server_name", Text),
        ("insecure_skip_verify", Flag),
        ("min_version", Text),
        ("max_version", Text),
    ],
    &[
        Apart(&["ca", "ca_file"]),
        Apart(&["cert", "cert_file"]),
        Apart(&["key", "key_file"]),
        OneOf("min_version", &["TLS10", "TLS11", "TLS12", "TLS13"]),
        OneOf("max_version", &["TLS10", "TLS11", "TLS12", "TLS13"]),
    ],
);

static HTTP_HEADER: Section =
    Section::of(&[("values", Texts), ("secrets", Secrets), ("files", Texts)]);

static TRACING: Section = Section::ruled(
    &[
        ("client_type", Text),
        ("endpoint", Text),
        ("sampling_fraction", Number),
        ("insecure", Flag),
        ("tls_config", One(&TLS)),
        ("headers", Named(&HTTP_HEADER)),
        ("compression", Text),
        ("timeout", Duration),
    ],
    &[
        Need(&["endpoint"]),
        OneOf("client_type", &["http", "grpc"]),
        OneOf("compression", &["gzip"]),
    ],
);

static EVENT_RECORDER: Section = Section::of(&[
    ("file_outputs", Many(&EVENT_FILE)),
    ("webhook_outputs", Many(&EVENT_WEBHOOK)),
    ("kafka_outputs", Many(&EVENT_KAFKA)),
    ("stdout_outputs", Any),
]);

static EVENT_FILE: Section = Section::ruled(&[("path", Text)], &[Need(&["path"])]);

static EVENT_WEBHOOK: Section = Section::ruled(
    &[
        ("url", SecretUrl),
        ("http_config", One(&HTTP)),
        ("timeout", Duration),
        ("workers", Whole),
        ("max_retries", Whole),
        ("retry_backoff", Duration),
        ("batch", Flag),
        ("batch_max_events", Whole),
        ("batch_max_bytes", Whole),
        ("batch_flush_interval", Duration),
    ],
    &[Need(&["url"])],
);

static EVENT_KAFKA: Section = Section::ruled(
    &[
        ("brokers", Texts),
        ("topic", Text),
        ("client_id", Text),
        ("format", Text),
        ("acks", Text),
        ("compression", Text),
        ("buffer_size", Whole),
        ("tls_config", One(&TLS)),
    ],
    &[Need(&["brokers"]), Need(&["topic"])],
);
