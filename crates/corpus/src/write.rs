//! The corpus as folders.

use std::io;
use std::path::Path;

use crate::case::{Case, Files};
use crate::wycheproof_json::wycheproof;

/// Writes every case into a folder of its name below `dir`, and the signature vectors into `dir/wycheproof.json`.
/// Folders of the same names are replaced.
///
/// # Errors
/// What the operating system says.
pub fn write(cases: &[Case], dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("wycheproof.json"), wycheproof())?;
    for case in cases {
        let home = dir.join(&case.name);
        if home.exists() {
            std::fs::remove_dir_all(&home)?;
        }
        put(&home.join("mirror"), &case.mirror)?;
        for (name, files) in case.visits.iter().zip(&case.earlier) {
            put(&home.join(name), files)?;
        }
        std::fs::write(home.join("root.json"), &case.root)?;
        std::fs::write(home.join("case.json"), serde_json::to_vec_pretty(case)?)?;
    }
    Ok(())
}

/// Reads the `case.json` of a folder; its files stay where they are.
///
/// # Errors
/// What the operating system says, or that it is no case.
pub fn read_case(home: &Path) -> io::Result<Case> {
    Ok(serde_json::from_slice(&std::fs::read(
        home.join("case.json"),
    )?)?)
}

fn put(base: &Path, files: &Files) -> io::Result<()> {
    std::fs::create_dir_all(base)?;
    for (path, bytes) in files {
        let place = base.join(path);
        std::fs::create_dir_all(place.parent().unwrap_or(base))?;
        std::fs::write(place, bytes)?;
    }
    Ok(())
}
