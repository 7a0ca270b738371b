//! Signed heads of the journal, kept outside the database: a cut tail or a full rewrite then shows (SURV-4).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use stentor_store::Head;

use crate::engine::Engine;

/// The newest head is signed at most this often. More often the files cost pages their time: making one durable holds
/// up a commit that meets it on the disk.
const NEWEST: Duration = Duration::from_secs(5);

/// A head is added to the log at least this often while the journal grows, in milliseconds.
const LOG_MS: i64 = 3_600_000;

/// A head and its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// Position.
    pub seq: u64,
    /// Chain hash, hex.
    pub hash: String,
    /// When it was signed, in milliseconds since the epoch.
    pub time_ms: i64,
    /// Ed25519 over the text `stentor head v1`, position, hash and time, each on a line; base64.
    pub signature: String,
}

/// Signs heads.
pub struct Notary {
    key: SigningKey,
    dir: PathBuf,
    logged_ms: i64,
    signed_seq: u64,
}

/// A folder of signed heads cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct NotaryError {
    path: String,
    reason: String,
}

fn trouble(path: &Path) -> impl Fn(std::io::Error) -> NotaryError {
    let path = path.display().to_string();
    move |e| NotaryError {
        path: path.clone(),
        reason: e.to_string(),
    }
}

fn text(seq: u64, hash: &str, time_ms: i64) -> String {
    format!("stentor head v1\n{seq}\n{hash}\n{time_ms}\n")
}

impl Notary {
    /// Signs with `key` into `dir`, where auditors also find the public key.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(key: [u8; 32], dir: &Path) -> Result<Self, NotaryError> {
        fs::create_dir_all(dir).map_err(trouble(dir))?;
        let key = SigningKey::from_bytes(&key);
        let public = dir.join("public.key");
        let encoded = STANDARD.encode(key.verifying_key().as_bytes());
        replace(&public, format!("{encoded}\n").as_bytes()).map_err(trouble(&public))?;
        Ok(Self {
            key,
            dir: dir.to_owned(),
            logged_ms: 0,
            signed_seq: 0,
        })
    }

    /// Signs a head: the newest always, and the log hourly or when `publication` asks for it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn sign(&mut self, head: Head, now_ms: i64, log: bool) -> Result<(), NotaryError> {
        let hash = hex::encode(head.hash);
        let signature = self.key.sign(text(head.seq, &hash, now_ms).as_bytes());
        let signature = STANDARD.encode(signature.to_bytes());
        let signed = SignedHead {
            seq: head.seq,
            hash,
            time_ms: now_ms,
            signature,
        };
        let line = serde_json::to_string(&signed).unwrap_or_default() + "\n";
        let newest = self.dir.join("newest.json");
        replace(&newest, line.as_bytes()).map_err(trouble(&newest))?;
        self.signed_seq = head.seq;
        if log || now_ms - self.logged_ms >= LOG_MS {
            let path = self.dir.join("log.jsonl");
            let mut file = fs::File::options()
                .create(true)
                .append(true)
                .open(&path)
                .map_err(trouble(&path))?;
            file.write_all(line.as_bytes())
                .and_then(|()| file.sync_data())
                .map_err(trouble(&path))?;
            self.logged_ms = now_ms;
        }
        Ok(())
    }

    /// Signs the head whenever it moved, and once more when `stop` completes: what was appended last is then covered
    /// too.
    pub async fn run(self, engine: Engine, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut changes = engine.changes();
        let mut notary = Some(self);
        while let Some(awake) = notary.take() {
            changes.mark_unchanged();
            notary = awake.sign_newest(&engine).await;
            let moved = async {
                engine.clock().sleep(NEWEST).await;
                changes.changed().await;
            };
            tokio::select! {
                () = moved => {}
                () = &mut stop => {
                    if let Some(awake) = notary.take() {
                        awake.sign_newest(&engine).await;
                    }
                }
            }
        }
    }

    /// Signs the head if it moved, and comes back.
    async fn sign_newest(mut self, engine: &Engine) -> Option<Self> {
        let head = match engine.store().head().await {
            Ok(head) if head.seq > self.signed_seq => head,
            _ => return Some(self),
        };
        let now_ms = engine.clock().now_ms();
        // It waits for the disk, which must not hold up whoever shares the thread.
        let sign = move || (self.sign(head, now_ms, false), self);
        let (signed, notary) = tokio::task::spawn_blocking(sign).await.ok()?;
        if let Err(error) = signed {
            tracing::error!(%error, "the journal's head could not be signed");
        }
        Some(notary)
    }
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let next = path.with_extension("next");
    fs::File::create(&next)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_data()))?;
    fs::rename(&next, path)
}

/// The signed heads of a folder whose signatures are good, oldest first, and how many are not.
///
/// # Errors
/// The folder has heads but cannot be read.
pub fn signed_heads(dir: &Path) -> Result<(Vec<SignedHead>, usize), NotaryError> {
    let public = dir.join("public.key");
    if !public.exists() {
        return Ok((Vec::new(), 0));
    }
    let encoded = fs::read_to_string(&public).map_err(trouble(&public))?;
    let bad = || NotaryError {
        path: public.display().to_string(),
        reason: "not a public key".into(),
    };
    let bytes: [u8; 32] = STANDARD
        .decode(encoded.trim())
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or_else(bad)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| bad())?;
    let mut heads = Vec::new();
    let mut forged = 0;
    for name in ["log.jsonl", "newest.json"] {
        let Ok(content) = fs::read_to_string(dir.join(name)) else {
            continue;
        };
        for line in content.lines() {
            match serde_json::from_str::<SignedHead>(line)
                .ok()
                .filter(|head| is_good(&key, head))
            {
                Some(head) => heads.push(head),
                None => forged += 1,
            }
        }
    }
    heads.sort_by_key(|head| head.seq);
    Ok((heads, forged))
}

fn is_good(key: &VerifyingKey, head: &SignedHead) -> bool {
    let signature = STANDARD
        .decode(&head.signature)
        .ok()
        .and_then(|b| Signature::from_slice(&b).ok());
    let text = text(head.seq, &head.hash, head.time_ms);
    signature.is_some_and(|s| key.verify_strict(text.as_bytes(), &s).is_ok())
}
