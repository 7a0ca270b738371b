//! `stentor alertmanager`: a drop-in for the `alertmanager` program.

mod cluster;
mod flags;
mod storage;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use stentor_api::{App, OperatorLimits, Options, Reload, Surface, router};
use stentor_domain::bundle::alertmanager::{Cut, Note, cut_with, go_period_ms, with_templates};
use stentor_domain::bundle::{Bundle, Problem};
use stentor_domain::command::Command;
use stentor_domain::world::World;
use stentor_engine::{Engine, LiveGroups, Notary};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::failure::{Failure, say};
use crate::node;
use crate::serve::stop;
use crate::template_files;
use flags::{Flags, LogFormat};

/// The name of the configuration in the bundle, whatever the file is called.
const NAME: &str = "alertmanager.yml";

/// How long the end may wait for what is being finished.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Run as a drop-in for the `alertmanager` program.
#[derive(Args)]
pub(crate) struct Alertmanager {
    #[command(flatten)]
    flags: Flags,
}

impl Alertmanager {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        self.log()?;
        cluster::check(&self.flags)?;
        let retention_ms = go_period_ms(&self.flags.retention).ok_or_else(|| {
            let given = &self.flags.retention;
            Failure::usage(format!(
                "--data.retention: {given:?} is not a duration such as 120h"
            ))
        })?;
        if !self.flags.web_config.is_empty() {
            return Err(Failure::usage(
                "--web.config.file is not supported; put a reverse proxy with TLS and passwords before Stentor",
            ));
        }
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::new)?;
        runtime.block_on(self.serve(retention_ms))?;
        runtime.shutdown_background();
        Ok(ExitCode::SUCCESS)
    }

    fn log(&self) -> Result<(), Failure> {
        let filter = EnvFilter::try_new(self.flags.log_level.name()).map_err(Failure::new)?;
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(std::io::stderr);
        match self.flags.log_format {
            LogFormat::Logfmt => log.init(),
            LogFormat::Json => log.json().init(),
        }
        Ok(())
    }

    async fn serve(self, retention_ms: i64) -> Result<(), Failure> {
        let flags = &self.flags;
        let first = Routing::read(&flags.config_file)?;
        first.tell_notes();
        let places = storage::prepare(&flags.storage_path)?;
        let _held = node::lock(&places)?;
        let mut listeners = Vec::new();
        for address in &flags.listen {
            listeners.push(listen(address).await?);
        }
        let addresses: Vec<SocketAddr> = listeners
            .iter()
            .filter_map(|l| l.local_addr().ok())
            .collect();
        let engine = storage::engine(&places, flags.database.as_deref()).await?;
        let base = flags.config_file.parent().map(PathBuf::from);
        let groups = LiveGroups::unguarded(base.unwrap_or_default());
        let routing = Arc::new(Reader {
            engine: engine.clone(),
            file: flags.config_file.clone(),
            groups: Arc::clone(&groups),
        });
        routing.apply(first, "start").await?;

        let (stopping, stopped) = watch::channel(());
        let ended = || {
            let mut stopped = stopped.clone();
            async move {
                let _ = stopped.changed().await;
            }
        };
        let external_url = self.external_url(addresses.first());
        engine.start_clock();
        engine.start_watch();
        let mut last = vec![
            engine.start_notifier(groups, &external_url, ended()),
            engine.join(&self.cluster_address(), env!("CARGO_PKG_VERSION"), ended()),
        ];
        let head_key = node::key(&places.keys().join("head.key"))?;
        let notary = Notary::open(head_key, &places.heads()).map_err(Failure::new)?;
        last.push(tokio::spawn(notary.run(engine.clone(), ended())));
        tokio::spawn(reload_on_hangup(Arc::clone(&routing)));
        let most = |given: i64| usize::try_from(given).unwrap_or_default();
        let options = Options {
            cors_origins: flags.cors_origins.clone(),
            limits: OperatorLimits {
                silences: most(flags.max_silences),
                silence_bytes: most(flags.max_silence_bytes),
                per_alertname: most(flags.per_alertname),
            },
            route_prefix: self.prefix(&external_url),
            console_url: external_url,
            surface: Surface::Alertmanager,
            reload: Some(routing),
            show_ended_ms: Some(retention_ms),
            ..Options::default()
        };
        let router = router(App::new(engine, options));
        let end = stop()?;
        for address in &addresses {
            say(&format!("msg=\"Listening on\" address={address}"));
        }
        let servers = listeners
            .into_iter()
            .map(|listener| tokio::spawn(stentor_api::serve(listener, router.clone(), ended())));
        let servers: Vec<_> = servers.collect();
        end.await;
        drop(stopping);
        let finish = async {
            for task in servers.into_iter().chain(last) {
                let _ = task.await;
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, finish).await;
        Ok(())
    }

    /// How others know this process.
    fn cluster_address(&self) -> String {
        let advertised = self.flags.cluster_advertise.as_ref();
        // An empty address to listen at means that there is no cluster.
        match advertised.filter(|a| !a.is_empty() && !self.flags.cluster_listen.is_empty()) {
            Some(address) => address.clone(),
            None => self.flags.cluster_listen.clone(),
        }
    }

    fn external_url(&self, address: Option<&SocketAddr>) -> String {
        let given = self.flags.external_url.as_deref();
        if let Some(url) = given.filter(|url| url.contains("://")) {
            return url.trim_end_matches('/').to_owned();
        }
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
        let host = host.map_or_else(|_| "localhost".to_owned(), |h| h.trim().to_owned());
        let port = address.map_or(9093, SocketAddr::port);
        let path = given.unwrap_or_default().trim_matches('/');
        let path = if path.is_empty() {
            String::new()
        } else {
            format!("/{path}")
        };
        format!("http://{host}:{port}{path}")
    }

    fn prefix(&self, external_url: &str) -> String {
        if let Some(prefix) = &self.flags.route_prefix {
            return prefix.trim_matches('/').to_owned();
        }
        let rest = external_url.split_once("://").map_or("", |(_, rest)| rest);
        rest.split_once('/')
            .map_or_else(String::new, |(_, path)| path.to_owned())
    }
}

/// Listens at an address as Go writes it: `:9093` means every interface.
async fn listen(address: &str) -> Result<TcpListener, Failure> {
    let full = match address.strip_prefix(':') {
        Some(port) => format!("[::]:{port}"),
        None => address.to_owned(),
    };
    let trouble = |e: &std::io::Error| {
        Failure::new(format!(
            "cannot listen on {address}: {e}; choose another with --web.listen-address"
        ))
    };
    match TcpListener::bind(&full).await {
        Ok(listener) => Ok(listener),
        // A machine without IPv6.
        Err(_) if address.starts_with(':') => TcpListener::bind(format!("0.0.0.0{address}"))
            .await
            .map_err(|e| trouble(&e)),
        Err(error) => Err(trouble(&error)),
    }
}

/// A configuration file without its secrets, and the secrets.
struct Routing {
    bundle: Bundle,
    cut: Cut,
}

impl Routing {
    fn read(file: &Path) -> Result<Self, Failure> {
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|e| Failure::new(format!("{shown}: {e}; name the file with --config.file")))?;
        let refuse = |problems: Vec<Problem>| refused(&shown, &problems);
        let beside = file.parent().unwrap_or(Path::new(""));
        let templates = template_files::read(NAME, &text, beside).map_err(refuse)?;
        let mut cut = cut_with(NAME, &text, &templates.library).map_err(refuse)?;
        cut.notes.extend(templates.notes);
        cut.notes.sort();
        let mut files = BTreeMap::from([(NAME.to_owned(), cut.text.clone())]);
        let templates = BTreeMap::from([(NAME.to_owned(), templates.files)]);
        with_templates(&mut files, &templates);
        let bundle = Bundle::new(files).map_err(|problems| refused(&shown, &problems))?;
        bundle
            .organisation()
            .map_err(|problems| refused(&shown, &problems))?;
        Ok(Self { bundle, cut })
    }

    /// Says what works otherwise than in Alertmanager.
    fn tell_notes(&self) {
        for note in &self.cut.notes {
            tracing::warn!("{}", told(note));
        }
    }
}

fn told(note: &Note) -> String {
    note.to_string()
}

fn refused(file: &str, problems: &[Problem]) -> Failure {
    let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    let count = problems.len();
    Failure::new(format!(
        "{file} has {count} problem(s):\n{}",
        lines.join("\n")
    ))
}

/// Brings the configuration file into force.
struct Reader {
    engine: Engine,
    file: PathBuf,
    groups: Arc<LiveGroups>,
}

impl Reader {
    async fn apply(&self, routing: Routing, reason: &str) -> Result<(), Failure> {
        // The secrets first: what comes into force must find them.
        self.groups.know(routing.cut.secrets);
        let unchanged = node::is_in_force(&self.engine, &routing.bundle);
        let command = Command::Apply {
            bundle: routing.bundle,
            by: "alertmanager".to_owned(),
            reason: reason.to_owned(),
        };
        let done = self.engine.submit(World::Live, command).await;
        done.map_err(Failure::new)?;
        if unchanged {
            // Nothing changed; as Alertmanager does it, times count anew all the same.
            self.engine.regroup();
        }
        Ok(())
    }

    async fn read_again(&self, reason: &str) -> Result<(), Failure> {
        let routing = Routing::read(&self.file)?;
        routing.tell_notes();
        self.apply(routing, reason).await
    }
}

impl Reload for Reader {
    fn reload(&self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>> {
        Box::pin(async {
            let done = self.read_again("POST /-/reload").await;
            done.map_err(|failure| failure.to_string())
        })
    }
}

/// SIGHUP reads the configuration again; one with problems is refused and the old one stays.
async fn reload_on_hangup(reader: Arc<Reader>) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangup.recv().await.is_some() {
        match reader.read_again("SIGHUP").await {
            Ok(()) => tracing::info!("Completed loading of configuration file"),
            Err(failure) => tracing::error!("the configuration stays as it was: {failure}"),
        }
    }
}
