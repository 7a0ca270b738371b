//! Where the public word is put, as the configuration declares it.

use crate::organisation::SecretRef;
use crate::shared_fate::StandsOn;

/// A place where the public word is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorSpec {
    /// Its name.
    pub name: String,
    /// How it is written to.
    pub place: MirrorPlace,
    /// Where readers find it, when it is served.
    pub url: Option<String>,
    /// What must stand for it to stand.
    pub stands_on: StandsOn,
}

/// A way of writing to a mirror, with what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MirrorPlace {
    /// A directory of this machine.
    Directory {
        /// Relative to the data directory.
        directory: String,
    },
    /// An object store that speaks the protocol of S3.
    S3(S3Place),
    /// WebDAV (RFC 4918).
    WebDav {
        /// The address below which the files lie.
        address: String,
        /// Who signs in, and with which password.
        login: Option<(String, SecretRef)>,
        /// A file with further certification authorities (PEM); relative to the configuration directory.
        ca_file: Option<String>,
    },
    /// HTTP PUT and DELETE with a bearer token (RFC 6750).
    Put {
        /// The address below which the files lie.
        address: String,
        /// The token.
        token: SecretRef,
        /// A file with further certification authorities (PEM); relative to the configuration directory.
        ca_file: Option<String>,
    },
    /// A branch of a git repository.
    Git {
        /// Its URL: `https://`, `ssh://` or `file://`.
        remote: String,
        /// The branch.
        branch: String,
        /// Who signs in over HTTPS, and with which token or password.
        login: Option<(String, SecretRef)>,
        /// The certification authorities over HTTPS, instead of the machine's.
        ca_file: Option<String>,
        /// The key and the known hosts, over SSH.
        trust: Option<SshTrust>,
    },
    /// A directory reached by SFTP.
    Sftp {
        /// The machine.
        host: SshHost,
        /// The directory there.
        directory: String,
    },
    /// A directory reached by rsync over SSH.
    Rsync {
        /// The machine.
        host: SshHost,
        /// The directory there.
        directory: String,
    },
    /// A module of an rsync daemon.
    RsyncDaemon {
        /// `rsync://[USER@]HOST[:PORT]/MODULE[/PATH]`.
        address: String,
        /// The password.
        password: Option<SecretRef>,
    },
}

/// A bucket of an object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Place {
    /// The address of the store.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// The region that requests are signed for.
    pub region: String,
    /// What the names of our objects begin with, without a slash at its ends; may be empty.
    pub prefix: String,
    /// Whether the bucket stands in the path of the address instead of in its host.
    pub path_style: bool,
    /// Who signs.
    pub access_key: String,
    /// What it is signed with.
    pub secret_key: SecretRef,
    /// A file with further certification authorities (PEM); relative to the configuration directory.
    pub ca_file: Option<String>,
}

/// A machine reached by SSH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshHost {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in.
    pub user: String,
    /// With what, and how the machine is known.
    pub trust: SshTrust,
}

/// How both ends of an SSH connection know each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshTrust {
    /// Our private key.
    pub key: SecretRef,
    /// The file with the machine's public keys, as `ssh-keyscan` prints them; relative to the configuration directory.
    pub known_hosts: String,
}

impl MirrorPlace {
    /// The name of the kind in configuration.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Directory { .. } => "directory",
            Self::S3(_) => "s3",
            Self::WebDav { .. } => "webdav",
            Self::Put { .. } => "put",
            Self::Git { .. } => "git",
            Self::Sftp { .. } => "sftp",
            Self::Rsync { .. } | Self::RsyncDaemon { .. } => "rsync",
        }
    }

    /// Where it is, for people. Holds no secret.
    #[must_use]
    pub fn address(&self) -> String {
        let ssh = |kind: &str, host: &SshHost, directory: &str| {
            let SshHost {
                host, port, user, ..
            } = host;
            let slash = if directory.starts_with('/') {
                ""
            } else {
                "/~/"
            };
            format!("{kind}://{user}@{host}:{port}{slash}{directory}")
        };
        match self {
            Self::Directory { directory } => directory.clone(),
            Self::S3(place) => {
                let slash = if place.prefix.is_empty() { "" } else { "/" };
                let (endpoint, bucket, prefix) = (&place.endpoint, &place.bucket, &place.prefix);
                format!("{endpoint}/{bucket}{slash}{prefix}")
            }
            Self::WebDav { address, .. }
            | Self::Put { address, .. }
            | Self::RsyncDaemon { address, .. } => address.clone(),
            Self::Git { remote, branch, .. } => format!("{remote} ({branch})"),
            Self::Sftp { host, directory } => ssh("sftp", host, directory),
            Self::Rsync { host, directory } => ssh("rsync+ssh", host, directory),
        }
    }

    /// The directory, when it is one of this machine.
    #[must_use]
    pub fn directory(&self) -> Option<&str> {
        match self {
            Self::Directory { directory } => Some(directory),
            _ => None,
        }
    }
}
