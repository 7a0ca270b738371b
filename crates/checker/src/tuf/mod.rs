//! `stentor tuf`: a TUF client for any repository, by the protocol of the conformance suite.

mod crypto;
mod repository;
mod store;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use sigstore_tuf::{TargetFile, TrustedMetadataSet, Updater, UpdaterConfig};
use stentor_verify::limits;

use crate::clock::now;
use crate::failure::{Failure, block_on};
use crate::keep::replace;
use repository::HttpRepository;
use store::{Store, file_name};

/// Read any TUF repository as a client of the standard does: strict, expired means refused.
///
/// Exit codes: 0 done; 1 refused or failed; 2 wrong usage.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor tuf --metadata-dir seen init root.json\n  stentor tuf --metadata-dir seen --metadata-url https://status.example.org/metadata refresh\n  stentor tuf --metadata-dir seen --metadata-url https://status.example.org/metadata \\\n    --target-base-url https://status.example.org/targets --target-dir files --target-name status.json download"
)]
pub struct Tuf {
    /// Where trusted metadata is kept
    #[arg(long, value_name = "DIR", global = true)]
    metadata_dir: Option<PathBuf>,
    /// Where the repository's metadata is
    #[arg(long, value_name = "URL", global = true)]
    metadata_url: Option<String>,
    /// A file to download, by its path in the repository; may be repeated
    #[arg(long, value_name = "PATH", global = true)]
    target_name: Vec<String>,
    /// Where the repository's files are
    #[arg(long, value_name = "URL", global = true)]
    target_base_url: Option<String>,
    /// Where to put downloaded files
    #[arg(long, value_name = "DIR", global = true)]
    target_dir: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Begin with a trusted root, handed to you by another way than the repository
    Init {
        /// The trusted root.json
        root: PathBuf,
    },
    /// Bring the metadata up to date
    Refresh,
    /// Bring the metadata up to date and download files
    Download,
}

impl Tuf {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`] with what was refused, or what is wrong with the usage.
    pub fn run(self) -> Result<ExitCode, Failure> {
        crypto::install();
        match &self.action {
            Action::Init { root } => self.init(root)?,
            Action::Refresh => block_on(async { self.refreshed().await.map(drop) })?,
            Action::Download => block_on(self.download())?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn init(&self, root: &Path) -> Result<(), Failure> {
        let bytes = bounded(root, limits::ROOT_BYTES)?;
        TrustedMetadataSet::from_root(&bytes).map_err(refused)?;
        let dir = needed(self.metadata_dir.as_ref(), "--metadata-dir")?;
        std::fs::create_dir_all(dir).map_err(Failure::new)?;
        replace(&dir.join("root.json"), &bytes).map_err(Failure::new)
    }

    async fn refreshed(&self) -> Result<Updater, Failure> {
        let dir = needed(self.metadata_dir.as_ref(), "--metadata-dir")?;
        let metadata = needed(self.metadata_url.as_ref(), "--metadata-url")?;
        let root = bounded(&dir.join("root.json"), limits::ROOT_BYTES)?;
        let repository = HttpRepository::new(metadata, self.target_base_url.as_deref())?;
        let mut config = UpdaterConfig::default();
        config.max_root_rotations = limits::ROOT_ROTATIONS;
        let mut updater = Updater::new(repository, &root)
            .map_err(refused)?
            .with_config(config)
            .with_store(Store::new(dir));
        updater.refresh(now()).await.map_err(refused)?;
        Ok(updater)
    }

    async fn download(&self) -> Result<(), Failure> {
        let dir = needed(self.target_dir.as_ref(), "--target-dir")?;
        needed(self.target_base_url.as_ref(), "--target-base-url")?;
        if self.target_name.is_empty() {
            return Err(Failure::usage("say what to download: --target-name PATH"));
        }
        let mut updater = self.refreshed().await?;
        std::fs::create_dir_all(dir).map_err(Failure::new)?;
        for name in &self.target_name {
            let target = updater
                .get_target_info(name, now())
                .await
                .map_err(refused)?
                .ok_or_else(|| Failure::new(format!("no role lists {name}")))?;
            let place = dir.join(file_name(name));
            if have(&place, &target) {
                continue;
            }
            let bytes = updater
                .download_target(&target, name)
                .await
                .map_err(refused)?;
            replace(&place, &bytes).map_err(Failure::new)?;
        }
        Ok(())
    }
}

/// Whether the file is there already, as signed.
fn have(place: &Path, target: &TargetFile) -> bool {
    let Ok(bytes) = std::fs::read(place) else {
        return false;
    };
    bytes.len() as u64 == target.length
        && target
            .hashes
            .iter()
            .any(|(kind, hash)| match kind.as_str() {
                "sha256" => hash.eq_ignore_ascii_case(&sigstore_crypto::sha256(&bytes).to_hex()),
                "sha512" => hash.eq_ignore_ascii_case(&sigstore_crypto::sha512(&bytes).to_hex()),
                _ => false,
            })
}

fn needed<'a, T>(option: Option<&'a T>, name: &str) -> Result<&'a T, Failure> {
    option.ok_or_else(|| Failure::usage(format!("{name} is needed")))
}

/// Reads a file of at most `limit` bytes.
fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|e| failed(&e))?.len();
    if size > limit {
        return Err(failed(&format!("larger than {limit} bytes")));
    }
    std::fs::read(path).map_err(|e| failed(&e))
}

/// An error of the client with all its causes.
fn refused(error: sigstore_tuf::Error) -> Failure {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    Failure::new(text)
}
