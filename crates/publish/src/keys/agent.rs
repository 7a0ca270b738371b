//! An SSH agent as a holder of keys: what it signs for an Ed25519 key is exactly the bytes it is given.
//!
//! The protocol is two questions: which keys do you have (11, answered by 12), sign this (13, answered by 14).

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::public::SSH_ED25519;
use super::{KeyError, PublicKey};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
/// Bytes of an answer; OpenSSH's own limit.
const MOST_BYTES: u32 = 256 * 1024;
/// Keys looked at.
const MOST_KEYS: u32 = 1_000;
/// A person may have to confirm, or to touch something.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running agent.
#[derive(Debug, Clone)]
pub struct Agent {
    socket: PathBuf,
}

impl Agent {
    /// The agent that listens at `socket`, usually the value of `SSH_AUTH_SOCK`.
    #[must_use]
    pub fn new(socket: &Path) -> Self {
        Self {
            socket: socket.to_owned(),
        }
    }

    /// The Ed25519 keys it holds, each with its comment. Others are left out.
    ///
    /// # Errors
    /// [`KeyError::Agent`] if it cannot be reached or answers nonsense.
    pub fn keys(&self) -> Result<Vec<(PublicKey, String)>, KeyError> {
        let answer = self.ask(&[REQUEST_IDENTITIES], IDENTITIES_ANSWER)?;
        let mut rest = answer.as_slice();
        let count = number(&mut rest).ok_or_else(nonsense)?.min(MOST_KEYS);
        let mut keys = Vec::new();
        for _ in 0..count {
            let blob = string(&mut rest).ok_or_else(nonsense)?;
            let comment = string(&mut rest).ok_or_else(nonsense)?;
            if let Some(key) = PublicKey::from_ssh_blob(blob) {
                keys.push((key, String::from_utf8_lossy(comment).into_owned()));
            }
        }
        Ok(keys)
    }

    /// The signature of one of its keys over `message`.
    pub(crate) fn sign(&self, key: PublicKey, message: &[u8]) -> Result<[u8; 64], KeyError> {
        let mut request = vec![SIGN_REQUEST];
        for part in [&key.to_ssh_blob(), message] {
            request.extend((part.len() as u32).to_be_bytes());
            request.extend(part);
        }
        request.extend(0u32.to_be_bytes());
        let answer = self.ask(&request, SIGN_RESPONSE)?;
        let signature = string(&mut answer.as_slice()).ok_or_else(nonsense)?;
        let mut rest = signature;
        let kind = string(&mut rest).ok_or_else(nonsense)?;
        let bytes = string(&mut rest).ok_or_else(nonsense)?;
        if kind != SSH_ED25519.as_bytes() {
            return Err(nonsense());
        }
        bytes.try_into().map_err(|_| nonsense())
    }

    fn ask(&self, request: &[u8], wanted: u8) -> Result<Vec<u8>, KeyError> {
        let failed = |e: std::io::Error| {
            KeyError::Agent(format!("{} does not answer: {e}", self.socket.display()))
        };
        let mut stream = UnixStream::connect(&self.socket).map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
        let length = (request.len() as u32).to_be_bytes();
        stream.write_all(&length).map_err(failed)?;
        stream.write_all(request).map_err(failed)?;
        let mut length = [0; 4];
        stream.read_exact(&mut length).map_err(failed)?;
        let length = u32::from_be_bytes(length);
        if !(1..=MOST_BYTES).contains(&length) {
            return Err(nonsense());
        }
        let mut answer = vec![0; length as usize];
        stream.read_exact(&mut answer).map_err(failed)?;
        match answer.split_first() {
            Some((kind, body)) if *kind == wanted => Ok(body.to_vec()),
            _ => Err(KeyError::Agent(
                "it refused; is the key locked, or was it declined?".to_owned(),
            )),
        }
    }
}

fn nonsense() -> KeyError {
    KeyError::Agent("its answer is not of the SSH agent protocol".to_owned())
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (head, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_be_bytes(*head))
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(rest)? as usize;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}
