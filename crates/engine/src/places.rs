//! Where things lie on this node.

use std::path::{Path, PathBuf};

/// The data directory and the configuration of the live world.
#[derive(Clone, Debug)]
pub struct Places {
    /// The data directory.
    pub data: PathBuf,
    /// `$CREDENTIALS_DIRECTORY`, when set.
    pub credentials: Option<PathBuf>,
}

impl Places {
    /// The configuration directory; secrets and certificates are relative to it.
    #[must_use]
    pub fn configuration(&self) -> PathBuf {
        self.data.join("config")
    }

    /// Keys that a running node uses.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Signed heads of the journal, kept outside the database.
    #[must_use]
    pub fn heads(&self) -> PathBuf {
        self.data.join("heads")
    }

    /// The embedded database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("stentor.db")
    }

    /// Copies and notes of the programs that write to mirrors.
    #[must_use]
    pub fn mirror_work(&self) -> PathBuf {
        self.data.join("mirror-work")
    }

    /// What the live world's word is signed and kept with.
    #[must_use]
    pub fn word(&self) -> WordPlaces {
        WordPlaces {
            offline: self.data.join("offline"),
            online: self.keys().join("word"),
            repository: self.data.join("repository"),
        }
    }

    /// What a drill is given: a folder of its own, with keys of its own.
    #[must_use]
    pub fn drill(&self, number: u32) -> DrillPlaces {
        DrillPlaces(self.data.join("drills").join(number.to_string()))
    }
}

/// Keys and repository of one world's public word.
#[derive(Clone, Debug)]
pub struct WordPlaces {
    /// Root and targets keys; never opened by a running node in the live world.
    pub offline: PathBuf,
    /// Snapshot, timestamp and status keys.
    pub online: PathBuf,
    /// The repository, with the first trusted root.
    pub repository: PathBuf,
}

/// A drill's folder. From it there is no way to the live world's keys or mirrors.
#[derive(Clone, Debug)]
pub struct DrillPlaces(PathBuf);

impl DrillPlaces {
    /// The drill's own mirror.
    #[must_use]
    pub fn mirror(&self) -> PathBuf {
        self.0.join("mirror")
    }

    /// The drill's own keys and repository.
    #[must_use]
    pub fn word(&self) -> WordPlaces {
        WordPlaces {
            offline: self.0.join("offline"),
            online: self.0.join("keys"),
            repository: self.0.join("repository"),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }
}
