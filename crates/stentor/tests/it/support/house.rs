//! A data directory of its own, made by `stentor init` and changed as an operator would.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use stentor_testkit::postgres::PrivatePostgres;
use stentor_testkit::process::{Process, free_address};
use tempfile::TempDir;
use tokio::process::Command;

use super::{Outside, clock};

/// What the journal is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// One installation.
#[derive(Debug)]
pub(crate) struct House {
    folder: TempDir,
    /// Where it listens, also after a restart.
    pub(crate) address: SocketAddr,
    /// The database's URL, when it is not SQLite.
    pub(crate) database: Option<String>,
    /// By how much the clock of its programs is wrong.
    pub(crate) shift: Option<&'static str>,
}

/// The program, away from the environment of whoever runs the tests.
pub(crate) fn stentor() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stentor"));
    command.env_remove("STENTOR_DATABASE");
    command
}

/// Runs a command to its end.
pub(crate) async fn run(mut command: Command) -> Ran {
    let output = command.output().await.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl House {
    /// The example organisation with three people in known turns: ada is paged first, then ben and dora.
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::at(engine, None).await
    }

    /// The same, made at another time.
    pub(crate) async fn at(engine: Engine, shift: Option<&'static str>) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let made = || PrivatePostgres::shared().database();
                Some(tokio::task::spawn_blocking(made).await.unwrap())
            }
        };
        let house = Self {
            folder: tempfile::tempdir().unwrap(),
            address: free_address(),
            database,
            shift,
        };
        let mut init = stentor();
        house.set_clock(&mut init);
        init.arg("init").arg(house.dir());
        let ran = run(init).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        let url = format!("console_url = \"http://{}\"", house.address);
        house.change(
            "stentor.toml",
            "console_url = \"http://127.0.0.1:8080\"",
            &url,
        );
        house.change("oncall.toml", "[\"ada\", \"ben\", \"cleo\"]", "[\"ada\"]");
        house.change("oncall.toml", "[\"ben\", \"cleo\", \"dora\"]", "[\"ben\"]");
        house
    }

    /// Lets messages out to a mail server and a webhook receiver on loopback.
    pub(crate) fn connect(&self, outside: &Outside) {
        self.change(
            "stentor.toml",
            "# [network]\n# allow = [\"10.20.0.0/16\"]",
            "[network]\nallow = [\"127.0.0.0/8\"]",
        );
        let email = format!(
            "\n[email]\nhost = \"localhost\"\nport = {}\nfrom = \"stentor@example.org\"\ntls = \"starttls\"\n\
             username = \"stentor\"\npassword = {{ file = \"secrets/smtp-password\" }}\nca_file = \"mail-ca.pem\"\n",
            outside.smtp_port
        );
        self.append("stentor.toml", &email);
        self.write("mail-ca.pem", &outside.ca_pem);
        self.write("secrets/smtp-password", &outside.password);
        self.write("secrets/webhook", &outside.webhook_secret);
        for person in ["ada", "ben", "cleo", "dora"] {
            let address = format!("email = \"{person}@example.org\"\n");
            let more = format!(
                "{address}webhook_url = \"{}\"\nwebhook_secret = {{ file = \"secrets/webhook\" }}\n",
                outside.webhook_url
            );
            self.change("contacts.toml", &address, &more);
        }
    }

    /// Waits so long for the first level, for the second so long that it is never over, and does not begin anew.
    pub(crate) fn escalate_after(&self, seconds: u32) {
        self.change("oncall.toml", "rounds = 3", "rounds = 1");
        let first = "schedule = \"primary\"\nwait = \"5m\"";
        let short = format!("schedule = \"primary\"\nwait = \"{seconds}s\"");
        self.change("oncall.toml", first, &short);
    }

    /// The data directory.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Something else in the same temporary folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The root that readers pin.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir().join("repository/root.json")
    }

    /// A mirror's directory.
    pub(crate) fn mirror(&self, name: &str) -> PathBuf {
        self.dir().join("mirrors").join(name)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir().join("config").join(name)
    }

    /// The text of a file of the configuration.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Writes a file of the configuration for its owner only.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
        fs::set_permissions(self.file(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Replaces what stands exactly once in a file of the configuration.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {name}");
        self.write(name, &text.replace(from, to));
    }

    /// Adds to a file of the configuration.
    pub(crate) fn append(&self, name: &str, text: &str) {
        self.write(name, &(self.read(name) + text));
    }

    fn set_clock(&self, command: &mut Command) {
        if let Some(by) = self.shift {
            clock::shift(command, by);
        }
    }

    /// A command on this installation.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = stentor();
        self.set_clock(&mut command);
        command.args(args).arg("--dir").arg(self.dir());
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command
    }

    /// Runs a command on this installation to its end.
    pub(crate) async fn run(&self, args: &[&str]) -> Ran {
        run(self.command(args)).await
    }

    /// The command that starts a node.
    pub(crate) fn serve_command(&self, verb: &str) -> Command {
        self.command(&[verb, "--listen", &self.address.to_string()])
    }

    /// Starts a node and waits until it listens.
    pub(crate) async fn serve(&self) -> Process {
        listening(self.serve_command("serve")).await
    }
}

/// Starts a node and waits until it listens.
pub(crate) async fn listening(command: Command) -> Process {
    let server = Process::spawn(command);
    server.wait_for_stderr("Listening on").await;
    server
}

/// Ends a node as systemd does.
pub(crate) async fn stop(mut server: Process) {
    server.signal("TERM").await;
    let status = server.wait().await;
    assert!(status.success(), "{status}: {:#?}", server.stderr.all());
}
