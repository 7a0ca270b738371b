//! A mirror of each kind with the real server behind it.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command as Blocking;
use std::sync::Arc;

use jiff::Timestamp;
use stentor_channels::secret::Secrets;
use stentor_domain::mirror::{MirrorPlace, MirrorSpec, S3Place, SshHost, SshTrust};
use stentor_domain::organisation::SecretRef;
use stentor_domain::shared_fate::StandsOn;
use stentor_egress::Guard;
use stentor_mirrors::{Surroundings, open};
use stentor_publish::Mirror;
use stentor_testkit::authority::Authority;
use stentor_testkit::git_https::GitHttps;
use stentor_testkit::npm;
use stentor_testkit::process::{Process, free_address, installed};
use stentor_testkit::proxy::Proxy;
use stentor_testkit::put_server::PutServer;
use stentor_testkit::ssh::{Sshd, answers};
use stentor_testkit::stores;
use tempfile::TempDir;
use tokio::process::Command;

/// What opens every server here; it must never be in an error.
pub(crate) const SECRET: &str = "hunter2-and-some-more";

/// A mirror, what it needs, and the server behind it.
pub(crate) struct Place {
    pub(crate) spec: MirrorSpec,
    pub(crate) around: Surroundings,
    pub(crate) reached: Reached,
    /// In front of the server, where there is one.
    pub(crate) proxy: Option<Proxy>,
    pub(crate) process: Option<Process>,
    pub(crate) put: Option<PutServer>,
    pub(crate) sshd: Option<Sshd>,
    /// Serves the repository.
    _git: Option<GitHttps>,
    pub(crate) dir: TempDir,
}

impl Place {
    /// The mirror, opened anew.
    pub(crate) fn open(&self) -> Box<dyn Mirror> {
        open(&self.spec, &self.around).unwrap()
    }

    /// A folder or file of this place.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Where the server keeps the files, if it keeps them as they are.
    pub(crate) fn kept(&self) -> Option<PathBuf> {
        match self.spec.place.kind() {
            "directory" | "webdav" | "sftp" | "rsync" => Some(self.at("kept")),
            _ => None,
        }
    }

    /// Other words to come in with.
    pub(crate) fn write_secret(&self, secret: &str) {
        write_secret(&self.at("config/secret"), secret);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "servers judge signatures by their clocks"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

fn write_secret(path: &std::path::Path, secret: &str) {
    std::fs::write(path, format!("{secret}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn secret() -> SecretRef {
    SecretRef::File("secret".to_owned())
}

fn git(arguments: &[&str]) {
    let done = Blocking::new("git").args(arguments).status().unwrap();
    assert!(done.success(), "git {arguments:?}");
}

async fn server(program: PathBuf, arguments: Vec<String>, address: SocketAddr) -> Process {
    let mut command = Command::new(program);
    command.args(arguments);
    let process = Process::spawn(command);
    answers(address, &process).await;
    process
}

/// Starts a place of a kind.
pub(crate) async fn start(kind: &str) -> Place {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for folder in ["config", "data", "kept"] {
        std::fs::create_dir_all(at(folder)).unwrap();
    }
    write_secret(&at("config/secret"), SECRET);
    let (mut process, mut put, mut sshd, mut proxy) = (None, None, None, None);
    let (mut git_server, authority) = (None, Authority::new(&["127.0.0.1"]));
    std::fs::write(at("config/ca.pem"), &authority.ca_pem).unwrap();
    let tls = kind.ends_with("-tls").then_some(&authority);
    let address = free_address();
    let kept = at("kept").display().to_string();
    let path = |path: PathBuf| path.display().to_string();
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let (host, port) = ("127.0.0.1", address.port().to_string());
    if matches!(kind, "git-ssh" | "sftp" | "rsync-ssh") {
        let server = Sshd::start().await;
        let front = Proxy::start(server.address).await;
        server.know_at(front.address);
        for name in ["client", "stranger", "known_hosts"] {
            std::fs::copy(server.file(name), at("config").join(name)).unwrap();
        }
        proxy = Some(front);
        sshd = Some(server);
    } else if !matches!(
        kind,
        "directory" | "git-file" | "git-https" | "put" | "put-tls"
    ) {
        process = Some(match kind {
            "moto" | "moto-tls" => stores::moto(address, tls).await,
            "s3rver" => {
                let script = npm::package("s3rver@3.7.1").join("s3rver/bin/s3rver.js");
                let bucket = "--configure-bucket";
                let arguments = words(&[
                    &path(script),
                    "-d",
                    &kept,
                    "-a",
                    host,
                    "-p",
                    &port,
                    bucket,
                    "status",
                ]);
                server(installed("node", "nodejs"), arguments, address).await
            }
            "webdav" | "webdav-tls" => {
                let (kept, config) = (at("kept"), at("dav.yaml"));
                stores::webdav(address, (&kept, &config), SECRET, tls).await
            }
            "rsync-daemon" => {
                let user = Blocking::new("id").arg("-un").output().unwrap();
                let user = String::from_utf8(user.stdout).unwrap();
                let owner = if user.trim() == "root" {
                    "uid = root\ngid = root\n"
                } else {
                    ""
                };
                write_secret(&at("rsyncd.secrets"), &format!("ada:{SECRET}"));
                let config = format!(
                    "use chroot = no\n{owner}[status]\npath = {kept}\nread only = no\nauth users = ada\n\
                     secrets file = {}\n",
                    path(at("rsyncd.secrets"))
                );
                std::fs::write(at("rsyncd.conf"), config).unwrap();
                let arguments = words(&[
                    "--daemon",
                    "--no-detach",
                    &format!("--config={}", path(at("rsyncd.conf"))),
                    "--address=127.0.0.1",
                    &format!("--port={port}"),
                ]);
                server(installed("rsync", "rsync"), arguments, address).await
            }
            other => panic!("{other}"),
        });
        proxy = Some(Proxy::start(address).await);
    } else if kind == "git-https" {
        let server = GitHttps::start(&authority, dir.path(), "ada", SECRET).await;
        proxy = Some(Proxy::start(server.address).await);
        git_server = Some(server);
    } else if kind.starts_with("put") {
        let server = match kind {
            "put" => PutServer::start(SECRET).await,
            _ => PutServer::start_over_tls(SECRET, &authority).await,
        };
        proxy = Some(Proxy::start(server.address).await);
        put = Some(server);
    }
    let front = proxy.as_ref().map_or(address, |proxy| proxy.address);
    match kind {
        "s3rver" => write_secret(&at("config/secret"), "S3RVER"),
        "git-file" | "git-ssh" | "git-https" => {
            git(&["init", "--quiet", "--bare", &path(at("bare.git"))]);
        }
        _ => {}
    }
    let reached = Reached {
        kind: kind.to_owned(),
        front,
        user: sshd
            .as_ref()
            .map_or("nobody".to_owned(), |s| s.user.clone()),
        dir: dir.path().to_owned(),
    };
    let (spec, around) = reached.declared();
    Place {
        spec,
        around,
        reached,
        proxy,
        process,
        put,
        sshd,
        _git: git_server,
        dir,
    }
}

/// What one has to know to declare a place.
pub(crate) struct Reached {
    pub(crate) kind: String,
    /// The server, or what stands before it.
    pub(crate) front: SocketAddr,
    /// Who comes in over SSH.
    pub(crate) user: String,
    /// The folder of the place.
    pub(crate) dir: PathBuf,
}

impl Reached {
    /// The place as a mirror, and what it finds around it.
    pub(crate) fn declared(&self) -> (MirrorSpec, Surroundings) {
        let Self {
            kind, front, user, ..
        } = self;
        let at = |name: &str| self.dir.join(name);
        let path = |path: PathBuf| path.display().to_string();
        let kept = path(at("kept"));
        let trust = || SshTrust {
            key: SecretRef::File("client".to_owned()),
            known_hosts: "known_hosts".to_owned(),
        };
        let ssh_host = || SshHost {
            host: "127.0.0.1".to_owned(),
            port: front.port(),
            user: user.clone(),
            trust: trust(),
        };
        let (kind, scheme, ca_file) = match kind.strip_suffix("-tls") {
            Some(kind) => (kind, "https", Some("ca.pem".to_owned())),
            None => (kind.as_str(), "http", None),
        };
        let s3 = |access_key: &str| {
            MirrorPlace::S3(S3Place {
                endpoint: format!("{scheme}://{front}"),
                bucket: "status".to_owned(),
                region: "us-east-1".to_owned(),
                prefix: "word".to_owned(),
                path_style: true,
                access_key: access_key.to_owned(),
                secret_key: secret(),
                ca_file: ca_file.clone(),
            })
        };
        let place = match kind {
            "directory" => MirrorPlace::Directory {
                directory: kept.clone(),
            },
            "moto" => s3("any"),
            "s3rver" => s3("S3RVER"),
            "webdav" => MirrorPlace::WebDav {
                address: format!("{scheme}://{front}"),
                login: Some(("ada".to_owned(), secret())),
                ca_file,
            },
            "put" => MirrorPlace::Put {
                address: format!("{scheme}://{front}/up"),
                token: secret(),
                ca_file,
            },
            "git-file" | "git-ssh" => {
                let bare = path(at("bare.git"));
                let over_ssh = kind == "git-ssh";
                MirrorPlace::Git {
                    remote: if over_ssh {
                        format!("ssh://{user}@{front}{bare}")
                    } else {
                        format!("file://{bare}")
                    },
                    branch: "pages".to_owned(),
                    login: None,
                    ca_file: None,
                    trust: over_ssh.then(trust),
                }
            }
            "git-https" => MirrorPlace::Git {
                remote: format!("https://{front}/bare.git"),
                branch: "pages".to_owned(),
                login: Some(("ada".to_owned(), secret())),
                ca_file: Some("ca.pem".to_owned()),
                trust: None,
            },
            "sftp" => MirrorPlace::Sftp {
                host: ssh_host(),
                directory: kept.clone(),
            },
            "rsync-ssh" => MirrorPlace::Rsync {
                host: ssh_host(),
                directory: kept.clone(),
            },
            _ => MirrorPlace::RsyncDaemon {
                address: format!("rsync://ada@{front}/status"),
                password: Some(secret()),
            },
        };
        let around = Surroundings {
            data: at("data"),
            work: at("work"),
            secrets: Secrets {
                base: at("config"),
                credentials: None,
            },
            guard: Guard::allowing(["127.0.0.0/8".parse().unwrap()]),
            clock: Arc::new(now),
        };
        let spec = MirrorSpec {
            name: "m".to_owned(),
            place,
            url: None,
            stands_on: StandsOn::default(),
        };
        (spec, around)
    }
}

/// One test for each kind.
macro_rules! each_kind {
    ($check:path) => {
        each_kind!($check; directory = "directory", moto = "moto", s3rver = "s3rver", webdav = "webdav",
            put = "put", git_file = "git-file", git_ssh = "git-ssh", git_https = "git-https", sftp = "sftp", rsync_ssh = "rsync-ssh",
            rsync_daemon = "rsync-daemon");
    };
    ($check:path; $($name:ident = $kind:literal),* $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            $check($kind).await;
        })*
    };
}

pub(crate) use each_kind;
