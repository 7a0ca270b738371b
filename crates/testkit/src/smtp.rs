//! A real SMTP server (aiosmtpd) that keeps what it gets and can misbehave.

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::authority::Authority;
use crate::collected::Collected;
use crate::process::Process;
use crate::python::python_venv;

/// What the server offers.
#[derive(Clone, Debug)]
pub struct Options {
    /// `starttls`, `implicit` or `none`.
    pub tls: &'static str,
    /// User name and password it demands.
    pub login: Option<(String, String)>,
    /// Of `PLAIN` and `LOGIN`, what it offers.
    pub mechanisms: Vec<&'static str>,
}

impl Default for Options {
    /// No encryption, no login.
    fn default() -> Self {
        Self {
            tls: "none",
            login: None,
            mechanisms: vec!["PLAIN", "LOGIN"],
        }
    }
}

/// Where in the dialogue a fault happens.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// At `MAIL FROM`.
    Mail,
    /// At `RCPT TO`.
    Rcpt,
    /// When the whole mail was sent.
    Data,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This reply, such as `451 4.7.1 try later`.
    Reply(&'static str),
    /// No reply at all.
    Hang,
    /// The connection breaks before the mail is kept.
    Drop,
    /// The mail is kept, but the connection breaks before the reply (only at [`Stage::Data`]).
    Lose,
}

/// A mail that was accepted.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The sender of the envelope.
    pub mail_from: String,
    /// The recipients of the envelope.
    pub rcpt_to: Vec<String>,
    /// Whether it came encrypted.
    pub tls: bool,
    /// Who was logged in.
    pub user: Option<String>,
    /// The name the client greeted with.
    pub helo: String,
    /// The header fields, decoded by Python's parser.
    pub headers: Vec<(String, String)>,
    /// The body in plain text, decoded; empty when there is none.
    pub text: String,
    /// The body in HTML, decoded; empty when there is none.
    pub html: String,
    /// The mail as it came.
    pub raw: String,
}

impl Mail {
    /// Every value of a header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Vec<&str> {
        let same = |(n, _): &&(String, String)| n.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(same)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The one Message-ID.
    ///
    /// # Panics
    /// When there is not exactly one.
    #[must_use]
    pub fn message_id(&self) -> &str {
        match self.header("Message-ID")[..] {
            [id] => id,
            ref other => panic!("one Message-ID expected: {other:?}"),
        }
    }
}

/// The server. It ends when this is dropped.
#[derive(Debug)]
pub struct Smtp {
    process: Process,
    authority: Authority,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    planned: usize,
}

impl Smtp {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(options: Options) -> Self {
        let python = tokio::task::spawn_blocking(|| python_venv("smtp", &["aiosmtpd==1.4.6"]))
            .await
            .expect("a virtual environment");
        let authority = Authority::new(&["localhost", "127.0.0.1"]);
        let (user, password) = options.login.unzip();
        let settings = json!({
            "tls": options.tls,
            "user": user,
            "password": password,
            "mechanisms": options.mechanisms,
            "cert": authority.certificate(),
            "key": authority.key(),
        });
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("py/smtp_receiver.py");
        let mut command = Command::new(python);
        command
            .arg("-W")
            .arg("ignore")
            .arg(script)
            .arg(settings.to_string());
        let process = Process::spawn(command);
        let ready = process.wait_for_stdout("\"ready\"").await;
        let port = parse(&ready)["port"]
            .as_u64()
            .and_then(|p| u16::try_from(p).ok());
        Self {
            process,
            authority,
            port: port.expect("the server says its port"),
            planned: 0,
        }
    }

    /// The CA that signed its certificate for `localhost` and `127.0.0.1`.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.authority.ca_pem
    }

    /// Plans a fault for the next `times` mails that come so far; `None` for all.
    pub async fn plan(&mut self, stage: Stage, fault: Fault, times: Option<u32>) {
        let stage = match stage {
            Stage::Mail => "mail",
            Stage::Rcpt => "rcpt",
            Stage::Data => "data",
        };
        let mut plan = json!({ "stage": stage, "times": times });
        match fault {
            Fault::Reply(reply) => plan["reply"] = reply.into(),
            Fault::Hang => plan["do"] = "hang".into(),
            Fault::Drop => plan["do"] = "drop".into(),
            Fault::Lose => plan["do"] = "lose".into(),
        }
        self.tell(&plan).await;
    }

    /// Forgets all planned faults.
    pub async fn forget_plans(&mut self) {
        self.tell(&json!({ "do": "forget" })).await;
    }

    async fn tell(&mut self, plan: &Value) {
        self.process.write_line(&plan.to_string()).await;
        self.planned += 1;
        let planned = self.planned;
        self.events()
            .wait("the plan to be taken", |lines| {
                let taken = lines.iter().filter(|line| is(line, "planned")).count();
                (taken >= planned).then_some(())
            })
            .await;
    }

    /// The mails accepted so far.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        mails(&self.events().all())
    }

    /// Waits until at least so many mails were accepted, and gives all.
    pub async fn wait_for_mails(&self, count: usize) -> Vec<Mail> {
        self.events()
            .wait(&format!("{count} mails"), |lines| {
                Some(mails(lines)).filter(|mails| mails.len() >= count)
            })
            .await
    }

    /// What it reported of mails it refused: `stage` and, as far as known, `from`, `to`, `message_id`.
    #[must_use]
    pub fn refused(&self) -> Vec<Value> {
        self.reports("refused")
    }

    /// What it reported of logins: `mechanism`, `user`, `ok`.
    #[must_use]
    pub fn logins(&self) -> Vec<Value> {
        self.reports("login")
    }

    fn events(&self) -> &Collected<String> {
        &self.process.stdout
    }

    fn reports(&self, event: &str) -> Vec<Value> {
        let lines = self.events().all();
        lines
            .iter()
            .filter(|line| is(line, event))
            .map(|line| parse(line))
            .collect()
    }
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn is(line: &str, event: &str) -> bool {
    line.starts_with(&format!("{{\"event\": \"{event}\""))
}

fn mails(lines: &[String]) -> Vec<Mail> {
    lines
        .iter()
        .filter(|line| is(line, "mail"))
        .map(|line| mail(&parse(line)))
        .collect()
}

fn mail(event: &Value) -> Mail {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    Mail {
        mail_from: text(&event["mail_from"]),
        rcpt_to: list(&event["rcpt_to"]).iter().map(text).collect(),
        tls: event["tls"] == true,
        user: event["user"].as_str().map(str::to_owned),
        helo: text(&event["helo"]),
        headers: list(&event["headers"])
            .iter()
            .map(|pair| (text(&pair[0]), text(&pair[1])))
            .collect(),
        text: text(&event["text"]),
        html: text(&event["html"]),
        raw: text(&event["raw"]),
    }
}
