//! The `stentor` command.

mod access;
mod alertmanager;
mod apply;
mod audit;
mod beacon;
mod check;
mod example;
mod failure;
mod files;
mod import;
mod init;
mod key;
mod node;
mod reach;
mod receivers;
mod serve;
mod template_files;
mod word;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// Requests are parsed on one thread and answered from another, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Incident response, emergency upgrades and a verifiable public word that stand when your own house is down.
#[derive(Parser)]
#[command(
    name = "stentor",
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
    Up(serve::Up),
    Serve(serve::Serve),
    Alertmanager(Box<alertmanager::Alertmanager>),
    Init(init::Init),
    Check(check::Check),
    Import(import::Import),
    Apply(apply::Apply),
    Verify(stentor_checker::Verify),
    Follow(stentor_checker::Follow),
    Tuf(stentor_checker::Tuf),
    Word(word::Word),
    Beacon(beacon::Beacon),
    Reach(reach::Reach),
    Audit(audit::Audit),
    Key(Box<key::Key>),
    SignIn(access::SignIn),
    Token(access::Token),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Up(up) => up.run(),
        Command::Serve(serve) => serve.run(),
        Command::Alertmanager(alertmanager) => alertmanager.run(),
        Command::Init(init) => init.run(),
        Command::Check(check) => check.run(),
        Command::Import(import) => import.run(),
        Command::Apply(apply) => apply.run(),
        Command::Verify(verify) => verify.run().map_err(Failure::from),
        Command::Follow(follow) => follow.run().map_err(Failure::from),
        Command::Tuf(tuf) => tuf.run().map_err(Failure::from),
        Command::Word(word) => word.run(),
        Command::Beacon(beacon) => beacon.run(),
        Command::Reach(reach) => reach.run(),
        Command::Audit(audit) => audit.run(),
        Command::Key(key) => key.run(),
        Command::SignIn(sign_in) => sign_in.run(),
        Command::Token(token) => token.run(),
    };
    done.unwrap_or_else(Failure::report)
}
