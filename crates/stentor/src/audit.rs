//! `stentor audit`: proves the journal, and erases a payload on record.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use stentor_engine::audit;
use stentor_sqlite::SqliteStore;
use stentor_store::Store;

use crate::check::Output;
use crate::failure::{Failure, block_on, print, say};
use crate::node::Location;

/// Prove that nobody changed the journal, or erase a payload on record.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor audit verify\n  stentor audit erase 421 --reason \"request of the person concerned\""
)]
pub(crate) struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Walk the journal from its first entry; exits with 1 and names the first bad entry when something is wrong
    Verify {
        #[command(flatten)]
        location: Location,
        /// How to print what was found
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
    /// Replace an entry's payload by a tombstone; the chain stays intact and the erasure is on record
    Erase {
        /// Which entry
        seq: u64,
        /// Why
        #[arg(long)]
        reason: String,
        /// Who asked for it
        #[arg(long, default_value = "command line")]
        by: String,
        #[command(flatten)]
        location: Location,
    },
}

impl Audit {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self.action {
            Action::Verify { location, output } => block_on(verify(&location, output)),
            Action::Erase {
                seq,
                reason,
                by,
                location,
            } => block_on(erase(&location, seq, reason, by)),
        }
    }
}

async fn verify(location: &Location, output: Output) -> Result<ExitCode, Failure> {
    let places = location.places()?;
    let store: Arc<dyn Store> = match &location.database {
        Some(_) => location.store(&places).await?,
        None => Arc::new(
            SqliteStore::open_read_only(&places.database())
                .await
                .map_err(Failure::new)?,
        ),
    };
    let report = audit(&*store, &places.heads()).await;
    match output {
        Output::Json => print(&serde_json::to_string_pretty(&report).map_err(Failure::new)?),
        Output::Text => {
            print(&match &report.problem {
                None => format!(
                    "intact: {} entries, {} payloads erased on record, {} signed heads agree; head {}",
                    report.entries, report.erased, report.heads, report.head
                ),
                Some(problem) if problem.seq == 0 => format!("NOT INTACT: {}", problem.what),
                Some(problem) => format!(
                    "NOT INTACT: first bad entry {}: {} ({} entries before it are intact)",
                    problem.seq,
                    problem.what,
                    report.entries.min(problem.seq - 1)
                ),
            });
        }
    }
    Ok(if report.problem.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn erase(
    location: &Location,
    seq: u64,
    reason: String,
    by: String,
) -> Result<ExitCode, Failure> {
    let places = location.places()?;
    let engine = location.engine(&places).await?;
    let done = engine.erase(seq, reason, by).await.map_err(Failure::new)?;
    say(&format!("erased, on record as entry {}", done.seq));
    Ok(ExitCode::SUCCESS)
}
