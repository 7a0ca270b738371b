//! `stentor check`: every problem of a configuration at once.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::failure::{Failure, print, say};
use crate::files::{self, Unusable};

/// Name every problem of a configuration: file, line, column, and what to do. Exits with 1 when there is one.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor check ./stentor-data")]
pub(crate) struct Check {
    /// The data directory, or the configuration directory itself
    #[arg(default_value = "stentor-data")]
    dir: PathBuf,
    /// How to print the problems
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// For people or for programs.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Lines
    #[default]
    Text,
    /// JSON
    Json,
}

impl Check {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let inner = self.dir.join("config");
        let dir = if inner.is_dir() { inner } else { self.dir };
        let problems = match files::read(&dir) {
            Ok(configuration) => {
                for note in &configuration.notes {
                    say(&format!("note: {note}"));
                }
                Vec::new()
            }
            Err(Unusable::Problems(problems)) => problems,
            Err(Unusable::Unreadable(failure)) => return Err(failure),
        };
        match self.output {
            Output::Json => print(&serde_json::to_string_pretty(&problems).map_err(Failure::new)?),
            Output::Text => problems
                .iter()
                .for_each(|problem| print(&problem.to_string())),
        }
        if problems.is_empty() {
            say(&format!("{}: no problem", dir.display()));
            return Ok(ExitCode::SUCCESS);
        }
        say(&format!("{}: {} problem(s)", dir.display(), problems.len()));
        Ok(ExitCode::FAILURE)
    }
}
