//! System calls that fail on demand in a running server, by libfiu.

use std::path::{Path, PathBuf};

use stentor_testkit::process::{Process, installed};
use tokio::process::Command;

use super::{House, listening, run};

/// A server whose system calls can be made to fail.
pub(crate) struct Failing {
    pub(crate) server: Process,
    control: PathBuf,
}

/// libfiu's failure points of fsync and fdatasync.
pub(crate) const SYNC: &str = "posix/io/sync/*";

/// The folder of libfiu's libraries.
fn libraries() -> PathBuf {
    let arch = std::env::consts::ARCH;
    let folders = [
        "/usr/lib/fiu".to_owned(),
        format!("/usr/lib/{arch}-linux-gnu/fiu"),
        "/usr/local/lib/fiu".to_owned(),
    ];
    let found = folders
        .iter()
        .map(Path::new)
        .find(|folder| folder.join("fiu_posix_preload.so").is_file());
    found
        .expect("libfiu is missing; run: apt-get install fiu-utils")
        .to_owned()
}

impl Failing {
    /// Starts a node with libfiu in it; nothing fails yet.
    pub(crate) async fn serve(house: &House) -> Self {
        Self::start(house.serve_command("serve"), house.beside("fiu")).await
    }

    /// The same for a command that starts a node in another way. Orders go by pipes whose names begin with `control`.
    pub(crate) async fn start(mut command: Command, control: PathBuf) -> Self {
        let folder = libraries();
        let preload = ["fiu_run_preload.so", "fiu_posix_preload.so"]
            .map(|name| folder.join(name).to_str().unwrap().to_owned());
        command
            .env("LD_PRELOAD", preload.join(" "))
            .env("FIU_ENABLE", "")
            .env("FIU_CTRL_FIFO", &control);
        let server = listening(command).await;
        Self { server, control }
    }

    /// From now on every call of these fails with EIO.
    pub(crate) async fn fail(&self, name: &str) {
        let order = format!("enable name={name},failinfo=5");
        self.order(&order).await;
    }

    /// From now on they work again.
    pub(crate) async fn heal(&self, name: &str) {
        self.order(&format!("disable name={name}")).await;
    }

    async fn order(&self, order: &str) {
        let mut command = Command::new(installed("fiu-ctrl", "fiu-utils"));
        command.arg("-c").arg(order).arg("-f").arg(&self.control);
        command.arg(self.server.id().unwrap().to_string());
        let ran = run(command).await;
        assert!(
            ran.code == 0 && ran.stdout.is_empty() && ran.stderr.is_empty(),
            "{order}: {ran:?}"
        );
    }
}
