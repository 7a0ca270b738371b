//! The ways in which the owner of a follower is told.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use stentor_verify::printable;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::news::{Kind, Message};
use super::options::Mail;
use crate::failure::print;
use crate::verify::Output;

/// How long one message may take on one channel.
const PATIENCE: Duration = Duration::from_secs(60);

/// One way to tell.
pub(crate) enum Channel {
    /// Lines on standard output.
    Log(Output),
    /// A notification on the desktop.
    Desktop {
        /// The program that shows it.
        program: String,
    },
    /// A program of the owner's.
    Command(Vec<String>),
    /// Mail by a relay nearby.
    Mail(Mail),
}

impl Channel {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Log(_) => "log",
            Self::Desktop { .. } => "desktop",
            Self::Command(_) => "command",
            Self::Mail(_) => "mail",
        }
    }

    /// Tells one message.
    ///
    /// # Errors
    /// Why it was not taken; it is then tried again with the next look.
    pub(crate) async fn tell(&self, message: &Message) -> Result<(), String> {
        match self {
            Self::Log(output) => {
                print(&match output {
                    Output::Text => line(message),
                    Output::Json => facts(message).to_string(),
                });
                Ok(())
            }
            Self::Desktop { program } => run(&desktop(program, message), message).await,
            Self::Command(argv) => run(argv, message).await,
            Self::Mail(mail) => {
                let sent = super::mail::send(mail, subject(message), body(message));
                timeout(PATIENCE, sent)
                    .await
                    .map_err(|_| "the relay does not answer".to_owned())?
            }
        }
    }
}

/// A message as JSON: what a command reads on its standard input.
fn facts(message: &Message) -> serde_json::Value {
    json!({
        "kind": message.kind,
        "mirror": message.mirror,
        "text": message.text,
        "at": message.at,
        "confirmed_until": message.confirmed_until,
    })
}

fn line(message: &Message) -> String {
    let text: Vec<_> = message.text.lines().map(printable).collect();
    format!(
        "{} {}: {}",
        message.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        message.kind.name(),
        text.join("\n    ")
    )
}

fn subject(message: &Message) -> String {
    let first = printable(message.text.lines().next().unwrap_or_default());
    let short: String = first.chars().take(120).collect();
    format!("[public word] {}: {short}", message.kind.name())
}

fn body(message: &Message) -> String {
    let mut text: String = message.text.lines().map(|l| printable(l) + "\n").collect();
    text.push_str(&format!(
        "\nSeen at {}.\n",
        message.at.strftime("%Y-%m-%d %H:%M UTC")
    ));
    text
}

/// `notify-send` with the message; what looks like markup in it is shown as text.
fn desktop(program: &str, message: &Message) -> Vec<String> {
    let urgency = match message.kind {
        Kind::Forged | Kind::Stale | Kind::Unreachable => "critical",
        Kind::News | Kind::Back => "normal",
    };
    let escaped = body(message)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    [
        program,
        "--app-name=Stentor",
        &format!("--urgency={urgency}"),
        "--",
        &subject(message),
        &escaped,
    ]
    .map(str::to_owned)
    .into()
}

/// Runs a program without a shell, with the facts in its environment and as JSON on its standard input.
async fn run(argv: &[String], message: &Message) -> Result<(), String> {
    let [program, arguments @ ..] = argv else {
        return Err("there is no command".to_owned());
    };
    let failed = |e: std::io::Error| format!("{program}: {e}");
    let text: Vec<_> = message.text.lines().map(printable).collect();
    let until = message.confirmed_until.map(|t| t.to_string());
    let mut child = Command::new(program)
        .args(arguments)
        .env("STENTOR_KIND", message.kind.name())
        .env(
            "STENTOR_MIRROR",
            message.mirror.as_deref().unwrap_or_default(),
        )
        .env("STENTOR_TEXT", text.join("\n"))
        .env("STENTOR_AT", message.at.to_string())
        .env("STENTOR_CONFIRMED_UNTIL", until.unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let told = async {
        if let Some(mut stdin) = child.stdin.take() {
            let bytes = facts(message).to_string();
            // A command that does not want to read it has its reasons.
            let _ = stdin.write_all(bytes.as_bytes()).await;
        }
        child.wait().await
    };
    match timeout(PATIENCE, told).await {
        Err(_) => Err(format!(
            "{program}: not done within {} s",
            PATIENCE.as_secs()
        )),
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("{program}: {status}")),
        Ok(Err(e)) => Err(failed(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forged() -> Message {
        Message {
            kind: Kind::Forged,
            mirror: Some("m".to_owned()),
            text: "m is <b>bad</b> & worse\u{1b}[2J\n  - second".to_owned(),
            at: "2026-11-21T02:10:00Z".parse().unwrap(),
            confirmed_until: None,
        }
    }

    #[test]
    fn strangers_words_are_shown_and_do_nothing() {
        let shown = desktop("notify-send", &forged());
        assert_eq!(shown[2..4], ["--urgency=critical", "--"]);
        assert_eq!(
            shown[4],
            "[public word] forged: m is <b>bad</b> & worse\u{fffd}[2J"
        );
        assert!(
            shown[5]
                .starts_with("m is &lt;b&gt;bad&lt;/b&gt; &amp; worse\u{fffd}[2J\n  - second\n")
        );
        assert_eq!(
            line(&forged()),
            "2026-11-21T02:10:00Z forged: m is <b>bad</b> & worse\u{fffd}[2J\n      - second"
        );
    }

    #[tokio::test]
    async fn a_command_gets_the_facts_and_no_shell() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("a file; $HOME");
        let script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['STENTOR_KIND'] + sys.stdin.read())";
        let argv = ["python3", "-c", script, out.to_str().unwrap()].map(str::to_owned);
        Channel::Command(argv.into()).tell(&forged()).await.unwrap();
        let written = std::fs::read_to_string(out).unwrap();
        let json = written.strip_prefix("forged").unwrap();
        let facts: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(
            (&facts["kind"], &facts["mirror"]),
            (&"forged".into(), &"m".into())
        );
        for (argv, part) in [
            (vec!["false"], "exit status: 1"),
            (vec!["absent-program"], "No such file"),
            (vec![], "no command"),
        ] {
            let argv = argv.into_iter().map(str::to_owned).collect();
            let why = Channel::Command(argv).tell(&forged()).await.unwrap_err();
            assert!(why.contains(part), "{why}");
        }
    }
}
