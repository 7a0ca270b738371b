//! A directory behind rsync, over SSH or of a daemon, by the `rsync` program.
//!
//! rsync replaces each file at once but promises no order among those of one run. So what must not come together comes
//! in several runs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use stentor_channels::secret::{SecretRef, Secrets};
use stentor_publish::{Brought, Done, MirrorError, Step, Undone};
use stentor_verify::FetchError;
use tempfile::TempDir;

use crate::program::{Ended, Program, ProgramError};
use crate::remote::{Carrier, WHOLE, nothing, taken};
use crate::ssh::{ALIAS, Ssh, private};

/// How the other side is reached.
pub(crate) enum Way {
    /// By ssh, to a directory.
    Ssh(Ssh, String),
    /// A daemon's address, and its password.
    Daemon(String, Option<SecretRef>),
}

/// rsync to one directory.
pub(crate) struct Rsync {
    way: Way,
    secrets: Secrets,
    work: PathBuf,
}

impl Rsync {
    pub(crate) fn new(way: Way, secrets: Secrets, work: PathBuf) -> Self {
        Self { way, secrets, work }
    }

    fn place(&self) -> String {
        match &self.way {
            Way::Ssh(_, directory) => format!("{ALIAS}:{}/", directory.trim_end_matches('/')),
            Way::Daemon(address, _) => format!("{}/", address.trim_end_matches('/')),
        }
    }

    fn stage(&self) -> std::io::Result<TempDir> {
        private(&self.work)?;
        tempfile::Builder::new()
            .prefix("rsync-")
            .tempdir_in(&self.work)
    }

    /// rsync with what every run needs.
    async fn program(&self, stage: &Path) -> Result<Program, String> {
        let program = Program::new("rsync", "rsync", stage)
            .arguments(["--timeout=30", "--info=skip1", "--recursive"])
            .at_most(16 << 20)
            .within(WHOLE);
        Ok(match &self.way {
            Way::Ssh(ssh, _) => {
                let file = ssh.file().map_err(|error| error.to_string())?;
                // rsync splits this at blanks outside quotes, by itself.
                let shell = format!("ssh -F '{}'", file.display());
                program.argument("--rsh").argument(shell)
            }
            Way::Daemon(_, password) => {
                let program = program.argument("--contimeout=10");
                match password {
                    None => program,
                    Some(password) => {
                        let secret = self.secrets.resolve(password).await;
                        let secret = secret.map_err(|error| error.to_string())?;
                        program.variable("RSYNC_PASSWORD", secret.expose())
                    }
                }
            }
        })
    }

    /// One run for steps among which the order does not matter.
    async fn run(&self, steps: &[Step<'_>]) -> Result<(), String> {
        let stage = self.stage().map_err(|error| error.to_string())?;
        let files = stage.path().join("files");
        let gone: Vec<&str> = steps
            .iter()
            .filter(|step| matches!(step, Step::Delete { .. }))
            .map(|step| step.path())
            .collect();
        let program = self.program(stage.path()).await?;
        lay_out(&files, steps).map_err(|error| error.to_string())?;
        let program = if gone.is_empty() {
            program.arguments([
                "--whole-file",
                "--ignore-times",
                "--perms",
                "--chmod=D755,F644",
            ])
        } else {
            lay_out_parents(&files, &gone).map_err(|error| error.to_string())?;
            program
                .arguments(["--delete", "--existing", "--ignore-existing"])
                .arguments(["--filter=merge -"])
                .input(only(&gone).into_bytes())
        };
        let program = program.arguments(["--", "files/"]).argument(self.place());
        let ended = program.run().await.map_err(|error| error.to_string())?;
        if ended.is_good() {
            Ok(())
        } else {
            Err(explain(&ended))
        }
    }
}

/// Writes the files of steps below `folder`.
fn lay_out(folder: &Path, steps: &[Step<'_>]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for step in steps {
        let Step::Put { path, bytes } = step else {
            continue;
        };
        let place = folder.join(path);
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&place, bytes)?;
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

/// Makes the folders above files, so that rsync looks for what is too much in them and does not take them for gone.
fn lay_out_parents(folder: &Path, gone: &[&str]) -> std::io::Result<()> {
    let parents = gone.iter().filter_map(|path| Path::new(path).parent());
    parents
        .map(|parent| folder.join(parent))
        .try_for_each(std::fs::create_dir_all)
}

/// Filter rules by which rsync sees these files and the folders above them, and nothing else. Safe paths hold none of
/// the signs that rules give a meaning.
fn only(gone: &[&str]) -> String {
    let mut seen = BTreeSet::new();
    let mut rules = String::new();
    for path in gone {
        let folders = path.match_indices('/').map(|(end, _)| &path[..=end]);
        for part in folders.chain([*path]) {
            if seen.insert(part) {
                let _ = writeln!(rules, "+ /{part}");
            }
        }
    }
    rules.push_str("- *\n");
    rules
}

/// Which steps may come in one run: those of equal rank that follow each other.
fn rank(step: &Step<'_>) -> u8 {
    let Step::Put { path, .. } = step else {
        return 5;
    };
    match *path {
        "metadata/timestamp.json" => 3,
        path if path.starts_with("targets/") => 0,
        path if path.starts_with("metadata/") && path.ends_with(".snapshot.json") => 2,
        path if path.starts_with("metadata/") => 1,
        _ => 4,
    }
}

#[async_trait]
impl Carrier for Rsync {
    async fn carry(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        let mut before = 0;
        for run in steps.chunk_by(|a, b| rank(a) == rank(b)) {
            let taken = self.run(run).await;
            // Which of the run failed is not told; its first file stands for all.
            taken.map_err(|why| run[0].undone(MirrorError::Failed(why)))?;
            (before..before + run.len()).for_each(done);
            before += run.len();
        }
        Ok(())
    }

    async fn bring(&self, wanted: &[(String, u64)]) -> Brought {
        let stage = match self.stage() {
            Ok(stage) => stage,
            Err(error) => return nothing(wanted, &error.to_string()),
        };
        let program = match self.program(stage.path()).await {
            Ok(program) => program,
            Err(why) => return nothing(wanted, &why),
        };
        let most = wanted.iter().map(|(_, limit)| *limit).max().unwrap_or(0);
        let list: Vec<&str> = wanted.iter().map(|(path, _)| path.as_str()).collect();
        let folder = stage.path().join("files");
        let watched = folder.clone();
        let ended = program
            .argument(format!("--max-size={most}"))
            .arguments(["--ignore-missing-args", "--files-from=-", "--"])
            .argument(self.place())
            .argument("files/")
            .input(list.join("\n").into_bytes())
            .watched(Box::new(move || longest(&watched, 8) > most))
            .run()
            .await;
        let ended = match ended {
            Ok(ended) if ended.is_good() => ended,
            Ok(ended) if is_absent(&ended) => {
                return wanted
                    .iter()
                    .map(|(path, _)| (path.clone(), Err(FetchError::NotFound)))
                    .collect();
            }
            Ok(ended) => return nothing(wanted, &explain(&ended)),
            Err(ProgramError::Watched { .. }) => {
                // The other side sends more than it announced.
                return nothing(wanted, "rsync: it sends files that are too long");
            }
            Err(error) => return nothing(wanted, &error.to_string()),
        };
        let out = String::from_utf8_lossy(&ended.out);
        let too_long = |path: &str| {
            let line = format!("{path} is over max-size");
            out.lines().any(|l| l.trim() == line)
        };
        wanted
            .iter()
            .map(|(path, limit)| {
                let found = match taken(&folder.join(path), *limit) {
                    Some(found) => found,
                    None if too_long(path) => Err(FetchError::TooLarge { limit: *limit }),
                    None => Err(FetchError::NotFound),
                };
                (path.clone(), found)
            })
            .collect()
    }
}

/// The length of the longest file below `folder`.
fn longest(folder: &Path, depth: usize) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() && depth > 0 => longest(&entry.path(), depth - 1),
            Ok(about) if about.is_file() => about.len(),
            _ => 0,
        })
        .max()
        .unwrap_or(0)
}

/// Whether the directory itself is not there yet.
fn is_absent(ended: &Ended) -> bool {
    let missing = ["change_dir", "chdir"];
    let mut lines = ended.err.lines();
    lines.any(|line| {
        line.contains("No such file or directory") && missing.iter().any(|w| line.contains(w))
    })
}

/// What went wrong, and what to do.
fn explain(ended: &Ended) -> String {
    let todo = match ended.code {
        Some(5) => "check the module, the user and the password",
        Some(10 | 12 | 30 | 35 | 255) => {
            "check the machine, its key in known_hosts, and ours there"
        }
        Some(11 | 13 | 23) => "check that there is room, and that the user may write there",
        _ => "look at its log",
    };
    format!("rsync: {}; {todo}", ended.complaint())
}
