//! `stentor reach`: whom the word reaches, and what that hangs on.

mod picture;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use stentor_domain::organisation::Organisation;
use stentor_domain::shared_fate::{Foundation, Part, SharedFate, Site};
use stentor_engine::{Places, SystemClock, surroundings};
use stentor_mirrors::Web;

use crate::failure::{Failure, block_on, print, say};
use crate::files::{self, Unusable};

/// Say whom the word reaches, and what takes it down.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor reach mirrors ./stentor-data --check")]
pub(crate) struct Reach {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Mirrors(Mirrors),
}

/// Show what each mirror and each signing site stands on, and warn when one failure takes all of them, or all mirrors
/// and your own house. What is not declared is unknown, and never taken for independent.
///
/// With --check, exits with 1 when one failure takes too much or a web server lacks a header, and with 3 when that
/// cannot be told because something is not declared.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor reach mirrors ./stentor-data --check\n  stentor reach mirrors --output svg >foundations.svg"
)]
struct Mirrors {
    /// The data directory, or the configuration directory itself
    #[arg(default_value = "stentor-data")]
    dir: PathBuf,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Exit with 1 or 3 when something is wrong or unknown
    #[arg(long)]
    check: bool,
    /// Also visit each mirror at its url, and say which headers its web server lacks
    #[arg(long)]
    visit: bool,
}

/// For people, for programs, or as a picture.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A table
    #[default]
    Text,
    /// JSON
    Json,
    /// A picture
    Svg,
}

/// What a visit found at one mirror.
#[derive(Serialize)]
struct Visit {
    mirror: String,
    lacks: Vec<&'static str>,
    error: Option<String>,
}

/// The exit code when something is not declared.
const UNKNOWN: u8 = 3;

impl Reach {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self.action {
            Action::Mirrors(mirrors) => mirrors.run(),
        }
    }
}

impl Mirrors {
    fn run(self) -> Result<ExitCode, Failure> {
        let inner = self.dir.join("config");
        let dir = if inner.is_dir() {
            inner
        } else {
            self.dir.clone()
        };
        let read = files::read(&dir).map_err(Unusable::into_failure)?;
        let organisation = read.organisation;
        let fate = SharedFate::of(sites(&organisation));
        let visits = if self.visit {
            self.visit(&organisation)?
        } else {
            Vec::new()
        };
        match self.output {
            Output::Text => print(table(&fate).trim_end()),
            Output::Json => {
                let all = serde_json::json!({ "shared_fate": fate, "visits": visits });
                print(&serde_json::to_string_pretty(&all).map_err(Failure::new)?);
            }
            Output::Svg => print(picture::draw(&fate).trim_end()),
        }
        for line in warnings(&fate, &visits) {
            say(&line);
        }
        let lacking = visits
            .iter()
            .any(|v| v.error.is_some() || !v.lacks.is_empty());
        Ok(
            match (self.check, fate.is_safe() && !lacking, fate.is_certain()) {
                (false, ..) | (_, true, true) => ExitCode::SUCCESS,
                (_, false, _) => ExitCode::FAILURE,
                (_, true, false) => ExitCode::from(UNKNOWN),
            },
        )
    }

    fn visit(&self, organisation: &Organisation) -> Result<Vec<Visit>, Failure> {
        let places = Places {
            data: self.dir.clone(),
            credentials: None,
        };
        let around = surroundings(&places, &organisation.allow_networks, Arc::new(SystemClock));
        block_on(async {
            let mut visits = Vec::new();
            for mirror in &organisation.mirrors {
                let Some(url) = &mirror.url else { continue };
                let web = Web::new(url, &around).map_err(Failure::new)?;
                let (lacks, error) = match web.missing().await {
                    Ok(missing) => (missing.iter().map(|m| m.explain()).collect(), None),
                    Err(error) => (Vec::new(), Some(error.to_string())),
                };
                visits.push(Visit {
                    mirror: mirror.name.clone(),
                    lacks,
                    error,
                });
            }
            Ok(visits)
        })
    }
}

fn sites(organisation: &Organisation) -> Vec<Site> {
    let mirrors = organisation.mirrors.iter().map(|mirror| Site {
        part: Part::Mirror,
        name: mirror.name.clone(),
        stands_on: mirror.stands_on.clone(),
    });
    let signing = organisation.signing_sites.iter().map(|site| Site {
        part: Part::SigningSite,
        name: site.name.clone(),
        stands_on: site.stands_on.clone(),
    });
    let house = Site {
        part: Part::House,
        name: "our own house".to_owned(),
        stands_on: organisation.house.clone(),
    };
    mirrors.chain(signing).chain([house]).collect()
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Mirror => "mirror",
        Part::SigningSite => "signing site",
        Part::House => "house",
    }
}

/// What a site stands on, in one cell.
fn cell(site: &Site, foundation: Foundation) -> String {
    match site.stands_on.0.get(&foundation) {
        None => "unknown".to_owned(),
        Some(labels) if labels.is_empty() => "none".to_owned(),
        Some(labels) => labels.join(", "),
    }
}

fn table(fate: &SharedFate) -> String {
    let head = ["", "name"].map(str::to_owned).into_iter();
    let head = head.chain(Foundation::ALL.map(|f| f.title().to_owned()));
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    for site in &fate.sites {
        let first = [part(site.part).to_owned(), site.name.clone()].into_iter();
        rows.push(
            first
                .chain(Foundation::ALL.map(|f| cell(site, f)))
                .collect(),
        );
    }
    let columns = Foundation::ALL.len() + 2;
    let widths: Vec<usize> = (0..columns)
        .map(|c| rows.iter().map(|r| r[c].chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn warnings(fate: &SharedFate, visits: &[Visit]) -> Vec<String> {
    let mut lines = Vec::new();
    for blow in &fate.blows {
        lines.push(format!(
            "WARNING: {} {:?} takes {}; put one of them on another",
            blow.foundation.title(),
            blow.label,
            blow.loss.title()
        ));
    }
    for doubt in &fate.doubts {
        lines.push(format!(
            "unknown: whether one {} takes {}; declare {} under stands_on of {} (an empty list when it needs none)",
            doubt.foundation.title(),
            doubt.loss.title(),
            doubt.foundation.name(),
            doubt.unknown.join(", ")
        ));
    }
    for visit in visits {
        for lack in &visit.lacks {
            lines.push(format!("WARNING: mirror {}: {lack}", visit.mirror));
        }
        if let Some(error) = &visit.error {
            lines.push(format!(
                "WARNING: mirror {} cannot be visited: {error}",
                visit.mirror
            ));
        }
    }
    lines
}
