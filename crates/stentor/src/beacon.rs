//! `stentor beacon`: confirms from an independent site that the last word still stands. Holds a timestamp key, knows
//! mirrors, and needs nothing else of ours.

mod configuration;
mod health;
mod place;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use stentor_engine::{Clock, SystemClock};
use stentor_publish::{Beacon as Signer, BeaconSettings, Round, Signing};
use tokio::net::TcpListener;

use crate::failure::{Failure, print, say};
use crate::serve::{self, LogFormat};
use configuration::Configuration;
use health::Health;

/// Confirm from an independent site that the last public word still stands, and keep a copy of it there.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor beacon --config /etc/stentor/beacon.toml\n  stentor beacon --config beacon.toml --once"
)]
pub(crate) struct Beacon {
    /// Its configuration; what it names is relative to it
    #[arg(long, default_value = "beacon.toml", value_name = "FILE")]
    config: PathBuf,
    /// Do one round, print what came of it, and end: 0 when all is well, 1 when not
    #[arg(long)]
    once: bool,
    /// How much to log: error, warn, info, debug or trace, also by module
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    log_level: String,
    /// How to log
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
}

impl Beacon {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        serve::log(&self.log_level, self.log_format)?;
        // One thread: it waits most of the time.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::new)?;
        let code = runtime.block_on(self.beacon())?;
        runtime.shutdown_background();
        Ok(code)
    }

    async fn beacon(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::read(&self.config)?;
        let _held = configuration.lock()?;
        let mut beacon = open(&configuration)?;
        let health = Arc::new(Health::new(&configuration));
        if self.once {
            let now = SystemClock.now();
            let round = beacon.round(now).await.map_err(Failure::new)?;
            print(&health.note(&round, now));
            health.write().map_err(Failure::new)?;
            let well = round.is_well(now);
            return Ok(if well {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        if let Some(address) = configuration.listen {
            listen(address, Arc::clone(&health)).await?;
        }
        say("The beacon is lit");
        let mut stop = std::pin::pin!(serve::stop()?);
        loop {
            let now = SystemClock.now();
            let round = tokio::select! {
                round = beacon.round(now) => round,
                () = &mut stop => break,
            };
            match round {
                Ok(round) => {
                    tell(&round, &health);
                    health.note(&round, now);
                }
                Err(error) => {
                    tracing::error!(%error, "nothing was signed");
                    health.failed(&error.to_string());
                }
            }
            if let Err(error) = health.write() {
                tracing::warn!(%error, "the status file was not written");
            }
            tokio::select! {
                () = tokio::time::sleep(configuration.interval) => {}
                () = &mut stop => break,
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn open(configuration: &Configuration) -> Result<Signer, Failure> {
    let settings = BeaconSettings {
        root: configuration.root.clone(),
        key: &configuration.key,
        places: place::open_all(configuration)?,
        timeout: configuration.timeout,
        state: configuration.state.clone(),
        always: configuration.always,
    };
    Signer::open(settings).map_err(Failure::new)
}

/// What changed since the round before is worth a line.
fn tell(round: &Round, health: &Health) {
    let (snapshot, timestamp) = (round.snapshot, round.timestamp);
    match &round.signing {
        Signing::Signed => {
            tracing::info!(snapshot, timestamp, "signed: the last word still stands")
        }
        Signing::NotDue => tracing::debug!(snapshot, timestamp, "the publisher is well"),
        Signing::NothingSeen => tracing::error!("no mirror shows a word that can be verified"),
        Signing::NotNamed => {
            tracing::error!("the newest root does not name this key: it may not sign any more");
        }
        Signing::SnapshotExpired => tracing::error!(
            snapshot,
            "the snapshot has expired: only the publisher can sign a new one"
        ),
        Signing::ClockBehind(behind) => tracing::error!(%behind, "not signed"),
    }
    for (mirror, why) in &round.unseen {
        if health.is_news(mirror, Some(why)) {
            tracing::warn!(mirror, why, "a mirror could not be read or verified");
        }
    }
    for outcome in &round.written {
        let mirror = &outcome.mirror;
        match &outcome.result {
            Ok(_) if health.is_news(mirror, None) => {
                tracing::info!(mirror, "a mirror shows the last word")
            }
            Err(why) if health.is_news(mirror, Some(&why.to_string())) => {
                tracing::warn!(mirror, %why, "a mirror does not show the last word");
            }
            _ => {}
        }
    }
}

async fn listen(address: SocketAddr, health: Arc<Health>) -> Result<(), Failure> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|e| Failure::new(format!("cannot listen on {address}: {e}")))?;
    let address = listener.local_addr().map_err(Failure::new)?;
    say(&format!("Listening on address={address}"));
    tokio::spawn(stentor_api::serve(
        listener,
        health::router(health),
        std::future::pending(),
    ));
    Ok(())
}
