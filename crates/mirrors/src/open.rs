//! From what the configuration says to a mirror that can be written.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use stentor_channels::secret::{SecretRef, Secrets};
use stentor_domain::mirror::{MirrorPlace, MirrorSpec};
use stentor_domain::organisation;
use stentor_egress::Guard;
use stentor_publish::{LocalMirror, Mirror};

use crate::git::Git;
use crate::http::Http;
use crate::put::Put;
use crate::remote::Remote;
use crate::rsync::{Rsync, Way};
use crate::s3::S3;
use crate::sftp::Sftp;
use crate::ssh::Ssh;
use crate::web::{Served, Web};
use crate::webdav::WebDav;

/// Tells the time, for signatures that hold only for minutes.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What mirrors find around them.
#[derive(Clone)]
pub struct Surroundings {
    /// The data directory: relative directories lie in it.
    pub data: PathBuf,
    /// A folder of our own, for the copies and notes of programs.
    pub work: PathBuf,
    /// Where secrets lie.
    pub secrets: Secrets,
    /// Which addresses may be reached.
    pub guard: Guard,
    /// The time.
    pub clock: Clock,
}

impl Surroundings {
    /// Where a file of certification authorities lies, and what is in it.
    pub(crate) fn ca(&self, file: &str) -> Result<(PathBuf, Vec<u8>), OpenError> {
        let path = self.secrets.base.join(file);
        match std::fs::read(&path) {
            Ok(pem) => Ok((path, pem)),
            Err(error) => Err(OpenError(format!(
                "{} cannot be read: {error}",
                path.display()
            ))),
        }
    }
}

/// A mirror cannot be used as it is declared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub(crate) String);

/// The mirror that `spec` declares. Touches nothing outside; secrets are read when they are needed, so that a new one
/// needs no restart.
///
/// # Errors
/// [`OpenError`] with what to do.
pub fn open(spec: &MirrorSpec, around: &Surroundings) -> Result<Box<dyn Mirror>, OpenError> {
    let place = place(spec, around)?;
    match &spec.url {
        Some(url) => Ok(Box::new(Served {
            place,
            web: Web::new(url, around)?,
        })),
        None => Ok(place),
    }
}

fn place(spec: &MirrorSpec, around: &Surroundings) -> Result<Box<dyn Mirror>, OpenError> {
    let name = spec.name.clone();
    let secrets = around.secrets.clone();
    let work = around.work.join(&spec.name);
    Ok(match &spec.place {
        MirrorPlace::Directory { directory } => {
            Box::new(LocalMirror::new(name, around.data.join(directory)))
        }
        MirrorPlace::S3(place) => Box::new(S3::new(
            &name,
            place,
            Http::new(around, place.ca_file.as_deref())?,
            secrets,
            reference(&place.secret_key),
            Arc::clone(&around.clock),
        )?),
        MirrorPlace::WebDav {
            address,
            login,
            ca_file,
        } => Box::new(WebDav {
            name,
            http: Http::new(around, ca_file.as_deref())?,
            base: address.clone(),
            login: login.as_ref().map(signed_in),
            secrets,
        }),
        MirrorPlace::Put {
            address,
            token,
            ca_file,
        } => Box::new(Put {
            name,
            http: Http::new(around, ca_file.as_deref())?,
            base: address.clone(),
            token: reference(token),
            secrets,
        }),
        MirrorPlace::Git {
            remote,
            branch,
            login,
            ca_file,
            trust,
        } => {
            let ssh = trust.as_ref();
            let ssh = ssh.map(|trust| Ssh::new(None, trust, &secrets, &work));
            let login = login.as_ref().map(signed_in);
            let mut git = Git::new(name, remote, branch, login, ssh.transpose()?, secrets, work);
            if let Some(file) = ca_file {
                git.trust(around.ca(file)?.0);
            }
            Box::new(git)
        }
        MirrorPlace::Sftp { host, directory } => {
            let ssh = Ssh::new(Some(host), &host.trust, &secrets, &work)?;
            Box::new(Remote::new(name, Sftp::new(ssh, directory, work)))
        }
        MirrorPlace::Rsync { host, directory } => {
            let ssh = Ssh::new(Some(host), &host.trust, &secrets, &work)?;
            let way = Way::Ssh(ssh, directory.clone());
            Box::new(Remote::new(name, Rsync::new(way, secrets, work)))
        }
        MirrorPlace::RsyncDaemon { address, password } => {
            let way = Way::Daemon(address.clone(), password.as_ref().map(reference));
            Box::new(Remote::new(name, Rsync::new(way, secrets, work)))
        }
    })
}

fn signed_in((user, secret): &(String, organisation::SecretRef)) -> (String, SecretRef) {
    (user.clone(), reference(secret))
}

/// The domain's reference as those who read secrets know it.
fn reference(secret: &organisation::SecretRef) -> SecretRef {
    match secret {
        organisation::SecretRef::File(path) => SecretRef::File(path.into()),
        organisation::SecretRef::Credential(name) => SecretRef::Credential(name.clone()),
    }
}
