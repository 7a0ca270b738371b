//! `stentor import`: takes over the configuration of another program, and says what a person must look at.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use stentor_domain::bundle::alertmanager::{
    Cut, Defaults, MAX_FILE_BYTES, Note, TemplateFile, cut_with, read,
};
use stentor_domain::routing::{Routing, Settings};

use crate::check::Output;
use crate::failure::{Failure, print, say};
use crate::init::{at, private_file};
use crate::template_files::{self, Templates};

/// The exit code when a person must look at something.
const LOOK: u8 = 3;

/// Under which name the file is judged: so that places in it are told as for the file in the configuration.
const NAME: &str = "alertmanager.yml";

/// Take over the configuration of another program.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor import alertmanager /etc/prometheus/alertmanager.yml\n  stentor import alertmanager /etc/prometheus/alertmanager.yml --into ./stentor-data"
)]
pub(crate) struct Import {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Say what of an alertmanager.yml is taken over, and copy it when told where to. Exits with 3 when somebody must look at something
    Alertmanager(Alertmanager),
}

/// Which file, and where to.
#[derive(Args)]
struct Alertmanager {
    /// The configuration of Alertmanager
    file: PathBuf,
    /// The data directory to copy it into; without it nothing is written
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Replace an alertmanager.yml that is there already
    #[arg(long, requires = "into")]
    force: bool,
    /// How to print the report
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Import {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self.action {
            Action::Alertmanager(alertmanager) => alertmanager.run(),
        }
    }
}

impl Alertmanager {
    fn run(self) -> Result<ExitCode, Failure> {
        let text = text(&self.file)?;
        let refused = |problems: Vec<stentor_domain::bundle::Problem>| {
            let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
            Failure::new(format!(
                "{} has {} problem(s), and Alertmanager would refuse it, too:\n{}",
                self.file.display(),
                lines.len(),
                lines.join("\n")
            ))
        };
        let name = self.file.file_name().map(|name| name.to_string_lossy());
        let name = name.as_deref().unwrap_or(NAME);
        let beside = self.file.parent().unwrap_or(Path::new(""));
        let templates = template_files::read(name, &text, beside).map_err(refused)?;
        let mut cut = cut_with(name, &text, &templates.library).map_err(refused)?;
        cut.notes.extend(templates.notes.iter().cloned());
        cut.notes.sort();
        let routing = read(name, &cut.text, Defaults::default()).map_err(refused)?;
        let report = Report::new(&cut, &routing, &templates.files);
        match self.output {
            Output::Json => {
                let report = serde_json::to_string_pretty(&report.json()).map_err(Failure::new)?;
                print(&report);
            }
            Output::Text => report.lines().iter().for_each(|line| print(line)),
        }
        match &self.into {
            None => say("Nothing was written; --into DIR copies the file into a data directory."),
            Some(dir) => {
                let configuration = self.copy(dir, &text)?;
                copy_templates(&templates, &configuration)?;
            }
        }
        Ok(if report.look.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(LOOK)
        })
    }

    /// Copies the file, complete or not at all; the folder that it is in.
    fn copy(&self, dir: &Path, text: &str) -> Result<PathBuf, Failure> {
        let configuration = dir.join("config");
        let path = configuration.join(NAME);
        if !configuration.is_dir() {
            return Err(Failure::usage(format!(
                "{dir} is not a data directory of Stentor; create one with: stentor init {dir}",
                dir = dir.display()
            )));
        }
        if !self.force && path.symlink_metadata().is_ok() {
            return Err(Failure::usage(format!(
                "{} exists; --force replaces it",
                path.display()
            )));
        }
        let partial = configuration.join(format!(".{NAME}.{}", std::process::id()));
        let _ = fs::remove_file(&partial);
        private_file(&partial, text.as_bytes())?;
        fs::rename(&partial, &path).map_err(at(&path))?;
        say(&format!(
            "Wrote {path}. Next:\n  1. stentor check {dir}\n  2. stentor apply --dir {dir}, or start it: stentor up --dir {dir}\n  3. files that it names are looked for in {configuration}\n  4. receivers in your own network need their addresses in `allow` of [network] in stentor.toml",
            path = path.display(),
            dir = dir.display(),
            configuration = configuration.display()
        ));
        Ok(configuration)
    }
}

/// Copies template files that are named relative to the file, so that the copy finds them, too. Those that are named
/// by a full path are found where they are.
fn copy_templates(templates: &Templates, configuration: &Path) -> Result<(), Failure> {
    for (file, relative) in templates.files.iter().zip(&templates.relative) {
        let Some(relative) = relative else {
            say(&format!(
                "{} is read where it is: keep it there.",
                file.shown
            ));
            continue;
        };
        let path = configuration.join(relative);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        fs::write(&path, &file.text).map_err(at(&path))?;
        say(&format!("Wrote {}.", path.display()));
    }
    Ok(())
}

/// Reads the file, which may not be endless.
fn text(path: &Path) -> Result<String, Failure> {
    let file = fs::File::open(path).map_err(at(path))?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(at(path))?;
    Ok(text)
}

/// What becomes of a file.
struct Report<'a> {
    routing: &'a Routing,
    templates: &'a [TemplateFile],
    translated: &'a [Note],
    /// What, and what to do.
    look: Vec<(&'a Note, &'static str)>,
}

impl<'a> Report<'a> {
    fn new(cut: &'a Cut, routing: &'a Routing, templates: &'a [TemplateFile]) -> Self {
        Self {
            routing,
            templates,
            translated: &cut.translated,
            look: cut.notes.iter().map(|note| (note, todo(note))).collect(),
        }
    }

    /// What was taken over: the kind, how many, and their names.
    fn taken(&self) -> Vec<(&'static str, usize, Vec<String>)> {
        let delivered = self.routing.receivers.iter().map(|receiver| {
            let ways = receiver.integrations.iter();
            let ways = ways.filter(|i| !matches!(i.settings, Settings::NotDelivered));
            let ways: Vec<String> = ways.map(|i| i.name()).collect();
            if ways.is_empty() {
                receiver.name.clone()
            } else {
                format!("{} ({})", receiver.name, ways.join(", "))
            }
        });
        let intervals: Vec<String> = self.routing.intervals.keys().cloned().collect();
        let mut taken = vec![
            ("routes", self.routing.routes.len(), Vec::new()),
            (
                "receivers",
                self.routing.receivers.len(),
                delivered.collect(),
            ),
            (
                "inhibition rules",
                self.routing.inhibit_rules.len(),
                Vec::new(),
            ),
            ("time intervals", intervals.len(), intervals),
        ];
        if !self.templates.is_empty() {
            let names = self.templates.iter().map(|file| file.shown.clone());
            taken.push(("template files", self.templates.len(), names.collect()));
        }
        taken
    }

    fn lines(&self) -> Vec<String> {
        let taken = self.taken().into_iter().map(|(kind, count, names)| {
            if names.is_empty() {
                format!("taken over: {count} {kind}")
            } else {
                let names: Vec<String> =
                    names.iter().map(|n| n.escape_debug().to_string()).collect();
                format!("taken over: {count} {kind}: {}", names.join(", "))
            }
        });
        let translated = self.translated.iter().map(|n| format!("translated: {n}"));
        let look = self
            .look
            .iter()
            .map(|(note, todo)| format!("look at: {note}; {todo}"));
        taken.chain(translated).chain(look).collect()
    }

    fn json(&self) -> Value {
        let taken = self
            .taken()
            .into_iter()
            .map(|(kind, count, names)| json!({ "kind": kind, "count": count, "names": names }));
        let look = self.look.iter().map(|(note, todo)| {
            json!({
                "file": note.file, "line": note.line, "column": note.column, "what": note.what, "todo": todo,
            })
        });
        json!({
            "taken_over": taken.collect::<Vec<_>>(),
            "translated": self.translated,
            "look_at": look.collect::<Vec<_>>(),
        })
    }
}

/// What a person may do about a note.
fn todo(note: &Note) -> &'static str {
    let what = &note.what;
    if what.contains("is not delivered yet") {
        "tell this receiver by a webhook, mail or Slack, or keep Alertmanager for it"
    } else if what.contains("no template file") {
        "see whether the pattern is right; until it finds a file, what receivers call from it is missing"
    } else if what.contains("template") {
        "write it with functions that are known; until then our own text is sent, or the field stays empty"
    } else if what.contains("not possible yet") {
        "do without it, or reach the receiver another way"
    } else {
        "see whether you can do without it"
    }
}
