//! OpenSSH's server on loopback, as a process of the user who runs the tests.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

use crate::collected::PATIENCE;
use crate::process::{Process, free_address, installed};

/// A server that lets in whoever holds its one key. It ends when this is dropped.
#[derive(Debug)]
pub struct Sshd {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who may sign in.
    pub user: String,
    /// The process.
    pub process: Process,
    folder: TempDir,
}

impl Sshd {
    /// Starts one.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let at = |name: &str| folder.path().join(name);
        for key in ["host", "client", "stranger"] {
            let made = Command::new(installed("ssh-keygen", "openssh-client"))
                .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
                .arg(at(key))
                .status()
                .await;
            assert!(made.expect("ssh-keygen runs").success());
        }
        fs::copy(at("client.pub"), at("authorized_keys")).expect("a file can be copied");
        let user = Command::new("id")
            .arg("-un")
            .output()
            .await
            .expect("id runs");
        let user = String::from_utf8_lossy(&user.stdout).trim().to_owned();
        let address = free_address();
        let config = format!(
            "ListenAddress {address}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nPidFile none\n\
             Subsystem sftp internal-sftp\nLogLevel ERROR\nMaxStartups 100:30:200\n",
            at("host").display(),
            at("authorized_keys").display(),
        );
        fs::write(at("sshd_config"), config).expect("a temporary folder can be written");
        if user == "root" {
            // Only then it separates privileges, and wants this empty folder for it.
            fs::create_dir_all("/run/sshd").expect("root can make a folder");
        }
        let mut command = Command::new(installed("sshd", "openssh-server"));
        command.args(["-D", "-e", "-f"]).arg(at("sshd_config"));
        let process = Process::spawn(command);
        answers(address, &process).await;
        let host = fs::read_to_string(at("host.pub")).expect("ssh-keygen wrote it");
        let port = address.port();
        let known = format!("[127.0.0.1]:{port} {host}");
        fs::write(at("known_hosts"), known).expect("a temporary folder can be written");
        Self {
            address,
            user,
            process,
            folder,
        }
    }

    /// A file of its folder: `client` (the key that is let in), `stranger` (one that is not), `known_hosts`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Also knows the server at another address, as behind a proxy.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn know_at(&self, address: SocketAddr) {
        let host = fs::read_to_string(self.file("host.pub")).expect("ssh-keygen wrote it");
        let known = format!("[127.0.0.1]:{} {host}", address.port());
        fs::write(self.file("known_hosts"), known).expect("a temporary folder can be written");
    }
}

/// Waits until somebody listens at an address.
///
/// # Panics
/// After [`PATIENCE`], showing what the process wrote instead.
pub async fn answers(address: SocketAddr, process: &Process) {
    let listening = async {
        while TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    if timeout(PATIENCE, listening).await.is_err() {
        panic!(
            "nobody listens at {address}: {:?} {:?}",
            process.stdout.all(),
            process.stderr.all()
        );
    }
}
