//! A disk of a few megabytes that can be really full, in a mount namespace of its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::process::Command;

use crate::process::Process;

/// Mounts, says so, and waits until its input ends.
const MOUNT: &str =
    "mount -t tmpfs -o size=\"$2\" tmpfs \"$1\" && echo mounted && exec cat >/dev/null";

/// A disk. It is gone when this is dropped.
#[derive(Debug)]
pub struct SmallDisk {
    root: PathBuf,
    _holder: Process,
    _place: TempDir,
}

impl SmallDisk {
    /// A disk of so many bytes.
    ///
    /// # Errors
    /// Why not, where this machine does not let its users mount anything.
    ///
    /// # Panics
    /// When `unshare` is missing.
    pub async fn mount(bytes: u64) -> Result<Self, String> {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = Command::new("unshare");
        command
            .args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                MOUNT,
                "sh",
            ])
            .arg(place.path())
            .arg(bytes.to_string());
        let mut holder = Process::spawn(command);
        let refusal = |lines: &[String]| (!lines.is_empty()).then(|| lines.join(" "));
        let refused = tokio::select! {
            _ = holder.wait_for_stdout("mounted") => None,
            refused = holder.stderr.wait("a refusal", refusal) => Some(refused),
        };
        if let Some(why) = refused {
            holder.kill9().await;
            return Err(why);
        }
        let id = holder.id().expect("it waits for its input");
        let inside = place.path().strip_prefix("/").expect("from the root");
        Ok(Self {
            root: Path::new(&format!("/proc/{id}/root")).join(inside),
            _holder: holder,
            _place: place,
        })
    }

    /// A place on it, as it is seen from here.
    #[must_use]
    pub fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Fills it up but for so many bytes, in whole pages of memory.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn fill(&self, leave: u64) {
        let mut filler = File::create(self.at("filler")).expect("the disk can be written");
        for size in [1 << 20, 4096] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
        let full = filler.metadata().expect("our own file").len();
        let less = full.saturating_sub(leave);
        filler.set_len(less).expect("a file can be made shorter");
    }

    /// Makes room again.
    ///
    /// # Panics
    /// When it was not filled.
    pub fn make_room(&self) {
        fs::remove_file(self.at("filler")).expect("it was filled");
    }
}
