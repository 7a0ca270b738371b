//! Puts a recording into the repository.

use std::fs;
use std::path::{Path, PathBuf};

use stentor_testkit::scenario::{DIFFERS, FOLDER, Index, SAME};

use crate::clock;
use crate::failure::{Failure, trying};
use crate::layout;
use crate::plan::Plan;
use crate::record::Recorded;

/// Writes the scenarios, takes away files of scenarios that are no more, and lists what is there.
pub(crate) fn keep(version: &str, recorded: &[Recorded], plans: &[Plan]) -> Result<(), Failure> {
    let folder = folder();
    let mut names = Vec::new();
    for (kind, differs) in [(SAME, false), (DIFFERS, true)] {
        let folder = folder.join(kind);
        fs::create_dir_all(&folder).map_err(trying(FOLDER))?;
        for Recorded { scenario, .. } in recorded.iter().filter(|r| r.differs == differs) {
            let file = folder.join(format!("{}.json", scenario.name));
            write(&file, &layout::write(scenario)?)?;
        }
        let planned = |name: &str| plans.iter().any(|p| p.name == name && p.differs == differs);
        names.push(list(&folder, planned)?);
    }
    let differs = names.pop().unwrap_or_default();
    let index = Index {
        alertmanager: version.to_owned(),
        recorded_on: clock::now().strftime("%Y-%m-%d").to_string(),
        same: names.pop().unwrap_or_default(),
        differs,
    };
    write(&folder.join("index.json"), &layout::write(&index)?)
}

/// The names of the scenarios in a folder; a file that is none of them is removed.
fn list(folder: &Path, planned: impl Fn(&str) -> bool) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for file in fs::read_dir(folder).map_err(trying(FOLDER))? {
        let path = file.map_err(trying(FOLDER))?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if planned(&name) {
            names.push(name.into_owned());
        } else {
            fs::remove_file(&path).map_err(trying(path.display().to_string()))?;
        }
    }
    names.sort();
    Ok(names)
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(trying(file.display().to_string()))
}

fn folder() -> PathBuf {
    // Read when run, not baked in: checkouts may share a target directory.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    Path::new(&here).join("../..").join(FOLDER)
}
