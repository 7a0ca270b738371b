//! `alertmanager.yml`, as Alertmanager 0.25 to 0.34 reads it.
//!
//! At the edge [`cut`] takes secrets out of the file, before it is hashed, stored or shown; what is left is part of the
//! bundle, and [`read`] makes the routing from it. Both refuse everything that Alertmanager refuses. Keys of newer
//! versions are known, whatever version the file was written for.

mod address;
mod chats;
mod check;
mod emit;
mod file;
mod integrations;
mod notes;
mod period;
mod receivers;
mod routes;
mod shape;
mod templates;
#[cfg(test)]
mod tests;
mod times;
mod together;
mod tree;
mod view;

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use super::names::Names;
use super::problem::{Problem, Problems, Source};
use crate::go_template::Library;
use crate::ids::PolicyId;
use crate::routing::{POLICY, Routing};
use check::{Check, Life};
pub use notes::Note;
use receivers::Places;
pub use templates::{
    MAX_TEMPLATE_BYTES, MAX_TEMPLATE_FILES, Pattern, TemplateFile, fits, is_template, library,
    patterns, with_templates,
};
pub use together::is_routing;
pub(super) use together::together;
use view::View;

/// Largest file, in bytes.
pub const MAX_FILE_BYTES: usize = tree::MAX_BYTES;

/// A file without its secrets.
#[derive(Debug)]
pub struct Cut {
    /// The same configuration as YAML without comments, `<secret>` in the place of each secret. Alertmanager's own tools
    /// accept it.
    pub text: String,
    /// The secrets by the paths at which they stood: what [`crate::routing::SecretAt::Yaml`] holds.
    pub secrets: BTreeMap<String, Hidden>,
    /// What works otherwise than in Alertmanager.
    pub notes: Vec<Note>,
    /// Templates of its own that are translated.
    pub translated: Vec<Note>,
}

/// A secret. It is not shown, not stored, and wiped from memory when it goes.
#[derive(Clone)]
pub struct Hidden(Zeroizing<String>);

impl Hidden {
    /// The secret itself, for whoever uses it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

/// Who answers for the receivers of Stentor itself.
#[derive(Clone, Copy)]
pub(super) enum Answering<'a> {
    /// Whoever asks looks at that.
    Unknown,
    /// Nobody: there is nothing but a routing.
    Nobody,
    /// Policies of these names.
    Policies(&'a Names<'a>),
}

/// What holds where the file says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// When an alert that is not sent again is over, in milliseconds.
    pub resolve_timeout_ms: i64,
}

impl Default for Defaults {
    /// As Alertmanager has it: 5 minutes.
    fn default() -> Self {
        Self {
            resolve_timeout_ms: 5 * 60_000,
        }
    }
}

/// Takes the secrets out of a file as a person wrote it. `name` is its path in the configuration directory; places in
/// problems and notes are places in `text`.
///
/// # Errors
/// Everything that is wrong with the file, all at once.
pub fn cut(name: &str, text: &str) -> Result<Cut, Vec<Problem>> {
    cut_with(name, text, &Library::default())
}

/// The same, with the templates that fields may call.
///
/// # Errors
/// As [`cut`].
pub fn cut_with(name: &str, text: &str, library: &Library) -> Result<Cut, Vec<Problem>> {
    let problems = Problems::default();
    let cut = {
        let source = Source {
            name,
            text,
            problems: &problems,
        };
        tree::parse(source).map(|tree| {
            let file = View::root(&tree, source);
            let found = Check::walk(&file, &file::FILE, Life::Original).secrets;
            check::compare_secrets(&file);
            let routing = routing(
                &file,
                Defaults::default(),
                Answering::Unknown,
                String::new(),
            );
            let cuts = found.iter();
            let cuts = cuts
                .map(|(path, (_, instead))| (path.clone(), instead.clone()))
                .collect();
            let text = emit::emit(&tree, &cuts);
            check::fits(&file, &text);
            let prefix = places(name).0;
            let hidden = |secret: &str| Hidden(Zeroizing::new(secret.to_owned()));
            let secrets = found.iter();
            let (notes, translated) = notes::read(&file, &routing.receivers, library);
            Cut {
                text,
                secrets: secrets
                    .map(|(path, (secret, _))| (format!("{prefix}{path}"), hidden(secret)))
                    .collect(),
                notes,
                translated,
            }
        })
    };
    problems.none_or(cut)?.ok_or_else(Vec::new)
}

/// Makes the routing from a file whose secrets are cut out.
///
/// # Errors
/// Everything that is wrong with the file, all at once; a secret that still stands in it, too.
pub fn read(name: &str, cut_text: &str, defaults: Defaults) -> Result<Routing, Vec<Problem>> {
    let problems = Problems::default();
    let routing = read_into(name, cut_text, defaults, Answering::Unknown, &problems);
    problems.none_or(routing)?.ok_or_else(Vec::new)
}

/// The same, with problems among those of other files; `None` when nothing can be made of it.
pub(super) fn read_into(
    name: &str,
    cut_text: &str,
    defaults: Defaults,
    answering: Answering<'_>,
    problems: &Problems,
) -> Option<Routing> {
    let source = Source {
        name,
        text: cut_text,
        problems,
    };
    let tree = tree::parse(source)?;
    let file = View::root(&tree, source);
    Check::walk(&file, &file::FILE, Life::Cut);
    Some(routing(&file, defaults, answering, cut_text.to_owned()))
}

/// Milliseconds of a period as Go writes it, for instance `1h30m`; `None` when it has another form.
#[must_use]
pub fn go_period_ms(text: &str) -> Option<i64> {
    period::go(text)
}

/// The escalation policies that receivers name, each once.
#[must_use]
pub fn policies(routing: &Routing) -> Vec<PolicyId> {
    let names = routing.receivers.iter();
    let names = names.filter_map(|receiver| receiver.name.strip_prefix(POLICY));
    let mut policies: Vec<PolicyId> = names.map(PolicyId::from).collect();
    policies.sort();
    policies.dedup();
    policies
}

/// What stands before the paths of a file's secrets, and before the names of files in it.
fn places(name: &str) -> (String, String) {
    match name.rsplit_once('/') {
        Some((folder, _)) => (format!("{name}#"), format!("{folder}/")),
        None => (String::new(), String::new()),
    }
}

fn routing(
    file: &View<'_>,
    defaults: Defaults,
    answering: Answering<'_>,
    original: String,
) -> Routing {
    let (prefix, folder) = places(file.source.name);
    let places = Places {
        prefix: &prefix,
        folder: &folder,
    };
    let receivers = receivers::read(file, places, answering);
    let intervals = times::read(file);
    let names = receivers.iter().enumerate();
    let known = routes::Known {
        receivers: names.map(|(place, r)| (&*r.name, place)).collect(),
        intervals: &intervals,
    };
    let routes = routes::read(file, &known);
    let resolve_timeout = file
        .get("global")
        .and_then(|global| period::prometheus(global.text("resolve_timeout")?));
    Routing {
        routes,
        inhibit_rules: routes::inhibit_rules(file),
        receivers,
        intervals,
        resolve_timeout_ms: resolve_timeout.unwrap_or(defaults.resolve_timeout_ms),
        original,
        ..Routing::default()
    }
    .indexed()
}
