//! Tasks of the project: `cargo xtask TASK`.
//!
//! A task is a module with `HELP` and `run`, and a line in [`TASKS`].
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks"
)]

mod apt;
mod bench;
mod machine;
mod record;
mod shell;
mod simulate;
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use shell::Failure;

/// A word after `cargo xtask`.
struct Task {
    name: &'static str,
    /// One line for the list of tasks.
    summary: &'static str,
    /// What `cargo xtask NAME --help` prints.
    help: fn() -> String,
    run: fn(&[String]) -> Result<(), Failure>,
}

const TASKS: &[Task] = &[
    Task {
        name: "test",
        summary: "check everything a change must pass: format, lints, tests, documentation",
        help: test::help,
        run: test::run,
    },
    Task {
        name: "simulate",
        summary: "play small worlds with faults, crashes and wrong clocks, each from a seed",
        help: simulate::help,
        run: simulate::run,
    },
    Task {
        name: "bench",
        summary: "measure speed and memory beside Alertmanager's, and write docs/performance.md",
        help: bench::help,
        run: bench::run,
    },
    Task {
        name: "record",
        summary: "record how Alertmanager behaves in small scenarios, for tests that replay them",
        help: record::help,
        run: record::run,
    },
];

/// Usage errors have their own exit code, so that a script can tell them from a failed task.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Result<Vec<String>, OsString> = std::env::args_os()
        .skip(1)
        .map(OsString::into_string)
        .collect();
    let Ok(words) = words else {
        eprintln!("error: an argument is not UTF-8");
        return ExitCode::from(USAGE);
    };
    let asks_help = |words: &[String]| words.iter().any(|w| w == "--help" || w == "-h");
    let Some((name, rest)) = words.split_first() else {
        eprint!("{}", help());
        return ExitCode::from(USAGE);
    };
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        if asks_help(&words) || name == "help" {
            print!("{}", help());
            return ExitCode::SUCCESS;
        }
        eprint!("error: no task is called `{name}`\n\n{}", help());
        return ExitCode::from(USAGE);
    };
    if asks_help(rest) {
        print!("{}", (task.help)());
        return ExitCode::SUCCESS;
    }
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn help() -> String {
    let tasks: String = TASKS
        .iter()
        .map(|task| format!("  {:<10} {}\n", task.name, task.summary))
        .collect();
    format!(
        "Tasks of the project.\n\n\
         Usage: cargo xtask TASK [OPTIONS]\n\n\
         Tasks:\n{tasks}\n\
         Options:\n  -h, --help   print this, or the help of a task\n\n\
         Example:\n  cargo xtask test          everything, as CI runs it\n  cargo xtask test --help   its steps and options\n"
    )
}
