//! A publisher with several holders: root three of five, targets two of three.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use stentor_domain::world::World;
use stentor_verify::{LocalDir, Report, StateDir, Verification};

use super::support::now;
use crate::{
    Beginning, Ceremony, CeremonyError, Change, Finished, Holders, LocalMirror, Names, Protection,
    PublicKey, Publisher, Roster, Settings, Signer, Unlock, create_key, found_keys, online_keys,
};

pub(crate) const ROOT: [&str; 5] = ["Ada", "Bo", "Cy", "Dee", "Eli"];
pub(crate) const TARGETS: [&str; 3] = ["Fay", "Gus", "Hal"];

pub(crate) struct Assembly {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) world: World,
}

/// Opens a key that has no passphrase.
pub(crate) fn open(path: &Path) -> Signer {
    let mut ask = |_: &Path| Err("this key has none".to_owned());
    let mut unlock = Unlock {
        ask: &mut ask,
        identity: None,
    };
    Signer::open(path, &mut unlock).unwrap()
}

impl Assembly {
    pub(crate) fn new() -> Self {
        let this = Self {
            dir: tempfile::tempdir().unwrap(),
            world: World::Live,
        };
        let mut ceremony = this.begun();
        for name in ["Ada", "Cy", "Eli", "Fay", "Hal"] {
            ceremony.sign(&this.holder(name)).unwrap();
        }
        ceremony
            .finish(&this.path("repository"), &this.path("online"), now())
            .unwrap();
        this
    }

    /// The founding, not signed yet.
    pub(crate) fn begun(&self) -> Ceremony {
        let mut names = Names::default();
        let mut keys = |people: &[&str]| -> Vec<PublicKey> {
            let key = |name: &&str| {
                let key = self.make(name);
                names.set(key.id(), name, "a drawer");
                key
            };
            people.iter().map(key).collect()
        };
        let (root, targets) = (keys(&ROOT), keys(&TARGETS));
        let [timestamp, snapshot, status] = online_keys(&self.path("online")).unwrap();
        let one = |key| Holders {
            keys: vec![key],
            threshold: 1,
        };
        let roster = Roster {
            organisation: "Example <Org>".to_owned(),
            world: self.world,
            root: Holders {
                keys: root,
                threshold: 3,
            },
            targets: Holders {
                keys: targets,
                threshold: 2,
            },
            snapshot: one(snapshot),
            timestamp: one(timestamp),
            status: one(status),
        };
        let beginning = Beginning {
            roster,
            names: &names,
        };
        Ceremony::begin(&beginning, now()).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn make(&self, name: &str) -> PublicKey {
        let path = self.path(&format!("holders/{name}.key"));
        create_key(&path, &Protection::None).unwrap()
    }

    pub(crate) fn holder(&self, name: &str) -> Signer {
        open(&self.path(&format!("holders/{name}.key")))
    }

    pub(crate) fn names(&self) -> Names {
        Names::load(&self.path("repository")).unwrap()
    }

    pub(crate) fn draft(&self, change: &Change, at: Timestamp) -> Result<Ceremony, CeremonyError> {
        Ceremony::change(&self.path("repository"), change, &self.names(), at)
    }

    pub(crate) fn finish(
        &self,
        ceremony: &Ceremony,
        at: Timestamp,
    ) -> Result<Finished, CeremonyError> {
        ceremony.finish(&self.path("repository"), &self.path("online"), at)
    }

    /// A whole change, signed by these.
    pub(crate) fn change(&self, change: &Change, who: &[&str], at: Timestamp) -> Finished {
        let mut ceremony = self.draft(change, at).unwrap();
        for name in who {
            ceremony.sign(&self.holder(name)).unwrap();
        }
        self.finish(&ceremony, at).unwrap()
    }

    /// Replaces online keys of the server, as when they were stolen.
    pub(crate) fn replace(&self, roles: &[&str], who: &[&str], at: Timestamp) {
        let online = self.path("online");
        let ours = ["timestamp", "snapshot", "status"]
            .into_iter()
            .zip(crate::server_keys(&online).unwrap());
        let keys = ours
            .filter(|(role, _)| roles.contains(role))
            .map(|(role, old)| {
                let old = old.unwrap();
                let new = crate::next_online_key(&online, role).unwrap();
                (old.id(), new)
            });
        let change = Change::Replace {
            keys: keys.collect(),
        };
        self.change(&change, who, at);
    }

    pub(crate) fn roster(&self) -> Roster {
        found_keys(&self.path("repository")).unwrap()
    }

    pub(crate) fn publisher(&self, mirror: &str) -> Publisher {
        Publisher::open(Settings {
            world: self.world,
            repository: &self.path("repository"),
            online: &self.path("online"),
            mirrors: vec![Box::new(LocalMirror::new(mirror, self.path(mirror)))],
            timeout: Duration::from_secs(30),
        })
        .unwrap()
    }

    /// What somebody says who pinned the first root; with a memory, if one is named.
    pub(crate) async fn verify(&self, mirror: &str, memory: Option<&str>, at: Timestamp) -> Report {
        let root = std::fs::read(self.path("repository/root.json")).unwrap();
        let mirror = LocalDir::new(self.path(mirror));
        let check = Verification::new(&mirror, &root, at);
        match memory {
            Some(name) => check.run_with_state(&StateDir::new(self.path(name))).await,
            None => check.run().await.report,
        }
    }
}
