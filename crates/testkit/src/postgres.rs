//! A private PostgreSQL cluster for tests, from the programs of Debian's `postgresql` package.
//!
//! The server runs under a shell that waits for its standard input to close. That happens when the fake is dropped
//! and also when the test process ends in any other way, so no server and no folder is left behind.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// Ends the server hard, as a crash would, when a line arrives or the input closes; then also removes the folder.
const KEEPER: &str = r#"
folder=$1; shift
"$@" >>"$folder/log" 2>&1 </dev/null & server=$!
if read -r word; then keep=yes; else keep=no; fi
kill -QUIT $server; wait $server
[ $keep = yes ] || rm -rf "$folder"
"#;

/// Small and quick. It really syncs: `fsync` and its kin are left at their defaults, so that a test may change them by
/// `ALTER SYSTEM`.
const SETTINGS: [&str; 10] = [
    "wal_level=minimal",
    "wal_init_zero=off",
    "max_wal_senders=0",
    "shared_buffers=64MB",
    "max_wal_size=1GB",
    "max_connections=200",
    "autovacuum=off",
    "listen_addresses=127.0.0.1",
    "log_min_messages=warning",
    "timezone=UTC",
];

/// A cluster of its own, listening on a loopback port and a socket in its folder.
pub struct PrivatePostgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    keeper: Mutex<Option<Child>>,
    databases: AtomicU32,
}

impl PrivatePostgres {
    /// The one cluster of this test process; each test takes a [`PrivatePostgres::database`] of its own in it.
    ///
    /// # Panics
    /// As [`PrivatePostgres::start`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PrivatePostgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Makes and starts a cluster that really syncs.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start; says what to do.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Makes and starts a cluster with further settings, as `name=value`.
    ///
    /// # Panics
    /// As [`PrivatePostgres::start`].
    #[must_use]
    pub fn start_with(settings: &[&str]) -> Self {
        let programs = find_programs();
        let folder = output(as_server(Path::new("mktemp")).args(["-d", "/tmp/stentor-pg.XXXXXX"]));
        let folder = PathBuf::from(folder.trim());
        output(
            as_server(&programs.join("initdb"))
                .args(["--auth=trust", "--username=stentor", "--encoding=UTF8"])
                .args(["--locale=C.UTF-8", "--no-sync", "-D"])
                .arg(folder.join("data")),
        );
        let all = SETTINGS.iter().chain(settings);
        let cluster = Self {
            programs,
            folder,
            port: free_port(),
            settings: all.map(|&setting| setting.to_owned()).collect(),
            keeper: Mutex::new(None),
            databases: AtomicU32::new(0),
        };
        cluster.start_again();
        cluster
    }

    /// Where a database of this cluster is reached.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://stentor@127.0.0.1:{}/{database}", self.port)
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates an empty database and returns its URL.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// Runs a statement in the cluster's own database, as its superuser.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn sql(&self, statement: &str) -> String {
        self.sql_in("postgres", statement)
    }

    /// Runs a statement in a database, as the superuser.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn sql_in(&self, database: &str, statement: &str) -> String {
        output(
            Command::new(self.programs.join("psql"))
                .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
                .args(["-d", &self.url(database), "-c", statement]),
        )
    }

    /// Ends the server without a checkpoint or a goodbye (`pg_ctl -m immediate`).
    ///
    /// # Panics
    /// When its keeper cannot be reached.
    pub fn crash(&self) {
        let keeper = self.keeper.lock().unwrap().take();
        if let Some(mut keeper) = keeper {
            let mut input = keeper.stdin.take().unwrap();
            input.write_all(b"keep\n").unwrap();
            drop(input);
            keeper.wait().unwrap();
        }
    }

    /// Starts the server after [`PrivatePostgres::crash`], and waits until it has recovered.
    ///
    /// # Panics
    /// When it does not come up within a minute; shows its log.
    pub fn start_again(&self) {
        let mut command = as_server(Path::new("sh"));
        command.args(["-c", KEEPER, "keeper"]).arg(&self.folder);
        command.arg(self.programs.join("postgres")).arg("-D");
        command.arg(self.folder.join("data"));
        command.args(["-p", &self.port.to_string(), "-k"]);
        command.arg(&self.folder);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let keeper = command
            // A signal to the tests' process group (Ctrl-C, a time limit) must not kill who cleans up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        *self.keeper.lock().unwrap() = Some(keeper);
        for _ in 0..600 {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .unwrap();
            if ready.success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL does not start:\n{log}");
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        let keeper = self.keeper.get_mut().unwrap_or_else(|e| e.into_inner());
        match keeper.take() {
            Some(mut keeper) => {
                drop(keeper.stdin.take());
                let _ = keeper.wait();
            }
            None => {
                let _ = std::fs::remove_dir_all(&self.folder);
            }
        }
    }
}

/// The programs of the newest version installed.
fn find_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.parse().ok())
        .max();
    let Some(version): Option<u32> = newest else {
        panic!("PostgreSQL is not installed: apt-get install postgresql");
    };
    let programs = PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
    assert!(
        programs.join("initdb").exists(),
        "PostgreSQL {version} lacks its server programs: apt-get install postgresql-{version}"
    );
    programs
}

/// A command as the user the server runs as: it refuses to be root.
fn as_server(program: &Path) -> Command {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let mut command;
    if is_root {
        command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
    } else {
        command = Command::new(program);
    }
    command.current_dir("/tmp");
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Runs to the end and returns what was printed.
fn output(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {complaint}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}
