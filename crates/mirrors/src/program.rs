//! Running a program: no shell, an environment of its own, bounds on time and output, and no child left behind.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Where programs are looked for; what the environment says does not count.
const FOLDERS: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// Of what a program complains about, so much is kept, in bytes.
const COMPLAINTS: usize = 16 * 1024;

/// So often a watched folder is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Why a program brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProgramError {
    /// It is not installed.
    #[error("the program {name} is missing; install the package {package}")]
    Missing {
        name: &'static str,
        package: &'static str,
    },
    /// It could not be started or talked to.
    #[error("{name}: {why}")]
    Broken { name: &'static str, why: String },
    /// It took too long, and was killed.
    #[error("{name} did not end within {} s", .after.as_secs())]
    TimedOut { name: &'static str, after: Duration },
    /// It wrote more than it may, and was killed.
    #[error("{name} brings more than {most} bytes")]
    TooMuch { name: &'static str, most: usize },
    /// What is watched went too far, and it was killed.
    #[error("{name} brings files that are too long")]
    Watched { name: &'static str },
}

/// Says that a program has gone too far.
pub(crate) type Watch = Box<dyn Fn() -> bool + Send + Sync>;

/// A program to be run.
pub(crate) struct Program {
    name: &'static str,
    package: &'static str,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: PathBuf,
    input: Vec<u8>,
    most: usize,
    within: Duration,
    watch: Option<Watch>,
}

/// A program that ended by itself.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote.
    pub(crate) out: Vec<u8>,
    /// What it complained about.
    pub(crate) err: String,
}

/// What ssh ends with when it is not let in, or does not know the machine.
const DECISIVE: [&str; 2] = ["Host key verification failed", "Permission denied ("];

impl Ended {
    pub(crate) fn is_good(&self) -> bool {
        self.code == Some(0)
    }

    /// The complaint that tells most, for people: printable, and not longer than a line or two.
    pub(crate) fn complaint(&self) -> String {
        let telling = |line: &&str| {
            let line = line.trim();
            !(line.is_empty()
                || line.starts_with("hint:")
                || line.starts_with("Warning: Permanently added"))
        };
        // ssh says much before it says what matters.
        let decisive = |line: &&str| DECISIVE.iter().any(|what| line.contains(what));
        let text = match self.err.lines().find(decisive) {
            Some(line) => line.to_owned(),
            None => {
                let lines: Vec<&str> = self.err.lines().filter(telling).take(3).collect();
                lines.join("; ")
            }
        };
        let clean = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(400);
        let text: String = clean.collect();
        match (text.trim(), self.code) {
            ("", Some(code)) => format!("it ended with code {code}"),
            ("", None) => "it was killed".to_owned(),
            (text, _) => text.to_owned(),
        }
    }
}

impl Program {
    /// The program `name` of the Debian package `package`, run in `folder`.
    pub(crate) fn new(name: &'static str, package: &'static str, folder: &Path) -> Self {
        Self {
            name,
            package,
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: folder.to_owned(),
            input: Vec::new(),
            most: 64 * 1024,
            within: Duration::from_secs(60),
            watch: None,
        }
    }

    pub(crate) fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn arguments<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(OsString::from));
        self
    }

    pub(crate) fn variable(
        mut self,
        name: impl Into<OsString>,
        value: impl Into<OsString>,
    ) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    pub(crate) fn input(mut self, input: Vec<u8>) -> Self {
        self.input = input;
        self
    }

    /// It may write at most so many bytes.
    pub(crate) fn at_most(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    pub(crate) fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// It is killed when `watch` says so.
    pub(crate) fn watched(mut self, watch: Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Runs it to its end. When this is dropped before, it is killed with all its children.
    pub(crate) async fn run(mut self) -> Result<Ended, ProgramError> {
        let (name, after) = (self.name, self.within);
        let watch = self.watch.take();
        let running = async {
            tokio::select! {
                ended = self.go() => ended,
                () = too_far(watch) => Err(ProgramError::Watched { name }),
            }
        };
        let ended = timeout(after, running).await;
        ended.unwrap_or(Err(ProgramError::TimedOut { name, after }))
    }

    async fn go(self) -> Result<Ended, ProgramError> {
        let name = self.name;
        let broken = |why: std::io::Error| ProgramError::Broken {
            name,
            why: why.to_string(),
        };
        let path = FOLDERS.iter().map(|folder| Path::new(folder).join(name));
        let path = path
            .into_iter()
            .find(|path| path.is_file())
            .ok_or(ProgramError::Missing {
                name,
                package: self.package,
            })?;
        let mut child = Command::new(path)
            .args(&self.arguments)
            .env_clear()
            .env("PATH", FOLDERS.join(":"))
            .env("LC_ALL", "C")
            .env("HOME", &self.folder)
            .envs(self.environment)
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
            .map_err(broken)?;
        let mut group = Group::of(child.id());
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let input = self.input;
        let write = async {
            if let Some(mut stdin) = stdin {
                // One that reads no further says by its end what it thinks of it.
                let _ = stdin.write_all(&input).await;
                let _ = stdin.shutdown().await;
            }
        };
        let (most, too_much) = (
            self.most,
            ProgramError::TooMuch {
                name,
                most: self.most,
            },
        );
        let read = async {
            match stdout {
                Some(stdout) => read(stdout, most).await.map_err(broken),
                None => Ok(None),
            }
        };
        let complain = async {
            match stderr {
                Some(stderr) => first(stderr, COMPLAINTS).await,
                None => Vec::new(),
            }
        };
        let ((), out, err) = tokio::join!(
            write,
            async {
                let out = read.await;
                if matches!(out, Ok(None)) {
                    // It would write on for ever, and nobody reads.
                    kill(group.0);
                }
                out
            },
            complain
        );
        let status = child.wait().await.map_err(broken)?;
        group.0 = None;
        Ok(Ended {
            code: status.code(),
            out: out?.ok_or(too_much)?,
            err: String::from_utf8_lossy(&err).into_owned(),
        })
    }
}

async fn too_far(watch: Option<Watch>) {
    let Some(watch) = watch else {
        return std::future::pending().await;
    };
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if watch() {
            return;
        }
    }
}

/// All of a stream, or nothing when it is longer than `most`.
async fn read(
    stream: impl AsyncRead + Unpin,
    most: usize,
) -> Result<Option<Vec<u8>>, std::io::Error> {
    let mut kept = Vec::new();
    let limit = (most as u64).saturating_add(1);
    stream.take(limit).read_to_end(&mut kept).await?;
    Ok((kept.len() <= most).then_some(kept))
}

/// The beginning of a stream, which is read to its end.
async fn first(mut stream: impl AsyncRead + Unpin, most: usize) -> Vec<u8> {
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        let room = most.saturating_sub(kept.len()).min(count);
        kept.extend_from_slice(&buffer[..room]);
    }
    kept
}

/// A process and its children, which end with this.
struct Group(Option<Pid>);

impl Group {
    fn of(id: Option<u32>) -> Self {
        let id = id.and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        kill(self.0);
    }
}

fn kill(group: Option<Pid>) {
    if let Some(group) = group {
        // It may have ended by itself.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::new("sh", "dash", Path::new("/")).arguments(["-c", script])
    }

    #[tokio::test]
    async fn output_environment_and_complaints() {
        let ended = shell("cat; env; echo one >&2; printf 'two\\033[31m' >&2; exit 7")
            .input(b"in\n".to_vec())
            .run()
            .await
            .unwrap();
        assert_eq!(ended.code, Some(7));
        assert_eq!(ended.complaint(), "one; two [31m");
        let out = String::from_utf8(ended.out).unwrap();
        assert!(out.starts_with("in\n") && out.contains("LC_ALL=C"), "{out}");
        assert!(!out.contains("CARGO"), "{out}");
        let nothing = shell("exit 3").run().await.unwrap();
        assert_eq!(nothing.complaint(), "it ended with code 3");
    }

    #[tokio::test]
    async fn what_goes_too_far_is_killed_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let note = dir.path().join("child");
        // A grandchild notes its id and lives on; killing only the child would leave it.
        let script = format!("(echo $$ >{0}; sleep 1000) & wait", note.display());
        let slow = shell(&script)
            .within(Duration::from_millis(500))
            .run()
            .await;
        assert!(
            matches!(slow, Err(ProgramError::TimedOut { .. })),
            "{slow:?}"
        );
        let endless = shell("yes").at_most(1_000).run().await;
        assert!(matches!(
            endless,
            Err(ProgramError::TooMuch { most: 1_000, .. })
        ));
        let started = dir.path().join("started");
        let seen = started.clone();
        let script = format!("echo x >{}; sleep 1000", started.display());
        let watched = shell(&script)
            .watched(Box::new(move || seen.exists()))
            .run()
            .await;
        assert_eq!(watched.unwrap_err(), ProgramError::Watched { name: "sh" });
        let id = std::fs::read_to_string(note).unwrap();
        let stat = PathBuf::from(format!("/proc/{}/stat", id.trim()));
        // Gone, or dead and not yet collected by whoever inherited it.
        let gone = || {
            std::fs::read_to_string(&stat).map_or(true, |text| {
                text.rsplit(')').next().unwrap().trim().starts_with('Z')
            })
        };
        while !gone() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_program_that_is_missing_is_named() {
        let missing = Program::new("no-such-program", "some-package", Path::new("/"));
        assert_eq!(
            missing.run().await.unwrap_err().to_string(),
            "the program no-such-program is missing; install the package some-package"
        );
    }
}
