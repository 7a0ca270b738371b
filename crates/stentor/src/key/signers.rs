//! The keys that a command signs with.

use std::path::{Path, PathBuf};

use clap::Args;
use stentor_publish::{Agent, KeyId, Signer, Unlock};

use super::ask;
use crate::failure::{Failure, say};

/// Which keys sign, and how they open.
#[derive(Args, Clone, Default)]
pub(crate) struct Keys {
    /// A key file to sign with: of `stentor key new`, or OpenSSH's with an Ed25519 key; may be given several times
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Sign with every key of the SSH agent that counts; with a word, only with the key of that comment or fingerprint
    #[arg(long, value_name = "WHICH", num_args = 0..=1, default_missing_value = "")]
    ssh: Option<String>,
    /// Read the passphrase of key files from here instead of asking
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file of age identities, for key files that are sealed for a recipient
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Sign without asking; what is signed is shown all the same
    #[arg(long)]
    pub(crate) yes: bool,
}

impl Keys {
    /// Whether a key was named.
    pub(crate) fn any(&self) -> bool {
        !self.key.is_empty() || self.ssh.is_some()
    }

    /// Opens the keys that were named; of an agent, those that count.
    pub(crate) fn open(&self, counts: &dyn Fn(&KeyId) -> bool) -> Result<Vec<Signer>, Failure> {
        let mut signers = Vec::new();
        for path in &self.key {
            signers.push(self.file(path)?);
        }
        if let Some(which) = &self.ssh {
            signers.extend(agent(which, counts)?);
        }
        Ok(signers)
    }

    fn file(&self, path: &Path) -> Result<Signer, Failure> {
        let mut ask = |path: &Path| ask::passphrase(path, self.passphrase_file.as_deref());
        let mut unlock = Unlock {
            ask: &mut ask,
            identity: self.identity.as_deref(),
        };
        Signer::open(path, &mut unlock).map_err(Failure::new)
    }

    /// Asks for one more key; none when the person wants to go on later.
    pub(crate) fn asked(&self, counts: &dyn Fn(&KeyId) -> bool) -> Result<Vec<Signer>, Failure> {
        let answer = ask::ask(
            "A key to sign with now: a file, \"ssh\" for the SSH agent, or nothing to go on later:",
            "--key",
        )?;
        match answer.as_str() {
            "" => Ok(Vec::new()),
            "ssh" => agent("", counts),
            file => Ok(vec![self.file(Path::new(file))?]),
        }
    }
}

/// The keys of the agent that count.
fn agent(which: &str, counts: &dyn Fn(&KeyId) -> bool) -> Result<Vec<Signer>, Failure> {
    let socket = std::env::var_os("SSH_AUTH_SOCK").ok_or_else(|| {
        Failure::usage(
            "SSH_AUTH_SOCK is not set, so there is no SSH agent; start one with: eval $(ssh-agent)",
        )
    })?;
    let agent = Agent::new(Path::new(&socket));
    let keys = agent.keys().map_err(Failure::new)?;
    let signers: Vec<Signer> = keys
        .iter()
        .filter(|(key, comment)| {
            let id = key.id();
            counts(&id) && (which.is_empty() || comment == which || id.is_meant_by(which))
        })
        .map(|(key, _)| Signer::with_agent(&agent, *key))
        .collect();
    if signers.is_empty() {
        return Err(Failure::usage(format!(
            "none of the {} Ed25519 keys of the SSH agent counts here; ssh-add the right one",
            keys.len()
        )));
    }
    say(&format!(
        "The SSH agent signs with {} key(s).",
        signers.len()
    ));
    Ok(signers)
}
