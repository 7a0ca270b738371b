//! Integrations that write into chats, and their keys, as Alertmanager 0.25 to 0.34 knows them.

use super::file::HTTP;
use super::shape::Rule::{Apart, Need, NeedOrGlobal, OneOf, Within};
use super::shape::Section;
use super::shape::Shape::{
    Flag, GoDuration, Many, One, Secret, SecretUrl, Text, Texts, Url, Whole,
};

pub(super) static DISCORD: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("webhook_url", SecretUrl),
        ("webhook_url_file", Text),
        ("content", Text),
        ("title", Text),
        ("message", Text),
        ("username", Text),
        ("avatar_url", Text),
    ],
    &[
        Need(&["webhook_url", "webhook_url_file"]),
        Apart(&["webhook_url", "webhook_url_file"]),
    ],
);

pub(super) static MATTERMOST: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("webhook_url", SecretUrl),
        ("webhook_url_file", Text),
        ("channel", Text),
        ("username", Text),
        ("text", Text),
        ("fallback", Text),
        ("color", Text),
        ("pretext", Text),
        ("author_name", Text),
        ("author_link", Text),
        ("author_icon", Text),
        ("title", Text),
        ("title_link", Text),
        ("fields", Many(&FIELD)),
        ("thumb_url", Text),
        ("footer", Text),
        ("footer_icon", Text),
        ("image_url", Text),
        ("icon_url", Text),
        ("icon_emoji", Text),
        ("attachments", Many(&ATTACHMENT)),
        ("type", Text),
        ("props", One(&PROPS)),
        ("priority", One(&PRIORITY)),
    ],
    &[
        NeedOrGlobal(
            &["webhook_url", "webhook_url_file"],
            &["mattermost_webhook_url", "mattermost_webhook_url_file"],
        ),
        Apart(&["webhook_url", "webhook_url_file"]),
    ],
);

static ATTACHMENT: Section = Section::of(&[
    ("fallback", Text),
    ("color", Text),
    ("pretext", Text),
    ("text", Text),
    ("author_name", Text),
    ("author_link", Text),
    ("author_icon", Text),
    ("title", Text),
    ("title_link", Text),
    ("fields", Many(&FIELD)),
    ("thumb_url", Text),
    ("footer", Text),
    ("footer_icon", Text),
    ("image_url", Text),
]);

static PROPS: Section = Section::of(&[("card", Text)]);

static PRIORITY: Section = Section::of(&[
    ("priority", Text),
    ("requested_ack", Flag),
    ("persistent_notifications", Flag),
]);

pub(super) static MS_TEAMS: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("webhook_url", SecretUrl),
        ("webhook_url_file", Text),
        ("title", Text),
        ("summary", Text),
        ("text", Text),
    ],
    &[
        Need(&["webhook_url", "webhook_url_file"]),
        Apart(&["webhook_url", "webhook_url_file"]),
    ],
);

pub(super) static MS_TEAMS_V2: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("webhook_url", SecretUrl),
        ("webhook_url_file", Text),
        ("title", Text),
        ("text", Text),
    ],
    &[
        Need(&["webhook_url", "webhook_url_file"]),
        Apart(&["webhook_url", "webhook_url_file"]),
    ],
);

pub(super) static ROCKETCHAT: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_url", Url),
        ("token_id", Secret),
        ("token_id_file", Text),
        ("token", Secret),
        ("token_file", Text),
        ("channel", Text),
        ("color", Text),
        ("title", Text),
        ("title_link", Text),
        ("text", Text),
        ("fields", Many(&ROCKETCHAT_FIELD)),
        ("short_fields", Flag),
        ("emoji", Text),
        ("icon_url", Text),
        ("image_url", Text),
        ("thumb_url", Text),
        ("link_names", Flag),
        ("actions", Many(&ROCKETCHAT_ACTION)),
    ],
    &[
        NeedOrGlobal(
            &["token_id", "token_id_file"],
            &["rocketchat_token_id", "rocketchat_token_id_file"],
        ),
        NeedOrGlobal(
            &["token", "token_file"],
            &["rocketchat_token", "rocketchat_token_file"],
        ),
        Apart(&["token_id", "token_id_file"]),
        Apart(&["token", "token_file"]),
    ],
);

static ROCKETCHAT_FIELD: Section =
    Section::of(&[("title", Text), ("value", Text), ("short", Flag)]);

// Alertmanager names these keys by Go's rule for names without one.
static ROCKETCHAT_ACTION: Section = Section::of(&[
    ("type", Text),
    ("text", Text),
    ("url", Text),
    ("imageurl", Text),
    ("iswebview", Flag),
    ("webviewheightratio", Text),
    ("msg", Text),
    ("msginchatwindow", Flag),
    ("msgprocessingtype", Text),
]);

pub(super) static SLACK: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_url", SecretUrl),
        ("api_url_file", Text),
        ("app_token", Secret),
        ("app_token_file", Text),
        ("app_url", Url),
        ("channel", Text),
        ("username", Text),
        ("color", Text),
        ("title", Text),
        ("title_link", Text),
        ("pretext", Text),
        ("text", Text),
        ("message_text", Text),
        ("fields", Many(&FIELD)),
        ("short_fields", Flag),
        ("footer", Text),
        ("fallback", Text),
        ("callback_id", Text),
        ("icon_emoji", Text),
        ("icon_url", Text),
        ("image_url", Text),
        ("thumb_url", Text),
        ("link_names", Flag),
        ("mrkdwn_in", Texts),
        ("actions", Many(&SLACK_ACTION)),
        ("update_message", Flag),
        ("timeout", GoDuration),
    ],
    &[
        NeedOrGlobal(
            &["api_url", "api_url_file", "app_token", "app_token_file"],
            &[
                "slack_api_url",
                "slack_api_url_file",
                "slack_app_token",
                "slack_app_token_file",
            ],
        ),
        Apart(&["api_url", "api_url_file", "app_token", "app_token_file"]),
    ],
);

/// A field of a message of Slack or Mattermost.
static FIELD: Section = Section::ruled(
    &[("title", Text), ("value", Text), ("short", Flag)],
    &[Need(&["title"]), Need(&["value"])],
);

static SLACK_ACTION: Section = Section::ruled(
    &[
        ("type", Text),
        ("text", Text),
        ("url", Text),
        ("style", Text),
        ("name", Text),
        ("value", Text),
        ("confirm", One(&SLACK_CONFIRM)),
    ],
    &[Need(&["type"]), Need(&["text"]), Need(&["url", "name"])],
);

static SLACK_CONFIRM: Section = Section::ruled(
    &[
        ("text", Text),
        ("title", Text),
        ("ok_text", Text),
        ("dismiss_text", Text),
    ],
    &[Need(&["text"])],
);

pub(super) static TELEGRAM: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_url", Url),
        ("bot_token", Secret),
        ("bot_token_file", Text),
        ("chat_id", Whole),
        ("chat_id_file", Text),
        ("message_thread_id", Whole),
        ("message", Text),
        ("disable_notifications", Flag),
        ("parse_mode", Text),
    ],
    &[
        NeedOrGlobal(
            &["bot_token", "bot_token_file"],
            &["telegram_bot_token", "telegram_bot_token_file"],
        ),
        Apart(&["bot_token", "bot_token_file"]),
        Need(&["chat_id", "chat_id_file"]),
        Apart(&["chat_id", "chat_id_file"]),
        OneOf("parse_mode", &["Markdown", "MarkdownV2", "HTML"]),
    ],
);

pub(super) static WEBEX: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_url", Url),
        ("message", Text),
        ("room_id", Text),
    ],
    &[
        Need(&["room_id"]),
        Need(&["http_config"]),
        Within("http_config", "authorization"),
    ],
);

pub(super) static WECHAT: Section = Section::integration(
    &[
        ("http_config", One(&HTTP)),
        ("api_secret", Secret),
        ("api_secret_file", Text),
        ("corp_id", Text),
        ("message", Text),
        ("api_url", Url),
        ("to_user", Text),
        ("to_party", Text),
        ("to_tag", Text),
        ("agent_id", Text),
        ("message_type", Text),
    ],
    &[
        NeedOrGlobal(
            &["api_secret", "api_secret_file"],
            &["wechat_api_secret", "wechat_api_secret_file"],
        ),
        Apart(&["api_secret", "api_secret_file"]),
        NeedOrGlobal(&["corp_id"], &["wechat_api_corp_id"]),
        OneOf("message_type", &["text", "markdown"]),
    ],
);
