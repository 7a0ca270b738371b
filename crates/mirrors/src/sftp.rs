//! A directory behind SFTP, by the `sftp` program in batch mode.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use stentor_publish::{Brought, Done, MirrorError, Step, Undone};
use stentor_verify::FetchError;
use tempfile::TempDir;

use crate::program::{Ended, Program, ProgramError};
use crate::remote::{Carrier, WHOLE, nothing, taken};
use crate::ssh::{ALIAS, Ssh, private};

/// SFTP to one directory.
pub(crate) struct Sftp {
    ssh: Ssh,
    base: String,
    work: PathBuf,
}

impl Sftp {
    pub(crate) fn new(ssh: Ssh, directory: &str, work: PathBuf) -> Self {
        Self {
            ssh,
            base: directory.trim_end_matches('/').to_owned(),
            work,
        }
    }

    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// A folder for files on their way; a fresh one each time, so that nothing old is taken for new.
    fn stage(&self) -> std::io::Result<TempDir> {
        private(&self.work)?;
        tempfile::Builder::new()
            .prefix("sftp-")
            .tempdir_in(&self.work)
    }

    fn program(&self, stage: &Path, batch: String) -> std::io::Result<Program> {
        let program = Program::new("sftp", "openssh-client", stage)
            .arguments(["-b", "-", "-F"])
            .argument(self.ssh.file()?)
            .arguments(["--", ALIAS])
            .input(batch.into_bytes())
            .at_most(16 << 20)
            .within(WHOLE);
        Ok(program)
    }

    /// The batch for steps, whose content lies in the stage under their numbers.
    fn batch(&self, steps: &[Step<'_>]) -> String {
        let mut batch = String::new();
        let mut made = BTreeSet::new();
        for (index, step) in steps.iter().enumerate() {
            let path = self.at(step.path());
            if let Step::Put { .. } = step {
                for (end, _) in path
                    .match_indices('/')
                    .filter(|(end, _)| *end >= self.base.len())
                {
                    let folder = &path[..end];
                    if !folder.is_empty() && made.insert(folder.to_owned()) {
                        // The minus lets it fail: mostly the folder is there.
                        let _ = writeln!(batch, "-mkdir {folder}");
                    }
                }
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
                let new = format!("{folder}/new-{name}");
                let _ = writeln!(batch, "put -f {index} {new}\nrename {new} {path}");
            } else {
                let _ = writeln!(batch, "-rm {path}");
            }
        }
        batch
    }
}

/// How many steps were done for certain: each command is repeated before it is carried out, and a put ends with its
/// renaming.
fn done_for_certain(out: &[u8]) -> usize {
    let text = String::from_utf8_lossy(out);
    let commands = text.lines().filter_map(|line| line.strip_prefix("sftp> "));
    let commands: Vec<&str> = commands.collect();
    let ends = |command: &&&str| command.starts_with("rename ") || command.starts_with("-rm ");
    let begun = commands.iter().filter(ends).count();
    let last_is_open = commands.last().is_some_and(|last| ends(&last));
    begun - usize::from(last_is_open)
}

#[async_trait]
impl Carrier for Sftp {
    async fn carry(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        let Some(first) = steps.first() else {
            return Ok(());
        };
        let broken = |why: String| first.undone(MirrorError::Failed(why));
        let stage = self.stage().map_err(|e| broken(e.to_string()))?;
        for (index, step) in steps.iter().enumerate() {
            if let Step::Put { bytes, .. } = step {
                let place = stage.path().join(index.to_string());
                let written = std::fs::write(&place, bytes).and_then(|()| {
                    // The file has these rights there too.
                    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o644))
                });
                written.map_err(|e| broken(e.to_string()))?;
            }
        }
        let program = self.program(stage.path(), self.batch(steps));
        let program = program.map_err(|e| broken(e.to_string()))?;
        let ended = program.run().await.map_err(|e| broken(e.to_string()))?;
        let certain = if ended.is_good() {
            steps.len()
        } else {
            done_for_certain(&ended.out)
        };
        for (index, step) in steps.iter().enumerate().take(certain) {
            if let Some(why) = refused_deletion(&ended, &self.at(step.path())) {
                return Err(step.undone(MirrorError::Failed(why)));
            }
            done(index);
        }
        match steps.get(certain) {
            None => Ok(()),
            Some(step) => Err(step.undone(MirrorError::Failed(explain(&ended)))),
        }
    }

    async fn bring(&self, wanted: &[(String, u64)]) -> Brought {
        let stage = match self.stage() {
            Ok(stage) => stage,
            Err(error) => return nothing(wanted, &error.to_string()),
        };
        let mut batch = String::new();
        for (index, (path, _)) in wanted.iter().enumerate() {
            let _ = writeln!(batch, "-get {} {index}", self.at(path));
        }
        let program = match self.program(stage.path(), batch) {
            Ok(program) => program,
            Err(error) => return nothing(wanted, &error.to_string()),
        };
        let places: Vec<(PathBuf, u64)> = wanted
            .iter()
            .enumerate()
            .map(|(index, (_, limit))| (stage.path().join(index.to_string()), *limit))
            .collect();
        let watched = places.clone();
        let watch = move || {
            let length = |place: &PathBuf| std::fs::symlink_metadata(place).map_or(0, |m| m.len());
            watched.iter().any(|(place, limit)| length(place) > *limit)
        };
        let ended = program.watched(Box::new(watch)).run().await;
        let each = wanted.iter().zip(places);
        match ended {
            Ok(ended) if ended.is_good() => each
                .map(|((path, _), (place, limit))| {
                    let found = taken(&place, limit)
                        .unwrap_or_else(|| Err(missing(&ended, &self.at(path))));
                    (path.clone(), found)
                })
                .collect(),
            Ok(ended) => nothing(wanted, &explain(&ended)),
            // Only the file that is too long is known; the others are asked for again.
            Err(ProgramError::Watched { .. }) => each
                .filter_map(|((path, _), (place, limit))| {
                    let found = taken(&place, limit)?;
                    matches!(found, Err(FetchError::TooLarge { .. })).then(|| (path.clone(), found))
                })
                .collect(),
            Err(error) => nothing(wanted, &error.to_string()),
        }
    }
}

/// Why a file did not come.
fn missing(ended: &Ended, path: &str) -> FetchError {
    let about = ended
        .err
        .lines()
        .find(|line| line.contains(&format!("{path}\"")));
    match about {
        Some(line) if line.contains("not found") || line.contains("No such file") => {
            FetchError::NotFound
        }
        Some(line) => FetchError::Unreachable(line.trim().to_owned()),
        None => FetchError::Unreachable(explain(ended)),
    }
}

/// Why a deletion failed, when it did; that there was nothing to delete is fine.
fn refused_deletion(ended: &Ended, path: &str) -> Option<String> {
    let line = ended.err.lines().find(|line| {
        line.contains("delete")
            && line.contains(&format!("{path}\""))
            && !line.contains("No such file")
    })?;
    Some(line.trim().to_owned())
}

/// What went wrong, and what to do.
fn explain(ended: &Ended) -> String {
    let complaint = last_complaint(ended);
    let todo = if complaint.contains("Host key verification failed") {
        "compare the machine's key, and put it into known_hosts"
    } else if complaint.contains("Permission denied (") {
        "check the user, and that the key is in its authorized_keys"
    } else if complaint.contains("Permission denied") {
        "check that the user may write there"
    } else {
        "check the machine and the directory"
    };
    format!("sftp: {complaint}; {todo}")
}

/// The last complaint is of the command that ended the batch; those before it were let pass.
fn last_complaint(ended: &Ended) -> String {
    let telling = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("Connect") && !line.contains("mkdir")
    };
    let last = ended.err.lines().rfind(telling);
    match last {
        Some(line) => line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(300)
            .collect(),
        None => ended.complaint(),
    }
}
