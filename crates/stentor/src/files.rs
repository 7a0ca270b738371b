//! Reading the configuration directory.

use std::collections::BTreeMap;
use std::path::Path;

use stentor_domain::bundle::{Bundle, CONTACTS, ContactSpec, Problem, contacts};
use stentor_domain::organisation::{Organisation, SecretRef};
use stentor_store::Contact;

use crate::failure::Failure;

/// Folders below the configuration directory are followed this deep.
const MAX_DEPTH: usize = 8;

/// A configuration that has no problem.
pub(crate) struct Configuration {
    pub(crate) bundle: Bundle,
    pub(crate) contacts: Vec<ContactSpec>,
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
    let mut files = BTreeMap::new();
    gather(dir, "", 0, &mut files).map_err(Unusable::Unreadable)?;
    let bundle = Bundle::new(files).map_err(Unusable::Problems)?;
    let organisation = bundle.organisation();
    let text = read_contacts(dir).map_err(Unusable::Unreadable)?;
    match organisation {
        Ok(organisation) => {
            let contacts = parse_contacts(&text, &organisation).map_err(Unusable::Problems)?;
            Ok(Configuration { bundle, contacts })
        }
        Err(problems) => Err(Unusable::Problems(problems)),
    }
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

fn gather(
    dir: &Path,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
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
                gather(&entry.path(), &path, depth + 1, files)?;
            }
        } else if !Bundle::leaves_out(&path) {
            let file = entry.path();
            let text = std::fs::read_to_string(&file)
                .map_err(|e| Failure::new(format!("{}: {e}", file.display())))?;
            files.insert(path, text);
        }
    }
    Ok(())
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
