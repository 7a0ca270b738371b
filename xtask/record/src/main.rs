//! Records how Alertmanager behaves in small scenarios. `cargo xtask record` starts it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks"
)]

mod alertmanager;
mod clock;
mod config;
mod failure;
mod http;
mod judge;
mod kinds;
mod layout;
mod options;
mod plan;
mod play;
mod random;
mod record;
mod sink;
mod store;

use std::process::ExitCode;

use failure::Failure;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match options::parse(&args).and_then(|options| record::run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(if matches!(failure, Failure::Usage(_)) {
                2
            } else {
                1
            })
        }
    }
}
