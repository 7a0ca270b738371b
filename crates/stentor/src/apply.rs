//! `stentor apply`: puts changed files in force, also while a server runs.

use std::process::ExitCode;

use clap::Args;

use crate::failure::{Failure, block_on, say};
use crate::files::{self, Unusable};
use crate::node::{self, Location};

/// Put the configuration directory in force, on record with who and why. Running nodes take it over within a second.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor apply --reason \"Cleo joins the rota\"")]
pub(crate) struct Apply {
    #[command(flatten)]
    location: Location,
    /// Who submits it
    #[arg(long, default_value = "command line")]
    by: String,
    /// Why it changes
    #[arg(long, default_value = "")]
    reason: String,
}

impl Apply {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        block_on(async {
            let places = self.location.places()?;
            let configuration =
                files::read(&places.configuration()).map_err(Unusable::into_failure)?;
            let hash = configuration.bundle.hash();
            let engine = self.location.engine(&places).await?;
            let changed = node::apply(&engine, configuration, &self.by, &self.reason).await?;
            say(&format!(
                "{hash} is in force{}",
                if changed { "" } else { ", as before" }
            ));
            Ok(ExitCode::SUCCESS)
        })
    }
}
