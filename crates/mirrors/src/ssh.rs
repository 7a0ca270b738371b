//! How `ssh` is told whom to trust: in a configuration file of our own, and in nothing else.
//!
//! A file, because git hands what it is given to a shell and rsync splits it at blanks; so hosts, users and paths of
//! keys are never arguments.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use stentor_channels::secret::{SecretRef, Secrets};
use stentor_domain::mirror::{SshHost, SshTrust};
use stentor_domain::organisation;

use crate::open::OpenError;

/// What the machine is called in the configuration file, and as an argument.
pub(crate) const ALIAS: &str = "mirror";

/// A configuration of ssh.
#[derive(Clone, Debug)]
pub(crate) struct Ssh {
    place: PathBuf,
    text: String,
}

impl Ssh {
    /// For `host` under the name [`ALIAS`], or for whatever host a program names.
    pub(crate) fn new(
        host: Option<&SshHost>,
        trust: &SshTrust,
        secrets: &Secrets,
        work: &Path,
    ) -> Result<Self, OpenError> {
        let key = match &trust.key {
            organisation::SecretRef::File(path) => SecretRef::File(path.into()),
            organisation::SecretRef::Credential(name) => SecretRef::Credential(name.clone()),
        };
        let key = secrets.place(&key);
        let key = key.map_err(|error| OpenError(error.to_string()))?;
        let known_hosts = secrets.base.join(&trust.known_hosts);
        let mut text = String::new();
        if let Some(SshHost {
            host, port, user, ..
        }) = host
        {
            let _ = writeln!(
                text,
                "Host {ALIAS}\nHostName {host}\nPort {port}\nUser {user}"
            );
        }
        let (key, known_hosts) = (quoted(&key)?, quoted(&known_hosts)?);
        let _ = write!(
            text,
            "Host *\n\
             IdentityFile {key}\nIdentitiesOnly yes\nIdentityAgent none\n\
             UserKnownHostsFile {known_hosts}\nGlobalKnownHostsFile /dev/null\n\
             StrictHostKeyChecking yes\nUpdateHostKeys no\nVerifyHostKeyDNS no\n\
             BatchMode yes\nPreferredAuthentications publickey\n\
             ConnectTimeout 10\nServerAliveInterval 5\nServerAliveCountMax 3\n\
             ControlMaster no\nControlPath none\nClearAllForwardings yes\nForwardAgent no\n\
             PermitLocalCommand no\nRequestTTY no\nEscapeChar none\nLogLevel ERROR\n"
        );
        quoted(work)?;
        Ok(Self {
            place: work.join("ssh_config"),
            text,
        })
    }

    /// The file, written when it is not there as it should be.
    pub(crate) fn file(&self) -> Result<&Path, std::io::Error> {
        if std::fs::read_to_string(&self.place).is_ok_and(|text| text == self.text) {
            return Ok(&self.place);
        }
        let folder = self.place.parent().unwrap_or(Path::new("/"));
        private(folder)?;
        let new = tempfile::NamedTempFile::new_in(folder)?;
        std::fs::write(new.path(), &self.text)?;
        new.persist(&self.place)?;
        Ok(&self.place)
    }
}

/// A folder that only we can enter.
pub(crate) fn private(folder: &Path) -> Result<(), std::io::Error> {
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

/// A path as ssh's configuration takes it; percent signs would begin a token there.
fn quoted(path: &Path) -> Result<String, OpenError> {
    let text = path.to_str().filter(|text| {
        let harmless = |c: char| !c.is_control() && !"\"'\\$~".contains(c);
        text.chars().all(harmless)
    });
    let text = text.ok_or_else(|| {
        OpenError(format!(
            "{} holds characters that ssh reads otherwise; use a plain path",
            path.display()
        ))
    })?;
    Ok(format!("\"{}\"", text.replace('%', "%%")))
}
