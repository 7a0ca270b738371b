//! What a follower is told to do: by `follow.toml`, by options, or both; an option counts more.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::Deserialize;

use super::mail;
use super::tell::Channel;
use crate::failure::Failure;
use crate::trust::TrustOptions;
use crate::verify::Output;

/// Bytes of `follow.toml`.
const CONFIG_BYTES: u64 = 65_536;
const SECONDS: std::ops::RangeInclusive<u64> = 1..=86_400;

/// Watch mirrors of a public word and tell its owner what changes.
///
/// Told are, once each: news, a word that nobody confirms any longer, a mirror that is not authentic or cannot be checked,
/// and that it is good again. The last verified word is kept in the state directory, below `word`. With --once the exit
/// codes are those of `verify`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor follow https://a.example https://b.example --root root.json --state ~/.stentor-follow --desktop\n  stentor follow --config /etc/stentor-follow.toml --once"
)]
pub struct Follow {
    /// The mirrors, each a URL or a directory
    mirror: Vec<String>,
    /// The settings, as TOML: mirrors, root, pin, pin_txt, state, interval_seconds, recheck_seconds, desktop, command, [mail]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustOptions,
    /// Where to keep what was seen and told, and the last verified word
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Seconds between two looks, give or take a tenth
    #[arg(long, value_name = "SECONDS")]
    interval: Option<u64>,
    /// Seconds after which a forgery or a silence is looked at again before it is told: an update on its way looks alike
    #[arg(long, value_name = "SECONDS")]
    recheck: Option<u64>,
    /// Tell by notifications on the desktop (notify-send)
    #[arg(long)]
    desktop: bool,
    /// Look once and end
    #[arg(long)]
    pub(super) once: bool,
    /// How to write to standard output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Tell by a command, started without a shell: facts in STENTOR_KIND, STENTOR_MIRROR, STENTOR_TEXT, STENTOR_AT,
    /// STENTOR_CONFIRMED_UNTIL and as JSON on standard input. Takes all words that follow
    #[arg(long, value_name = "WORD", num_args = 1.., allow_hyphen_values = true)]
    command: Vec<String>,
}

/// `follow.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    mirrors: Vec<String>,
    root: Option<String>,
    pin: Vec<String>,
    pin_txt: Vec<String>,
    state: Option<PathBuf>,
    interval_seconds: Option<u64>,
    recheck_seconds: Option<u64>,
    desktop: bool,
    command: Vec<String>,
    mail: Option<Mail>,
}

/// `[mail]`: a relay nearby, without encryption and password.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// `HOST` or `HOST:PORT`.
    relay: String,
    /// The sender.
    pub(crate) from: String,
    /// The receivers.
    pub(crate) to: Vec<String>,
}

impl Mail {
    /// Host and port.
    pub(crate) fn relay(&self) -> Result<(&str, u16), String> {
        let wrong = || format!("mail.relay {}: write HOST or HOST:PORT", self.relay);
        match self.relay.rsplit_once(':') {
            Some((host, port)) => Ok((host, port.parse().map_err(|_| wrong())?)),
            None => Ok((&self.relay, 25)),
        }
    }
}

/// What to do, complete and checked.
pub(super) struct Settings {
    pub(super) mirrors: Vec<String>,
    pub(super) trust: TrustOptions,
    pub(super) state: PathBuf,
    pub(super) interval: Duration,
    pub(super) recheck: Duration,
    pub(super) channels: Vec<Channel>,
}

impl Follow {
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        let file = match &self.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        let pick = |option: &Vec<String>, file: Vec<String>| {
            if option.is_empty() {
                file
            } else {
                option.clone()
            }
        };
        let seconds = |option: Option<u64>, file: Option<u64>, usual: u64, least: u64| {
            let seconds = option.or(file).unwrap_or(usual);
            if seconds < least || seconds > *SECONDS.end() {
                return Err(Failure::usage(format!(
                    "{seconds} seconds: between {least} and {}",
                    SECONDS.end()
                )));
            }
            Ok(Duration::from_secs(seconds))
        };
        let mut channels = vec![Channel::Log(self.output)];
        if self.desktop || file.desktop {
            channels.push(Channel::Desktop {
                program: "notify-send".to_owned(),
            });
        }
        let command = pick(&self.command, file.command);
        if !command.is_empty() {
            channels.push(Channel::Command(command));
        }
        if let Some(mail) = file.mail {
            if !mail::HERE {
                return Err(Failure::usage(
                    "[mail]: this small program is built without mail; use `stentor follow`, or a command",
                ));
            }
            mail.relay().map_err(Failure::usage)?;
            if mail.from.is_empty() || mail.to.is_empty() {
                return Err(Failure::usage(
                    "[mail]: name a sender, from, and at least one receiver, to",
                ));
            }
            channels.push(Channel::Mail(mail));
        }
        Ok(Settings {
            mirrors: pick(&self.mirror, file.mirrors),
            trust: TrustOptions {
                root: self.trust.root.clone().or(file.root),
                pin: pick(&self.trust.pin, file.pin),
                pin_txt: pick(&self.trust.pin_txt, file.pin_txt),
            },
            state: self
                .state
                .clone()
                .or(file.state)
                .ok_or_else(|| Failure::usage("say where to keep what was seen: --state DIR"))?,
            interval: seconds(self.interval, file.interval_seconds, 300, *SECONDS.start())?,
            recheck: seconds(self.recheck, file.recheck_seconds, 60, 0)?,
            channels,
        })
    }
}

fn read(path: &Path) -> Result<File, Failure> {
    let usage = |why: String| Failure::usage(format!("{}: {why}", path.display()));
    let size = std::fs::metadata(path)
        .map_err(|e| usage(e.to_string()))?
        .len();
    if size > CONFIG_BYTES {
        return Err(usage(format!("larger than {CONFIG_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| usage(e.to_string()))?;
    toml::from_str(&text).map_err(|e| usage(e.to_string()))
}
