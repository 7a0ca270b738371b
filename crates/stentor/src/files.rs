//! Reading the configuration directory.

use std::collections::BTreeMap;
use std::path::Path;

use stentor_domain::bundle::alertmanager::{
    Hidden, Note, TemplateFile, cut_with, is_routing, is_template, with_templates,
};
use stentor_domain::bundle::{Bundle, CONTACTS, ContactSpec, Problem, contacts};
use stentor_domain::organisation::{Organisation, SecretRef};
use stentor_store::Contact;

use crate::failure::Failure;
use crate::template_files;

/// Folders below the configuration directory are followed this deep.
const MAX_DEPTH: usize = 8;

/// A configuration that has no problem.
pub(crate) struct Configuration {
    pub(crate) bundle: Bundle,
    pub(crate) contacts: Vec<ContactSpec>,
    /// What the bundle means.
    pub(crate) organisation: Organisation,
    /// What was cut out of routings, by the place at which it stood.
    pub(crate) secrets: BTreeMap<String, Hidden>,
    /// What works otherwise than in Alertmanager.
    pub(crate) notes: Vec<Note>,
}

impl Configuration {
    /// Logs what works otherwise than in Alertmanager.
    pub(crate) fn tell_notes(&self) {
        for note in &self.notes {
            tracing::warn!("{note}");
        }
    }
}

/// What lies in the directory.
#[derive(Default)]
struct Gathered {
    /// What may be part of a bundle: routings without their secrets.
    files: BTreeMap<String, String>,
    /// Routings as they were written, for the places of problems.
    originals: BTreeMap<String, String>,
    secrets: BTreeMap<String, Hidden>,
    /// Template files by the routing that names them.
    templates: BTreeMap<String, Vec<TemplateFile>>,
    notes: Vec<Note>,
    problems: Vec<Problem>,
}

/// Why there is none.
pub(crate) enum Unusable {
    /// Files that say something wrong.
    Problems(Vec<Problem>),
    /// Files that cannot be read.
    Unreadable(Failure),
}

/// Reads the configuration directory whole.
pub(crate) fn read(dir: &Path) -> Result<Configuration, Unusable> {
    let mut found = Gathered::default();
    gather(dir, "", 0, &mut found).map_err(Unusable::Unreadable)?;
    let text = read_contacts(dir).map_err(Unusable::Unreadable)?;
    with_templates(&mut found.files, &found.templates);
    let cut_texts = found.files.clone();
    let bundle = Bundle::new(found.files);
    let read = bundle.and_then(|bundle| {
        let organisation = bundle.organisation()?;
        let contacts = parse_contacts(&text, &organisation)?;
        Ok((bundle, organisation, contacts))
    });
    match read {
        Ok((bundle, organisation, contacts)) if found.problems.is_empty() => Ok(Configuration {
            bundle,
            contacts,
            organisation,
            secrets: found.secrets,
            notes: found.notes,
        }),
        read => {
            let mut problems = found.problems;
            for mut problem in read.err().unwrap_or_default() {
                let cut = cut_texts.get(&problem.file);
                let original = found.originals.get(&problem.file);
                if let Some((cut, original)) = cut.zip(original) {
                    relocate(&mut problem, cut, original);
                }
                problems.push(problem);
            }
            problems.sort();
            Err(Unusable::Problems(problems))
        }
    }
}

/// Moves a problem from its place in the text without secrets to that in the file as it was written. Only names that
/// other files know are judged in the former, so that the name is what is looked for.
fn relocate(problem: &mut Problem, cut: &str, original: &str) {
    let line = cut.lines().nth(problem.line as usize - 1);
    let name = line.and_then(|line| {
        let start = line.char_indices().nth(problem.column as usize - 1)?.0;
        let quotes = ['"', '\''];
        Some(line.get(start..)?.trim().trim_matches(quotes))
    });
    let Some(at) = name
        .filter(|name| name.contains(':'))
        .and_then(|name| original.find(name))
    else {
        return;
    };
    let before = original.get(..at).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default();
    let from_one = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    problem.line = from_one(before.matches('\n').count());
    problem.column = from_one(column.chars().count());
}

impl Unusable {
    /// As one failure that lists every problem.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Unreadable(failure) => failure,
            Self::Problems(problems) => {
                let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
                let count = problems.len();
                Failure::new(format!(
                    "the configuration has {count} problem(s):\n{}",
                    lines.join("\n")
                ))
            }
        }
    }
}

fn gather(dir: &Path, prefix: &str, depth: usize, found: &mut Gathered) -> Result<(), Failure> {
    let trouble = |e: std::io::Error| Failure::new(format!("{}: {e}", dir.display()));
    for entry in std::fs::read_dir(dir).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        let kind = entry.file_type().map_err(trouble)?;
        if kind.is_dir() {
            if depth < MAX_DEPTH {
                gather(&entry.path(), &path, depth + 1, found)?;
            }
        } else if !Bundle::leaves_out(&path) && !is_template(&path) {
            let file = entry.path();
            let text = std::fs::read_to_string(&file)
                .map_err(|e| Failure::new(format!("{}: {e}", file.display())))?;
            found.take(dir, path, text);
        }
    }
    Ok(())
}

impl Gathered {
    /// Takes a file of the folder in; what routings name is looked for beside them.
    fn take(&mut self, folder: &Path, path: String, text: String) {
        if !is_routing(&path) {
            self.files.insert(path, text);
            return;
        }
        let templates = match template_files::read(&path, &text, folder) {
            Ok(templates) => templates,
            Err(problems) => return self.problems.extend(problems),
        };
        match cut_with(&path, &text, &templates.library) {
            Ok(cut) => {
                self.notes.extend(templates.notes);
                self.templates.insert(path.clone(), templates.files);
                self.secrets.extend(cut.secrets);
                self.notes.extend(cut.notes);
                self.files.insert(path.clone(), cut.text);
                self.originals.insert(path, text);
            }
            Err(problems) => self.problems.extend(problems),
        }
    }
}

fn read_contacts(dir: &Path) -> Result<String, Failure> {
    let path = dir.join(CONTACTS);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(e) => Err(Failure::new(format!("{}: {e}", path.display()))),
    }
}

fn parse_contacts(
    text: &str,
    organisation: &Organisation,
) -> Result<Vec<ContactSpec>, Vec<Problem>> {
    contacts(CONTACTS, text, organisation)
}

/// As the people table keeps it.
pub(crate) fn contact(spec: &ContactSpec) -> Contact {
    let reference = |secret: &SecretRef| match secret {
        SecretRef::File(path) => format!("file:{path}"),
        SecretRef::Credential(name) => format!("credential:{name}"),
    };
    Contact {
        person: spec.person.to_string(),
        email: spec.email.clone(),
        webhook_url: spec.webhook_url.clone(),
        webhook_secret: spec.webhook_secret.as_ref().map(reference),
    }
}
