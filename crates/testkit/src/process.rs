//! Starting and killing programs.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use crate::collected::{Collected, PATIENCE};

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Each line of its standard output so far.
    pub stdout: Collected<String>,
    /// Each line of its standard error so far.
    pub stderr: Collected<String>,
}

impl Process {
    /// Starts a program with all three streams caught.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().map(lines).unwrap_or_default(),
            stderr: child.stderr.take().map(lines).unwrap_or_default(),
            child,
        }
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Writes one line to its standard input.
    ///
    /// # Panics
    /// When it does not take it.
    pub async fn write_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("standard input was closed");
        let line = format!("{line}\n");
        stdin
            .write_all(line.as_bytes())
            .await
            .expect("the program reads its input");
        stdin.flush().await.expect("the program reads its input");
    }

    /// Waits for a line on standard error that contains `part`, and gives it.
    ///
    /// # Panics
    /// After [`PATIENCE`], showing what it wrote instead.
    pub async fn wait_for_stderr(&self, part: &str) -> String {
        wait_for(&self.stderr, part).await
    }

    /// Waits for a line on standard output that contains `part`, and gives it.
    ///
    /// # Panics
    /// After [`PATIENCE`], showing what it wrote instead.
    pub async fn wait_for_stdout(&self, part: &str) -> String {
        wait_for(&self.stdout, part).await
    }

    /// Ends it as a power cut would: SIGKILL, then waits until it is gone.
    ///
    /// # Panics
    /// When that fails.
    pub async fn kill9(&mut self) {
        self.child
            .kill()
            .await
            .expect("our own child can be killed");
    }

    /// Sends a signal by name, such as `HUP` or `TERM`.
    ///
    /// # Panics
    /// When the program is gone already.
    pub async fn signal(&self, name: &str) {
        let id = self.id().expect("the program still runs").to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(
            kill.expect("kill is on every machine").success(),
            "kill -s {name} {id}"
        );
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub async fn wait(&mut self) -> ExitStatus {
        self.stdin = None;
        timeout(PATIENCE, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("did not end; it wrote {:#?}", self.stderr.all()))
            .expect("our own child can be waited for")
    }
}

async fn wait_for(lines: &Collected<String>, part: &str) -> String {
    lines
        .wait(&format!("a line with {part:?}"), |lines| {
            lines.iter().find(|line| line.contains(part)).cloned()
        })
        .await
}

fn lines(stream: impl AsyncRead + Send + Unpin + 'static) -> Collected<String> {
    let collected = Collected::default();
    let to = collected.clone();
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            to.push(line);
        }
    });
    collected
}

/// An address on loopback where nothing listens at the moment.
///
/// # Panics
/// When the machine has no port left.
#[must_use]
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("loopback has a free port")
}

/// The folder cargo builds into, found from the running test.
///
/// # Panics
/// When the test does not run from such a folder.
#[must_use]
pub fn target_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("a test knows its own path");
    exe.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .expect("tests run from cargo's target folder")
        .to_owned()
}

/// The `stentor` program of the same build profile as the running test.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn stentor() -> PathBuf {
    let exe = std::env::current_exe().expect("a test knows its own path");
    // target/debug/deps/it-0123 stands beside target/debug/stentor
    let built = exe
        .ancestors()
        .nth(2)
        .map(|profile| profile.join("stentor"));
    built
        .filter(|path| path.is_file())
        .expect("the program is not built; run: cargo build -p stentor")
}

/// A program on the search path.
///
/// # Panics
/// When it is missing, naming the Debian package that brings it.
#[must_use]
pub fn installed(program: &str, package: &str) -> PathBuf {
    ["/usr/bin", "/usr/local/bin", "/usr/sbin", "/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{program} is missing; run: apt-get install {package}"))
}
