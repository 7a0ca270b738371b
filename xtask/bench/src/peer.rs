//! The programs that take an alertmanager.yml, measured in turn.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use stentor_testkit::postgres::PrivatePostgres;

use crate::alertmanager::{self, Groups};
use crate::failure::{Failure, trying};
use crate::server::Server;
use crate::stats::median;
use crate::stentor;

/// Whatever a start leaves to do in the background is over after this.
const SETTLED: Duration = Duration::from_secs(1);

/// A program under measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Alertmanager,
    Sqlite,
    Postgres,
}

/// All of them.
pub(crate) const ALL: [Peer; 3] = [Peer::Alertmanager, Peer::Sqlite, Peer::Postgres];

/// Those without a database of their own.
pub(crate) const TWO: [Peer; 2] = [Peer::Alertmanager, Peer::Sqlite];

/// What a program is started with.
pub(crate) struct Setup<'a> {
    pub(crate) groups: Groups,
    /// Who is told; nobody when `None`.
    pub(crate) sink: Option<SocketAddr>,
    /// Rules of inhibition, as YAML.
    pub(crate) rules: &'a str,
}

impl Peer {
    /// Starts it in a folder of its own.
    pub(crate) fn start(
        self,
        place: &Path,
        setup: &Setup<'_>,
        postgres: Option<&PrivatePostgres>,
    ) -> Result<Server, Failure> {
        fs::create_dir_all(place).map_err(trying("a folder"))?;
        let config = alertmanager::configure(place, setup.groups, setup.sink, setup.rules)?;
        let server = match (self, postgres) {
            (Self::Alertmanager, _) => alertmanager::serve(place, &config)?,
            (Self::Postgres, Some(cluster)) => {
                stentor::drop_in(place, &config, Some(&cluster.database()))?
            }
            _ => stentor::drop_in(place, &config, None)?,
        };
        thread::sleep(SETTLED);
        Ok(server)
    }
}

/// What each round of each program gave.
pub(crate) struct Rounds<T>(Vec<(Peer, T)>);

impl<T> Rounds<T> {
    /// Measures the programs in turn, each in a fresh folder, the order reversed in every other round.
    pub(crate) fn run(
        dir: &Path,
        peers: &[Peer],
        rounds: usize,
        mut measure: impl FnMut(Peer, &Path) -> Result<T, Failure>,
    ) -> Result<Self, Failure> {
        let mut order = peers.to_vec();
        let mut found = Vec::new();
        for _ in 0..rounds {
            for peer in &order {
                let place = tempfile::tempdir_in(dir).map_err(trying("a folder"))?;
                found.push((*peer, measure(*peer, place.path())?));
            }
            order.reverse();
        }
        Ok(Self(found))
    }

    /// The median of one figure of one program; not a number when it has none.
    pub(crate) fn median(&self, peer: Peer, value: impl Fn(&T) -> f64) -> f64 {
        let of = self.0.iter().filter(|(p, _)| *p == peer);
        let values: Vec<f64> = of.map(|(_, round)| value(round)).collect();
        median(&values).unwrap_or(f64::NAN)
    }
}
