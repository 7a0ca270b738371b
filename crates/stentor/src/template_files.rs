//! Finds the template files that an alertmanager.yml names, and reads them.

use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use stentor_domain::bundle::Problem;
use stentor_domain::bundle::alertmanager::{
    MAX_TEMPLATE_BYTES, MAX_TEMPLATE_FILES, Note, Pattern, TemplateFile, fits, library, patterns,
};
use stentor_domain::go_template::{Library, MAX_FILE};

/// Most entries of folders that one pattern is compared with.
const MAX_COMPARED: usize = 10_000;

/// What the files of one routing say.
pub(crate) struct Templates {
    /// In the order in which they are read.
    pub(crate) files: Vec<TemplateFile>,
    /// For each file its path relative to the routing; none when it is named otherwise.
    pub(crate) relative: Vec<Option<PathBuf>>,
    /// With Alertmanager's own.
    pub(crate) library: Library,
    /// Patterns that find nothing.
    pub(crate) notes: Vec<Note>,
}

/// Reads the template files of the routing `name`, whose text is given; patterns are relative to `base`.
///
/// # Errors
/// Every file that cannot be read or is no template, and every pattern that finds too much, with its place.
pub(crate) fn read(name: &str, text: &str, base: &Path) -> Result<Templates, Vec<Problem>> {
    let mut files = Vec::new();
    let mut relative = Vec::new();
    let mut notes = Vec::new();
    let mut problems = Vec::new();
    let mut bytes = 0;
    for pattern in patterns(name, text) {
        let refuse = |what: String, todo: &str| Problem {
            file: name.to_owned(),
            line: pattern.line,
            column: pattern.column,
            what,
            todo: todo.to_owned(),
        };
        let paths = match expand(&pattern.text, base) {
            Ok(paths) => paths,
            Err(what) => {
                problems.push(refuse(
                    what,
                    "name fewer files, in folders with fewer entries",
                ));
                continue;
            }
        };
        if paths.is_empty() {
            notes.push(nothing(name, &pattern));
        }
        for path in paths {
            match one(&path) {
                Ok(file) => {
                    bytes += file.text.len();
                    relative.push(inside(&pattern.text, &path, base));
                    files.push(file);
                }
                Err(what) => {
                    let todo =
                        "make it a readable text file of at most 256 KiB, or name other files";
                    problems.push(refuse(what, todo));
                }
            }
            if files.len() > MAX_TEMPLATE_FILES || bytes > MAX_TEMPLATE_BYTES {
                let what = format!(
                    "there are more than {MAX_TEMPLATE_FILES} template files, or they have more than {MAX_TEMPLATE_BYTES} bytes"
                );
                problems.push(refuse(what, "name fewer files"));
                return Err(problems);
            }
        }
    }
    match library(&files) {
        Ok(library) if problems.is_empty() => Ok(Templates {
            files,
            relative,
            library,
            notes,
        }),
        found => {
            problems.extend(found.err().unwrap_or_default());
            Err(problems)
        }
    }
}

fn nothing(name: &str, pattern: &Pattern) -> Note {
    Note {
        file: name.to_owned(),
        line: pattern.line,
        column: pattern.column,
        what: format!("no template file is found by {:?}", pattern.text),
    }
}

fn one(path: &Path) -> Result<TemplateFile, String> {
    let shown = path.display().to_string();
    let trouble = |e: std::io::Error| format!("{shown}: {e}");
    let file = fs::File::open(path).map_err(trouble)?;
    if !file.metadata().map_err(trouble)?.is_file() {
        return Err(format!("{shown}: this is no file"));
    }
    let mut text = String::new();
    file.take(MAX_FILE as u64 + 1)
        .read_to_string(&mut text)
        .map_err(trouble)?;
    if text.len() > MAX_FILE {
        return Err(format!("{shown}: it has more than {MAX_FILE} bytes"));
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    Ok(TemplateFile {
        name: name.unwrap_or_default(),
        shown,
        text,
    })
}

/// The path below the base that a relative pattern means, without ways out of it.
fn inside(pattern: &str, path: &Path, base: &Path) -> Option<PathBuf> {
    if pattern.starts_with('/') {
        return None;
    }
    let relative = path.strip_prefix(base).ok()?;
    let plain = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| relative.to_owned())
}

/// The paths that a pattern means, sorted, as far as they exist.
fn expand(pattern: &str, base: &Path) -> Result<Vec<PathBuf>, String> {
    if pattern.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = match pattern.strip_prefix('/') {
        Some(_) => vec![PathBuf::from("/")],
        None => vec![base.to_owned()],
    };
    let mut compared = 0;
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for path in found {
            if !part.contains(['*', '?', '[', '\\']) {
                next.push(path.join(part));
                continue;
            }
            let folder = if path.as_os_str().is_empty() {
                Path::new(".")
            } else {
                &path
            };
            // As Alertmanager does, what is no folder or cannot be read has nothing in it.
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                compared += 1;
                if compared > MAX_COMPARED {
                    return Err(format!(
                        "{pattern:?} is compared with more than {MAX_COMPARED} files"
                    ));
                }
                if fits(part, &entry.file_name().to_string_lossy()) {
                    next.push(path.join(entry.file_name()));
                }
            }
        }
        found = next;
    }
    found.retain(|path| path.exists());
    found.sort();
    Ok(found)
}
