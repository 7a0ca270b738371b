//! Files that are written all at once.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Mode of what only its owner may read.
const PRIVATE: u32 = 0o600;
/// Mode of what holds no secret; the user's umask takes away from it, as from any file they create.
const SHOWN: u32 = 0o666;

/// Writes a file for its owner: whoever reads it, also after a crash, finds the old or the new.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, PRIVATE)
}

/// The same, for a file that its owner will hand on.
pub(crate) fn replace_shown(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, SHOWN)
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(mode))
        .tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    std::fs::File::open(dir)?.sync_all()
}
