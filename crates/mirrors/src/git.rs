//! A branch of a git repository, by the `git` program. Each change is one commit on top of what is there, so that
//! whoever reads the repository finds one whole word; nothing is ever forced.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stentor_channels::secret::{SecretRef, Secrets};
use stentor_publish::{Brought, Done, Mirror, MirrorError, Step, Undone};
use stentor_verify::{FetchError, safe_path};
use tokio::sync::{Mutex, MutexGuard};

use crate::open::OpenError;
use crate::program::{Ended, Program, ProgramError};
use crate::remote::{WHOLE, nothing};
use crate::ssh::{Ssh, private};

/// What the remote branch was when we looked last.
const THEIRS: &str = "refs/stentor/theirs";
/// What it is to be.
const OURS: &str = "refs/stentor/ours";

/// What a commit says about itself.
const MESSAGE: &str = "The public word\n";

/// A branch.
pub(crate) struct Git {
    name: String,
    remote: String,
    branch: String,
    login: Option<(String, SecretRef)>,
    /// The certification authorities, when they are not the machine's.
    ca: Option<PathBuf>,
    ssh: Option<Ssh>,
    secrets: Secrets,
    work: PathBuf,
    /// Held by whoever uses our copy.
    tip: Mutex<Tip>,
}

/// The commit that the remote branch points to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tip {
    NotLooked,
    NoBranch,
    Commit(String),
}

impl Git {
    pub(crate) fn new(
        name: String,
        remote: &str,
        branch: &str,
        login: Option<(String, SecretRef)>,
        ssh: Option<Ssh>,
        secrets: Secrets,
        work: PathBuf,
    ) -> Self {
        Self {
            name,
            remote: remote.to_owned(),
            branch: format!("refs/heads/{branch}"),
            login,
            ca: None,
            ssh,
            secrets,
            work,
            tip: Mutex::new(Tip::NotLooked),
        }
    }

    /// Trusts the certification authorities in this file instead of the machine's.
    pub(crate) fn trust(&mut self, ca: PathBuf) {
        self.ca = Some(ca);
    }

    /// git on our copy, knowing nothing of the machine's and the user's configuration.
    fn local(&self) -> Program {
        Program::new("git", "git", &self.work)
            .variable("GIT_CONFIG_NOSYSTEM", "1")
            .variable("GIT_CONFIG_GLOBAL", "/dev/null")
            .variable("GIT_TERMINAL_PROMPT", "0")
            .variable("GIT_ALLOW_PROTOCOL", "https:ssh:file")
            .variable("GIT_PROTOCOL_FROM_USER", "0")
            .arguments(["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"])
            .arguments(["-c", "http.followRedirects=false", "-c", "core.askPass="])
            .arguments(["--git-dir", "copy.git"])
            .within(WHOLE)
    }

    /// git that talks to the remote.
    async fn remote(&self) -> Result<Program, OpenError> {
        let mut program = self.local();
        if let Some(ssh) = &self.ssh {
            let file = ssh.file().map_err(|error| OpenError(error.to_string()))?;
            // git hands this to a shell: it holds nothing but a path of ours without quotes in it.
            let command = format!("ssh -F '{}'", file.display());
            program = program
                .variable("GIT_SSH_COMMAND", command)
                .variable("GIT_SSH_VARIANT", "ssh");
        }
        if let Some(ca) = &self.ca {
            program = program.variable("GIT_SSL_CAINFO", ca);
        }
        if let Some((user, secret)) = &self.login {
            let secret = self.secrets.resolve(secret).await;
            let secret = secret.map_err(|error| OpenError(error.to_string()))?;
            let pair = STANDARD.encode(format!("{user}:{}", secret.expose()));
            // In the environment, which others cannot read, and not among the arguments, which they can.
            program = program
                .variable("GIT_CONFIG_COUNT", "1")
                .variable("GIT_CONFIG_KEY_0", "http.extraHeader")
                .variable("GIT_CONFIG_VALUE_0", format!("Authorization: Basic {pair}"));
        }
        Ok(program)
    }

    async fn make_copy(&self) -> Result<(), MirrorError> {
        if self.work.join("copy.git/HEAD").exists() {
            return Ok(());
        }
        private(&self.work).map_err(failed)?;
        run(self.local().arguments(["init", "--quiet", "--bare"])).await?;
        Ok(())
    }

    /// Looks where the remote branch is, and fetches its newest commit when we do not have it.
    async fn look(&self, tip: &mut MutexGuard<'_, Tip>) -> Result<(), MirrorError> {
        self.make_copy().await?;
        let ask = self.remote().await.map_err(failed)?;
        let ask = ask.arguments(["ls-remote", "--refs", "--", &self.remote, &self.branch]);
        let answer = run(ask).await?;
        let text = String::from_utf8_lossy(&answer.out).into_owned();
        let found = text.lines().find_map(|line| {
            let (commit, name) = line.split_once('\t')?;
            let plain = commit.len() >= 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
            (name == self.branch && plain).then(|| commit.to_owned())
        });
        let found = found.map_or(Tip::NoBranch, Tip::Commit);
        if let Tip::Commit(commit) = &found
            && **tip != found
        {
            let fetch = self.remote().await.map_err(failed)?;
            let refspec = format!("+{}:{THEIRS}", self.branch);
            // The history does not matter to us: a new commit needs nothing but the one before.
            let fetch = fetch
                .arguments(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"])
                .arguments(["--depth=1", "--", &self.remote, &refspec]);
            run(fetch).await?;
            let fetched = self.commit_of(THEIRS).await?;
            if fetched != *commit {
                // It went on just now; the push will find out.
                **tip = Tip::Commit(fetched);
                return Ok(());
            }
        }
        **tip = found;
        Ok(())
    }

    async fn commit_of(&self, name: &str) -> Result<String, MirrorError> {
        let asked = run(self.local().arguments([
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            name,
        ]))
        .await?;
        Ok(String::from_utf8_lossy(&asked.out).trim().to_owned())
    }

    async fn looked(&self) -> Result<MutexGuard<'_, Tip>, MirrorError> {
        let mut tip = self.tip.lock().await;
        if *tip == Tip::NotLooked {
            self.look(&mut tip).await?;
        }
        Ok(tip)
    }

    async fn commit_and_push(&self, steps: &[Step<'_>]) -> Result<(), MirrorError> {
        let mut tip = self.looked().await?;
        let stream = stream(&tip, steps);
        let import =
            self.local()
                .arguments(["fast-import", "--quiet", "--force", "--date-format=now"]);
        run(import.input(stream)).await?;
        let refspec = format!("{OURS}:{}", self.branch);
        let push = self.remote().await.map_err(failed)?;
        let push = push.arguments([
            "push",
            "--quiet",
            "--porcelain",
            "--no-verify",
            "--",
            &self.remote,
            &refspec,
        ]);
        let ended = push.run().await.map_err(failed)?;
        if !ended.is_good() {
            *tip = Tip::NotLooked;
            let out = String::from_utf8_lossy(&ended.out);
            let moved = [
                "[rejected]",
                "fetch first",
                "non-fast-forward",
                "cannot lock ref",
            ];
            if moved
                .iter()
                .any(|word| out.contains(word) || ended.err.contains(word))
            {
                return Err(MirrorError::Changed);
            }
            return Err(failed(explain(&ended)));
        }
        *tip = Tip::Commit(self.commit_of(OURS).await?);
        Ok(())
    }

    /// What `git cat-file` says about paths of the newest commit.
    async fn show(&self, wanted: &[(String, u64)]) -> Result<Brought, String> {
        let tip = self.looked().await.map_err(|why| why.to_string())?;
        let commit = match &*tip {
            Tip::Commit(commit) => commit.clone(),
            Tip::NoBranch | Tip::NotLooked => {
                let absent = |(path, _): &(String, u64)| (path.clone(), Err(FetchError::NotFound));
                return Ok(wanted.iter().map(absent).collect());
            }
        };
        let mut list = String::new();
        for (path, _) in wanted {
            let _ = writeln!(list, "{commit}:{path}");
        }
        let check = self
            .local()
            .arguments(["cat-file", "--batch-check=%(objecttype) %(objectsize)"])
            .input(list.clone().into_bytes())
            .at_most(16 << 20);
        let check = run(check).await.map_err(|why| why.to_string())?;
        let check = String::from_utf8_lossy(&check.out).into_owned();
        let mut brought = Brought::new();
        let mut fitting = String::new();
        let mut order = Vec::new();
        let mut total = 0_u64;
        for ((path, limit), line) in wanted.iter().zip(check.lines()) {
            let size = line
                .strip_prefix("blob ")
                .and_then(|n| n.parse::<u64>().ok());
            let found = match size {
                None => Err(FetchError::NotFound),
                Some(size) if size > *limit => Err(FetchError::TooLarge { limit: *limit }),
                Some(size) => {
                    let _ = writeln!(fitting, "{commit}:{path}");
                    order.push((path.clone(), size));
                    total = total.saturating_add(size).saturating_add(200);
                    continue;
                }
            };
            brought.insert(path.clone(), found);
        }
        let most = usize::try_from(total).unwrap_or(usize::MAX);
        let show = self
            .local()
            .arguments(["cat-file", "--batch=%(objectsize)"])
            .input(fitting.into_bytes())
            .at_most(most);
        let shown = run(show).await.map_err(|why| why.to_string())?;
        let mut rest = shown.out.as_slice();
        for (path, size) in order {
            let cut = || "git cat-file ended too early".to_owned();
            let line = rest.iter().position(|b| *b == b'\n').ok_or_else(cut)?;
            let end = line + 1 + usize::try_from(size).map_err(|_| cut())?;
            let bytes = rest.get(line + 1..end).ok_or_else(cut)?;
            brought.insert(path, Ok(bytes.to_vec()));
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        Ok(brought)
    }
}

/// One commit, in the language of `git fast-import`. Safe paths need no quotes there.
fn stream(tip: &Tip, steps: &[Step<'_>]) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut line = |text: String| stream.extend_from_slice(text.as_bytes());
    line(format!("reset {OURS}\n\ncommit {OURS}\n"));
    line("committer Stentor <stentor@localhost> now\n".to_owned());
    line(format!("data {}\n{MESSAGE}", MESSAGE.len()));
    if let Tip::Commit(commit) = tip {
        line(format!("from {commit}\n"));
    }
    for step in steps {
        match step {
            Step::Put { path, bytes } => {
                let head = format!("M 100644 inline {path}\ndata {}\n", bytes.len());
                stream.extend_from_slice(head.as_bytes());
                stream.extend_from_slice(bytes);
                stream.push(b'\n');
            }
            Step::Delete { path } => {
                stream.extend_from_slice(format!("D {path}\n").as_bytes());
            }
        }
    }
    stream.extend_from_slice(b"\ndone\n");
    stream
}

async fn run(program: Program) -> Result<Ended, MirrorError> {
    let ended = program
        .run()
        .await
        .map_err(|error: ProgramError| failed(error))?;
    if ended.is_good() {
        Ok(ended)
    } else {
        Err(failed(explain(&ended)))
    }
}

fn failed(why: impl ToString) -> MirrorError {
    MirrorError::Failed(why.to_string())
}

/// What went wrong, and what to do.
fn explain(ended: &Ended) -> String {
    let complaint = ended.complaint();
    let has = |words: &[&str]| words.iter().any(|word| ended.err.contains(word));
    let todo = if has(&["Host key verification failed"]) {
        "compare the machine's key, and put it into known_hosts"
    } else if has(&[
        "Permission denied (",
        "Authentication failed",
        "could not read Username",
    ]) {
        "check the key or the token, and that it may push"
    } else if has(&["certificate"]) {
        "check its certificate, or name its certification authority with ca_file"
    } else if has(&[
        "protected branch",
        "pre-receive hook declined",
        "remote rejected",
    ]) {
        "allow pushes to this branch"
    } else {
        "check the repository"
    };
    format!("git: {complaint}; {todo}")
}

#[async_trait]
impl Mirror for Git {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let mut brought = self.bring(&[(path.to_owned(), limit)]).await;
        brought.remove(path).unwrap_or(Err(FetchError::NotFound))
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let done = self.apply(&[Step::Put { path, bytes }], &|_| {}).await;
        done.map_err(|undone| undone.why)
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        let done = self.apply(&[Step::Delete { path }], &|_| {}).await;
        done.map_err(|undone| undone.why)
    }

    async fn apply(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        let Some(first) = steps.first() else {
            return Ok(());
        };
        if let Some(step) = steps.iter().find(|step| !safe_path(step.path())) {
            let path = step.path().to_owned();
            return Err(step.undone(MirrorError::Path(path)));
        }
        let pushed = self.commit_and_push(steps).await;
        pushed.map_err(|why| first.undone(why))?;
        (0..steps.len()).for_each(done);
        Ok(())
    }

    async fn refresh(&self) -> Result<(), MirrorError> {
        let mut tip = self.tip.lock().await;
        self.look(&mut tip).await
    }

    async fn bring(&self, wanted: &[(String, u64)]) -> Brought {
        let wanted: Vec<_> = wanted
            .iter()
            .filter(|(path, _)| safe_path(path))
            .cloned()
            .collect();
        match self.show(&wanted).await {
            Ok(brought) => brought,
            Err(why) => nothing(&wanted, &why),
        }
    }

    fn within(&self, usual: Duration) -> Duration {
        usual.max(WHOLE)
    }
}
