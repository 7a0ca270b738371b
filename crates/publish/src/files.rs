//! Writing files so that a crash leaves the old one or the new one.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Mode of what everybody may read.
pub(crate) const PUBLIC: u32 = 0o644;
/// Mode of what only we may read.
pub(crate) const PRIVATE: u32 = 0o600;

/// Replaces `path` by `bytes`: temporary file, sync, rename, sync of the directory. Creates parents.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let dir = parent(path)?;
    std::fs::create_dir_all(dir)?;
    written(dir, bytes, mode)?.persist(path)?;
    sync(dir)
}

/// A file that is whole and on the disk, but not yet at its place. Dropped, it is gone.
pub(crate) struct Ready {
    temp: tempfile::TempPath,
    path: PathBuf,
}

/// Makes ready what is to replace `path`. Creates parents.
pub(crate) fn ready(path: PathBuf, bytes: &[u8], mode: u32) -> io::Result<Ready> {
    let dir = parent(&path)?;
    std::fs::create_dir_all(dir)?;
    // Closed, because many may be ready at once.
    let temp = written(dir, bytes, mode)?.into_temp_path();
    Ok(Ready { temp, path })
}

impl Ready {
    /// Replaces the file. It outlasts a crash once its directory is synced.
    pub(crate) fn replace(self) -> io::Result<()> {
        self.temp.persist(self.path)?;
        Ok(())
    }
}

/// Syncs the directories of these files.
pub(crate) fn sync_around<'a>(paths: impl Iterator<Item = &'a Path>) -> io::Result<()> {
    let dirs: BTreeSet<&Path> = paths.filter_map(Path::parent).collect();
    // One that is not there holds nothing that could be lost.
    dirs.into_iter()
        .filter(|dir| dir.is_dir())
        .try_for_each(sync)
}

/// Like [`replace`], but an existing file is an error and stays.
pub(crate) fn create(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let dir = parent(path)?;
    std::fs::create_dir_all(dir)?;
    written(dir, bytes, mode)?.persist_noclobber(path)?;
    sync(dir)
}

/// The whole file, if it is a regular one of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("longer than {limit} bytes"),
        ));
    }
    Ok(bytes)
}

fn written(dir: &Path, bytes: &[u8], mode: u32) -> io::Result<tempfile::NamedTempFile> {
    let mut temp = tempfile::Builder::new()
        .prefix(".new-")
        .permissions(std::fs::Permissions::from_mode(mode))
        .tempfile_in(dir)?;
    temp.write_all(bytes)?;
    temp.as_file().sync_all()?;
    Ok(temp)
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent()
        .ok_or_else(|| io::Error::other("a path without a directory"))
}

fn sync(dir: &Path) -> io::Result<()> {
    std::fs::File::open(dir)?.sync_all()
}
