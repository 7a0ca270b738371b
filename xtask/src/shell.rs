//! Running other programs so that one sees what runs, how long it took and how it ended.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Why a task stopped, for a person: what happened and what to do.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line was wrong.
    Usage(String),
    /// The work was tried and failed.
    Failed(String),
}

impl Failure {
    /// The exit code of the process.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => crate::USAGE,
            Self::Failed(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) => f.write_str(text),
        }
    }
}

/// The folder of the workspace.
pub(crate) fn workspace() -> PathBuf {
    // Read when run, not baked in: checkouts may share a target directory.
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(xtask) => PathBuf::from(xtask).join(".."),
        None => PathBuf::from("."),
    }
}

/// The cargo that runs us, in the folder of the workspace.
///
/// `cargo run` describes *this* package in the environment. Build scripts that watch such variables
/// (ring's does) would recompile whenever one alternates between `cargo test` and `cargo xtask test`.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(args).current_dir(workspace());
    for (name, _) in std::env::vars_os() {
        let describes_us = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || matches!(
                    name,
                    "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE"
                )
        });
        if describes_us {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command, its output going where ours goes; true if it succeeded.
pub(crate) fn show(command: &mut Command) -> Result<bool, Failure> {
    announce(command);
    run(command)
}

/// Like [`show`], without a line that says what runs.
pub(crate) fn run(command: &mut Command) -> Result<bool, Failure> {
    let status = command
        .status()
        .map_err(|error| cannot_start(command, &error))?;
    Ok(status.success())
}

/// Like [`show`], and hands each line of standard output to `line` too.
pub(crate) fn show_and_read(
    command: &mut Command,
    mut line: impl FnMut(&str),
) -> Result<bool, Failure> {
    announce(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(command, &error))?;
    if let Some(mut out) = child.stdout.take() {
        pass_on(&mut out, &mut io::stdout(), &mut line)
            .map_err(|error| Failure::Failed(format!("cannot read the output: {error}")))?;
    }
    let status = child
        .wait()
        .map_err(|error| cannot_start(command, &error))?;
    Ok(status.success())
}

/// Copies as it comes, without waiting for the end of a line: a test that hangs has already printed its name.
fn pass_on(
    from: &mut impl Read,
    to: &mut impl Write,
    line: &mut impl FnMut(&str),
) -> io::Result<()> {
    let mut pending = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let n = match from.read(&mut chunk) {
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(&chunk[..n])?;
        to.flush()?;
        pending.extend_from_slice(&chunk[..n]);
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            line(&String::from_utf8_lossy(&pending[..end]));
            pending.drain(..=end);
        }
        if n == 0 {
            if !pending.is_empty() {
                line(&String::from_utf8_lossy(&pending));
            }
            return Ok(());
        }
    }
}

/// True if the program starts and succeeds; prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn announce(command: &Command) {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let args: Vec<_> = command
        .get_args()
        .map(|arg| arg.to_string_lossy())
        .collect();
    println!("$ {} {}", name.to_string_lossy(), args.join(" "));
}

fn cannot_start(command: &Command, error: &io::Error) -> Failure {
    Failure::Failed(format!(
        "cannot run {}: {error}",
        command.get_program().to_string_lossy()
    ))
}

/// Measures how long steps take.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "a developer's tool: nothing is decided by this time"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn read(&self) -> String {
        human(self.0.elapsed())
    }
}

fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=9 => format!("{:.1} s", duration.as_secs_f64()),
        10..=59 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let check = |millis, expect: &str| {
            assert_eq!(human(Duration::from_millis(millis)), expect);
        };
        check(340, "0.3 s");
        check(9_000, "9.0 s");
        check(59_999, "59 s");
        check(60_000, "1 min 00 s");
        check(754_000, "12 min 34 s");
    }

    #[test]
    fn output_is_passed_on_unchanged_and_read_by_line() {
        let check = |input: &[u8], expect: &[&str]| {
            let (mut copy, mut lines) = (Vec::new(), Vec::new());
            pass_on(&mut &input[..], &mut copy, &mut |line: &str| {
                lines.push(line.to_owned());
            })
            .unwrap();
            assert_eq!(copy, input);
            assert_eq!(lines, expect);
        };
        check(b"", &[]);
        check(b"one\ntwo\n", &["one", "two"]);
        check(b"no end", &["no end"]);
        check(b"\xff\n\n", &["\u{fffd}", ""]);
        let long = vec![b'x'; 20_000];
        check(&long, &[str::from_utf8(&long).unwrap()]);
    }
}
