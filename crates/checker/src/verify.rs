//! `stentor verify`: is this word authentic, and is it fresh? Works without any server of ours.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use stentor_verify::{Fetch, Scope, StateDir};

use crate::clock::now;
use crate::directory::{self, Directory};
use crate::failure::{Failure, block_on, print, say};
use crate::judgement::{Judgement, judge};
use crate::mirror_http::{Patience, Web};
use crate::places::open_all;
use crate::trust::{TrustOptions, is_url};

/// Between the timestamp and the last page of an update lies less than this on most mirrors.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Say whether mirrors of a public word are authentic and fresh.
///
/// Of several mirrors each is judged, and the newest authentic word counts. Exit codes: 0 authentic and fresh; 3 authentic but
/// stale; 4 not authentic; 5 could not be checked; 2 wrong usage.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor verify https://status.example.org --root root.json --state ~/.stentor-seen\n  stentor verify https://a.example https://b.example --pin 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c\n  stentor verify https://status.example.org --pin-txt 'v=stentor1; root=sha256:8a88…' --directory\n  stentor verify ./stentor-data/mirrors/one --root ./stentor-data/repository/root.json"
)]
pub struct Verify {
    /// The mirrors, each a URL or a directory
    #[arg(required = true)]
    mirror: Vec<String>,
    #[command(flatten)]
    trust: TrustOptions,
    /// Where to remember what was seen: without it, an older state put back cannot be told on a first visit
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Look at the present only: no roles and pages of years that are over
    #[arg(long, conflicts_with_all = ["file", "directory"])]
    present: bool,
    /// Fetch this one file and write it out once it is verified
    #[arg(long, value_name = "PATH", conflicts_with = "directory")]
    file: Option<String>,
    /// Where to write the file; without it, to standard output, and the verdict to standard error
    #[arg(long, value_name = "FILE", requires = "file")]
    out: Option<PathBuf>,
    /// Print the publisher's signed directory of official channels
    #[arg(long)]
    directory: bool,
    /// Write the verifier for browsers to this file once the word is verified: one page that trusts this root and knows
    /// these mirrors, to be kept and opened from the disk
    #[arg(long, value_name = "FILE")]
    write_page: Option<PathBuf>,
    /// How to print the verdict
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

impl Verify {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`] where there is no verdict: wrong usage, or trust that cannot be read.
    pub fn run(self) -> Result<ExitCode, Failure> {
        block_on(async {
            let web = Web::new(Patience::default()).map_err(Failure::new)?;
            let mirrors = open_all(&web, &self.mirror)?;
            let given = self.trust.read(&web, &self.mirror).await?;
            let state = self.state.as_ref().map(StateDir::new);
            let mirrors: Vec<&dyn Fetch> = mirrors.iter().map(AsRef::as_ref).collect();
            let look = || judge(&mirrors, &given, state.as_ref(), self.scope(), now());
            let mut judgement = look().await;
            if judgement.has_forgery() {
                say(&format!(
                    "A mirror looks forged, as one does while an update is written to it. Looking again in {} s.",
                    LOOK_AGAIN.as_secs()
                ));
                tokio::time::sleep(LOOK_AGAIN).await;
                judgement = look().await;
            }
            self.tell(&judgement)?;
            if let Some(path) = &self.write_page {
                self.write_page(path, &judgement)?;
            }
            Ok(ExitCode::from(judgement.exit_code()))
        })
    }

    fn scope(&self) -> Scope<'_> {
        match &self.file {
            Some(path) => Scope::File(path),
            None if self.directory => Scope::File(directory::PATH),
            None if self.present => Scope::Present,
            None => Scope::Everything,
        }
    }

    fn write_page(&self, path: &Path, judgement: &Judgement) -> Result<(), Failure> {
        let place = path.display();
        let Some(verified) = judgement.newest() else {
            say(&format!("{place} was not written: nothing was verified."));
            return Ok(());
        };
        let urls = self.mirror.iter().filter(|mirror| is_url(mirror));
        let urls: Vec<String> = urls.cloned().collect();
        let page = stentor_browser::page_that_trusts(&verified.report.trusted_root, &urls)
            .map_err(|e| Failure::usage(e.to_string()))?;
        crate::keep::replace_shown(path, page.as_bytes())
            .map_err(|e| Failure::new(format!("{place}: {e}")))?;
        say(&format!(
            "{place} was written. Keep it, and open it from your disk."
        ));
        Ok(())
    }

    fn tell(&self, judgement: &Judgement) -> Result<(), Failure> {
        let verdict = match self.output {
            Output::Text => judgement.explain(),
            Output::Json => judgement.json().map_err(Failure::new)?,
        };
        let Scope::File(path) = self.scope() else {
            print(&verdict);
            return Ok(());
        };
        let bytes = judgement.newest().and_then(|o| o.files.get(path));
        match (bytes, &self.out) {
            (Some(bytes), Some(out)) => {
                print(&verdict);
                crate::keep::replace(out, bytes)
                    .map_err(|e| Failure::new(format!("{}: {e}", out.display())))
            }
            (Some(bytes), None) if self.directory => {
                say(&verdict);
                print(&Directory::parse(bytes).map_err(Failure::new)?.explain());
                Ok(())
            }
            (Some(bytes), None) => {
                use std::io::Write;
                say(&verdict);
                // A closed pipe means that the reader has seen enough.
                let _ = std::io::stdout().write_all(bytes);
                Ok(())
            }
            (None, _) => {
                print(&verdict);
                Ok(())
            }
        }
    }
}
