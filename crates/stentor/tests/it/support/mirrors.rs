//! Mirrors of several kinds with real servers behind them, and how to declare them.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use stentor_testkit::process::{Process, free_address};
use stentor_testkit::put_server::PutServer;
use stentor_testkit::ssh::Sshd;
use stentor_testkit::stores;

/// What lets a writer in, but for SFTP.
pub(crate) const SECRET: &str = "hunter2-and-some-more";

/// Mirrors by HTTP PUT, WebDAV, S3 and SFTP.
pub(crate) struct Mirrors {
    pub(crate) put: PutServer,
    pub(crate) sshd: Sshd,
    store: SocketAddr,
    dav: SocketAddr,
    folder: PathBuf,
    _processes: [Process; 2],
}

impl Mirrors {
    /// Starts them; what they keep as files lies in `folder`.
    pub(crate) async fn start(folder: &Path) -> Self {
        let at = |name: &str| folder.join(name);
        for name in ["dav", "sftp"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        let (store, dav) = (free_address(), free_address());
        let (kept, config) = (at("dav"), at("dav.yaml"));
        let (put, sshd, moto, webdav) = tokio::join!(
            PutServer::start(SECRET),
            Sshd::start(),
            stores::moto(store, None),
            stores::webdav(dav, (&kept, &config), SECRET, None),
        );
        Self {
            put,
            sshd,
            store,
            dav,
            folder: folder.to_owned(),
            _processes: [moto, webdav],
        }
    }

    /// `[[mirrors]]` for `stentor.toml` and `beacon.toml`, each with these further lines, and access to loopback.
    pub(crate) fn declared(&self, more: &str) -> String {
        let Self { store, dav, .. } = self;
        let (port, user) = (self.sshd.address.port(), &self.sshd.user);
        let (put, sftp) = (self.put.url(), self.kept("sftp"));
        let secret = "{ file = \"secrets/mirror\" }";
        let kinds = [
            format!("name = \"put\"\nkind = \"put\"\naddress = \"{put}\"\ntoken = {secret}"),
            format!(
                "name = \"dav\"\nkind = \"webdav\"\naddress = \"http://{dav}\"\nusername = \"ada\"\npassword = {secret}"
            ),
            format!(
                "name = \"s3\"\nkind = \"s3\"\nendpoint = \"http://{store}\"\nbucket = \"status\"\nprefix = \"word\"\n\
                 access_key = \"any\"\nsecret_key = {secret}"
            ),
            format!(
                "name = \"sftp\"\nkind = \"sftp\"\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{user}\"\n\
                 directory = \"{}\"\nkey = {{ file = \"secrets/client\" }}\nknown_hosts = \"known_hosts\"",
                sftp.display()
            ),
        ];
        let each = kinds.map(|kind| format!("\n[[mirrors]]\n{kind}\n{more}\n"));
        format!("\n[network]\nallow = [\"127.0.0.0/8\"]\n{}", each.concat())
    }

    /// The files that `declared` names, by path and text.
    pub(crate) fn files(&self) -> [(&'static str, String); 3] {
        let read = |name: &str| fs::read_to_string(self.sshd.file(name)).unwrap();
        [
            ("secrets/mirror", SECRET.to_owned()),
            ("secrets/client", read("client")),
            ("known_hosts", read("known_hosts")),
        ]
    }

    /// Where a server keeps files as they are: `dav` or `sftp`.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where strangers read, by name. WebDAV and SFTP let none in: a web server would stand there.
    pub(crate) fn read_at(&self, name: &str) -> String {
        match name {
            "put" => self.put.url(),
            "s3" => format!("http://{}/status/word", self.store),
            other => self.kept(other).display().to_string(),
        }
    }
}

/// Their names.
pub(crate) const NAMES: [&str; 4] = ["put", "dav", "s3", "sftp"];
