//! The flags of the `alertmanager` program (cmd/alertmanager/main.go, 0.25 to 0.34).

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// Run as a drop-in for the `alertmanager` program: same flags, same alertmanager.yml, same API. Alerts, silences and
/// what was told survive a crash; several processes share one PostgreSQL database instead of gossiping.
#[derive(Args, Clone)]
#[command(
    after_help = "Example:\n  stentor alertmanager --config.file=alertmanager.yml --storage.path=/var/lib/stentor-alertmanager\n  stentor alertmanager --config.file alertmanager.yml --database postgres://stentor@db.example.org/alerts\n\nFlags that steer gossip between Alertmanagers are accepted and have no effect: nodes meet in the database."
)]
pub(crate) struct Flags {
    /// The configuration file
    #[arg(
        long = "config.file",
        default_value = "alertmanager.yml",
        value_name = "FILE"
    )]
    pub(crate) config_file: PathBuf,
    /// Where data are stored
    #[arg(long = "storage.path", default_value = "data", value_name = "DIR")]
    pub(crate) storage_path: PathBuf,
    /// A PostgreSQL database that all processes of a cluster share, as postgres://USER@HOST/NAME; without it, SQLite in
    /// the storage path
    #[arg(
        long,
        value_name = "URL",
        env = "STENTOR_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// How long ended silences are shown
    #[arg(
        long = "data.retention",
        default_value = "120h",
        value_name = "DURATION"
    )]
    pub(crate) retention: String,
    /// Accepted; ended alerts are dropped when everybody was told
    #[arg(
        long = "alerts.gc-interval",
        default_value = "30m",
        value_name = "DURATION"
    )]
    pub(crate) gc_interval: String,
    /// Where to listen; may be repeated
    #[arg(
        long = "web.listen-address",
        default_value = ":9093",
        value_name = "ADDR:PORT"
    )]
    pub(crate) listen: Vec<String>,
    /// The URL under which people reach it; its path prefixes all routes
    #[arg(long = "web.external-url", value_name = "URL")]
    pub(crate) external_url: Option<String>,
    /// The prefix of all routes, when it differs from the external URL's path
    #[arg(long = "web.route-prefix", value_name = "PATH")]
    pub(crate) route_prefix: Option<String>,
    /// Only here: a site whose pages may use the API from a browser, for instance `https://dashboard.example.org`, or * for
    /// every site, as Alertmanager lets in; may be repeated
    #[arg(long = "web.cors-origin", value_name = "ORIGIN")]
    pub(crate) cors_origins: Vec<String>,
    /// TLS and passwords of the listener: not supported, put a reverse proxy before it
    #[arg(long = "web.config.file", default_value = "", value_name = "FILE")]
    pub(crate) web_config: String,
    /// How this process is called among its peers; empty for "no cluster"
    #[arg(
        long = "cluster.listen-address",
        default_value = "0.0.0.0:9094",
        value_name = "ADDR:PORT"
    )]
    pub(crate) cluster_listen: String,
    /// Under which address peers know this process
    #[arg(long = "cluster.advertise-address", value_name = "ADDR:PORT")]
    pub(crate) cluster_advertise: Option<String>,
    /// A peer; may be repeated. With --database peers find each other there
    #[arg(long = "cluster.peer", value_name = "ADDR:PORT")]
    pub(crate) peers: Vec<String>,
    /// Only log messages with the given severity or above
    #[arg(long = "log.level", value_enum, default_value_t = LogLevel::Info)]
    pub(crate) log_level: LogLevel,
    /// How to log
    #[arg(long = "log.format", value_enum, default_value_t = LogFormat::Logfmt)]
    pub(crate) log_format: LogFormat,
    /// Most silences, ended ones that are still shown among them; 0 or less is no limit
    #[arg(
        long = "silences.max-silences",
        default_value_t = 0,
        value_name = "COUNT",
        allow_negative_numbers = true
    )]
    pub(crate) max_silences: i64,
    /// Most bytes of the texts of a silence; 0 or less is no limit
    #[arg(
        long = "silences.max-silence-size-bytes",
        default_value_t = 0,
        value_name = "BYTES",
        allow_negative_numbers = true
    )]
    pub(crate) max_silence_bytes: i64,
    /// Most open alerts of one name, further ones are dropped; 0 or less is no limit
    #[arg(
        long = "alerts.per-alertname-limit",
        default_value_t = 0,
        value_name = "COUNT",
        allow_negative_numbers = true
    )]
    pub(crate) per_alertname: i64,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// Flags without effect here: accepted, so that a command line need not be changed.
#[derive(Args, Clone)]
pub(crate) struct Ignored {
    /// Accepted
    #[arg(long = "data.maintenance-interval", hide = true)]
    maintenance_interval: Option<String>,
    /// Accepted
    #[arg(long = "web.get-concurrency", hide = true)]
    get_concurrency: Option<String>,
    /// Accepted
    #[arg(long = "web.timeout", hide = true)]
    web_timeout: Option<String>,
    /// Accepted
    #[arg(long = "web.ui-path", hide = true)]
    ui_path: Option<String>,
    /// Accepted
    #[arg(long = "cluster.peer-timeout", hide = true)]
    peer_timeout: Option<String>,
    /// Accepted
    #[arg(long = "cluster.peers-resolve-timeout", hide = true)]
    peers_resolve_timeout: Option<String>,
    /// Accepted
    #[arg(long = "cluster.peer-name", hide = true)]
    peer_name: Option<String>,
    /// Accepted
    #[arg(long = "cluster.gossip-interval", hide = true)]
    gossip_interval: Option<String>,
    /// Accepted
    #[arg(long = "cluster.pushpull-interval", hide = true)]
    pushpull_interval: Option<String>,
    /// Accepted
    #[arg(long = "cluster.tcp-timeout", hide = true)]
    tcp_timeout: Option<String>,
    /// Accepted
    #[arg(long = "cluster.probe-timeout", hide = true)]
    probe_timeout: Option<String>,
    /// Accepted
    #[arg(long = "cluster.probe-interval", hide = true)]
    probe_interval: Option<String>,
    /// Accepted
    #[arg(long = "cluster.settle-timeout", hide = true)]
    settle_timeout: Option<String>,
    /// Accepted
    #[arg(long = "cluster.reconnect-interval", hide = true)]
    reconnect_interval: Option<String>,
    /// Accepted
    #[arg(long = "cluster.reconnect-timeout", hide = true)]
    reconnect_timeout: Option<String>,
    /// Accepted
    #[arg(long = "cluster.label", hide = true)]
    label: Option<String>,
    /// Accepted
    #[arg(long = "cluster.tls-config", hide = true)]
    tls_config: Option<String>,
    /// Accepted
    #[arg(long = "cluster.allow-insecure-public-advertise-address-discovery", hide = true, action = ArgAction::SetTrue)]
    insecure_advertise: bool,
    /// Accepted
    #[arg(long = "enable-feature", hide = true)]
    features: Vec<String>,
    /// Accepted
    #[arg(long = "auto-gomemlimit.ratio", hide = true)]
    gomemlimit_ratio: Option<String>,
}

/// Levels of Alertmanager's log.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LogLevel {
    /// Everything
    Debug,
    /// What happens
    Info,
    /// What may need attention
    Warn,
    /// What failed
    Error,
}

impl LogLevel {
    /// The name of the level in our log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Formats of Alertmanager's log.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines
    Logfmt,
    /// One JSON object a line
    Json,
}
