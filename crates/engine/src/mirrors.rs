//! The mirrors of a world, from what is declared to what can be written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stentor_channels::secret::Secrets;
use stentor_domain::mirror::{MirrorPlace, MirrorSpec};
use stentor_domain::organisation::Organisation;
use stentor_domain::shared_fate::StandsOn;
use stentor_egress::{Guard, Network};
use stentor_mirrors::Surroundings;
use stentor_publish::Mirror;

use crate::clock::Clock;
use crate::engine::Engine;
use crate::places::Places;

/// Where the mirrors of a world are named.
#[derive(Clone)]
pub(crate) enum Mirrors {
    /// In the configuration.
    Configured(Places),
    /// One directory: a drill's own.
    One(PathBuf),
}

impl Mirrors {
    /// What is declared now; nothing before there is an organisation.
    pub(crate) fn declared(&self, engine: &Engine) -> Option<Declared> {
        match self {
            Self::One(dir) => Some(Declared::one("drill", dir)),
            Self::Configured(_) => engine.read(|state| Some(Declared::of(state.organisation()?))),
        }
    }

    /// Opens them as declared.
    pub(crate) fn open(&self, declared: &Declared, clock: Arc<dyn Clock>) -> Vec<Box<dyn Mirror>> {
        let places = match self {
            Self::Configured(places) => places.clone(),
            // A drill has nothing but its folder.
            Self::One(dir) => Places {
                data: dir.clone(),
                credentials: None,
            },
        };
        declared.open(&surroundings(&places, &declared.networks, clock))
    }
}

/// What a configuration declares of mirrors; when it changes, they are opened anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) mirrors: Vec<MirrorSpec>,
    pub(crate) networks: Vec<String>,
}

impl Declared {
    /// What an organisation declares.
    fn of(organisation: &Organisation) -> Self {
        Self {
            mirrors: organisation.mirrors.clone(),
            networks: organisation.allow_networks.clone(),
        }
    }

    /// One directory, and nothing outside.
    fn one(name: &str, directory: &Path) -> Self {
        let place = MirrorPlace::Directory {
            directory: directory.display().to_string(),
        };
        Self {
            mirrors: vec![MirrorSpec {
                name: name.to_owned(),
                place,
                url: None,
                stands_on: StandsOn::default(),
            }],
            networks: Vec::new(),
        }
    }

    /// The mirrors. One that cannot be opened is in its place and says why, so that it holds up no other.
    fn open(&self, around: &Surroundings) -> Vec<Box<dyn Mirror>> {
        let open = |spec: &MirrorSpec| {
            stentor_mirrors::open(spec, around)
                .unwrap_or_else(|error| stentor_mirrors::unusable(&spec.name, &error))
        };
        self.mirrors.iter().map(open).collect()
    }
}

/// What the mirrors of a node find around them.
pub fn surroundings(places: &Places, networks: &[String], clock: Arc<dyn Clock>) -> Surroundings {
    Surroundings {
        data: places.data.clone(),
        work: places.mirror_work(),
        secrets: Secrets {
            base: places.configuration(),
            credentials: places.credentials.clone(),
        },
        guard: guard(networks),
        clock: Arc::new(move || clock.now()),
    }
}

/// What lets out to the internet, and to these blocks of addresses besides. A block that does not parse was refused with
/// the configuration.
#[must_use]
pub fn guard(networks: &[String]) -> Guard {
    let networks = networks.iter();
    Guard::allowing(networks.filter_map(|text| text.parse::<Network>().ok()))
}
