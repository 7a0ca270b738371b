//! `stentor up` and `stentor serve`: one node with its console.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use stentor_api::{App, IntakeToken, Options, router};
use stentor_domain::organisation::PersonRole;
use stentor_engine::{Engine, Notary, Places};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::failure::{Failure, print, say};
use crate::files::{self, Configuration, Unusable};
use crate::init;
use crate::node::{self, Location};
use crate::receivers::Receivers;

/// Start Stentor, creating the data directory when there is none, and print a link that signs you in.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor up\n  stentor up --dir /srv/stentor --listen 127.0.0.1:9000"
)]
pub(crate) struct Up {
    #[command(flatten)]
    serve: Serve,
}

/// Start a node of an existing data directory; it follows the configuration in force.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor serve --dir /srv/stentor --database postgres://stentor@db.example.org/stentor"
)]
pub(crate) struct Serve {
    #[command(flatten)]
    location: Location,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// A file with the token that senders of alerts must show; without it everybody who reaches the listener may send
    #[arg(long, value_name = "FILE")]
    intake_token_file: Option<PathBuf>,
    /// How much to log: error, warn, info, debug or trace, also by module
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    log_level: String,
    /// How to log
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
}

/// How long the end may wait for what is being finished.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// And so long for mirrors that are being written: nobody could verify what is there by half.
const LAST_PUSH: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

impl Up {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let dir = &self.serve.location.dir;
        if !init::exists(dir) {
            // Looked at first: the address is written into the example.
            drop(std::net::TcpListener::bind(self.serve.listen).map_err(|e| self.serve.taken(&e))?);
            let url = format!("http://{}", self.serve.listen);
            let fingerprint = init::create(dir, Some(&url))?;
            say(&format!(
                "Created {} with an example organisation.",
                dir.display()
            ));
            say(&format!("First trusted root: {fingerprint}"));
        }
        self.serve.run_and_greet(true)
    }
}

impl Serve {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        self.run_and_greet(false)
    }

    fn run_and_greet(self, greet: bool) -> Result<ExitCode, Failure> {
        self.log()?;
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::new)?;
        runtime.block_on(self.node(greet))?;
        runtime.shutdown_background();
        Ok(ExitCode::SUCCESS)
    }

    fn taken(&self, error: &std::io::Error) -> Failure {
        let listen = self.listen;
        Failure::new(format!(
            "cannot listen on {listen}: {error}; choose another with --listen"
        ))
    }

    fn log(&self) -> Result<(), Failure> {
        log(&self.log_level, self.log_format)
    }

    async fn node(self, greet: bool) -> Result<(), Failure> {
        let places = self.location.places()?;
        let configuration = files::read(&places.configuration()).map_err(Unusable::into_failure)?;
        let intake_token = self.intake_token()?;
        let _held = node::lock(&places)?;
        let listener = TcpListener::bind(self.listen)
            .await
            .map_err(|e| self.taken(&e))?;
        let address = listener.local_addr().map_err(Failure::new)?;
        let engine = self.location.engine(&places).await?;
        configuration.tell_notes();
        let receivers = Receivers::new(places.configuration());
        match in_force(&engine) {
            // Several nodes may serve one database: only `up`, SIGHUP and `stentor apply` change what is in force.
            Some(hash) if !greet => {
                warn_of_differing_files(&hash, &configuration);
                receivers.know(&configuration);
                if self.location.database.is_none() {
                    node::keep_contacts(&engine, &configuration).await?;
                }
            }
            _ => {
                receivers.know(&configuration);
                node::apply(&engine, configuration, "start", "").await?;
            }
        }
        // Before anybody can knock.
        engine.read_source_tokens(&places).await;
        receivers.follow(&engine);
        let head_key = node::key(&places.keys().join("head.key"))?;
        let notary = Notary::open(head_key, &places.heads()).map_err(Failure::new)?;
        let (stopping, stopped) = watch::channel(());
        let ended = || {
            let mut stopped = stopped.clone();
            async move {
                let _ = stopped.changed().await;
            }
        };
        let console_url = engine.read(|s| s.organisation().map(|o| o.console_url.clone()));
        let word = engine.start_workers(&places, ended());
        let external_url = console_url.as_deref().unwrap_or_default();
        let last = [
            engine.start_notifier(receivers.groups(), external_url, ended()),
            engine.join(&address.to_string(), env!("CARGO_PKG_VERSION"), ended()),
            tokio::spawn(notary.run(engine.clone(), ended())),
        ];
        tokio::spawn(receivers.clone().keep_following(engine.clone()));
        tokio::spawn(reload_on_hangup(engine.clone(), places, receivers));
        let options = Options {
            console_url: console_url.unwrap_or_default(),
            intake_token,
            ..Options::default()
        };
        let app = App::new(engine.clone(), options);
        let stop = stop()?;
        if greet {
            greet_operator(&engine, address).await?;
        }
        say(&format!("Listening on address={address}"));
        stentor_api::serve(listener, router(app), stop).await;
        drop(stopping);
        // The last head is signed within moments, or the disk is gone and waiting does not help.
        let finish = async {
            for task in last {
                let _ = task.await;
            }
        };
        let finish = tokio::time::timeout(LAST_WORDS, finish);
        let _ = tokio::join!(finish, tokio::time::timeout(LAST_PUSH, word));
        Ok(())
    }

    fn intake_token(&self) -> Result<Option<IntakeToken>, Failure> {
        let Some(path) = &self.intake_token_file else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
        let token = text.trim();
        if token.len() < 16 {
            let path = path.display();
            return Err(Failure::new(format!(
                "{path}: a token has at least 16 characters"
            )));
        }
        Ok(Some(IntakeToken::new(token)))
    }
}

/// Logs to stderr from now on.
pub(crate) fn log(level: &str, format: LogFormat) -> Result<(), Failure> {
    let filter =
        EnvFilter::try_new(level).map_err(|e| Failure::usage(format!("--log-level: {e}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

fn in_force(engine: &Engine) -> Option<String> {
    engine.read(|state| state.configuration.as_ref().map(|c| c.hash.clone()))
}

fn warn_of_differing_files(hash: &str, configuration: &Configuration) {
    let files = configuration.bundle.hash();
    if files != hash {
        tracing::warn!(
            in_force = hash,
            files,
            "the files of this node differ from the configuration in force; `stentor apply` puts them in force"
        );
    }
}

/// Prints the link that signs the first operator in.
async fn greet_operator(engine: &Engine, address: SocketAddr) -> Result<(), Failure> {
    let operator = engine.read(|state| {
        let people = state.organisation()?.people.values();
        people
            .clone()
            .find(|p| p.roles.contains(&PersonRole::Operator))
            .map(|p| p.id.clone())
    });
    let Some(operator) = operator else {
        return Ok(());
    };
    let link = engine
        .issue_sign_in(&operator)
        .await
        .map_err(Failure::new)?;
    print(&format!("http://{address}/sign-in/{}", link.reveal()));
    say(&format!(
        "Open the link above to sign in as {operator}; it works once, within the hour."
    ));
    Ok(())
}

/// SIGHUP reads the configuration again; one with problems is refused and the old one stays.
async fn reload_on_hangup(engine: Engine, places: Places, receivers: Receivers) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangup.recv().await.is_some() {
        let read = files::read(&places.configuration()).map_err(Unusable::into_failure);
        let applied = match read {
            Ok(configuration) => {
                configuration.tell_notes();
                receivers.know(&configuration);
                node::apply(&engine, configuration, "SIGHUP", "").await
            }
            Err(failure) => Err(failure),
        };
        match applied {
            Ok(true) => tracing::info!("the changed configuration is in force"),
            Ok(false) => tracing::info!("the configuration has not changed"),
            Err(failure) => tracing::error!("the configuration stays as it was: {failure}"),
        }
    }
}

/// Listens from now on for the request to end; the future completes when it comes.
pub(crate) fn stop() -> Result<impl Future<Output = ()>, Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::new)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::new)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}
