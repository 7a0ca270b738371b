//! The small program `stentor-verify`: reading the public word without running anything else of Stentor.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use stentor_checker::{Failure, Follow, Tuf, Verify};

/// Says whether a public word is authentic and fresh, and follows it.
#[derive(Parser)]
#[command(
    name = "stentor-verify",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Verify(Verify),
    Follow(Follow),
    Tuf(Tuf),
}

fn main() -> ExitCode {
    let done: Result<ExitCode, Failure> = match Cli::parse().command {
        Command::Verify(verify) => verify.run(),
        Command::Follow(follow) => follow.run(),
        Command::Tuf(tuf) => tuf.run(),
    };
    done.unwrap_or_else(|failure| failure.report("stentor-verify"))
}
