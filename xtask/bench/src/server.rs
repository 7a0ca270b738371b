//! A server under measurement: a process in a fresh folder, and what the kernel says of it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::clock::Watch;
use crate::failure::{Failure, trying};
use crate::http::{self, Connection};

/// A server that is not ready after this long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first 200 on `/-/ready`.
    pub(crate) ready_after: Duration,
}

/// What the kernel says of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Peak resident memory, in MiB (VmHWM).
    pub(crate) peak_mib: f64,
    /// Resident memory now, in MiB (VmRSS).
    pub(crate) now_mib: f64,
}

impl Server {
    /// Starts a program and waits until it is ready; what it writes goes to `log`.
    pub(crate) fn start(
        command: &mut Command,
        address: SocketAddr,
        log: &Path,
    ) -> Result<Self, Failure> {
        let log_file = fs::File::create(log).map_err(trying("a log"))?;
        let errors = log_file.try_clone().map_err(trying("a log"))?;
        let what = command.get_program().to_string_lossy().into_owned();
        let watch = Watch::start();
        let child = command
            .stdin(Stdio::null())
            .stdout(log_file)
            .stderr(errors)
            .spawn()
            .map_err(trying(what.clone()))?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        while !server.is_ready() {
            let ended = server.child.try_wait().map_err(trying(what.clone()))?;
            if ended.is_some() || watch.read() > PATIENCE {
                let wrote = fs::read_to_string(log).unwrap_or_default();
                return Err(Failure::Unexpected(format!(
                    "{what} does not start:\n{wrote}"
                )));
            }
            thread::sleep(Duration::from_millis(1));
        }
        server.ready_after = watch.read();
        Ok(server)
    }

    fn is_ready(&self) -> bool {
        let ask = http::get("/-/ready", self.address);
        Connection::open(self.address).is_ok_and(|mut c| c.ask(&ask).is_ok_and(|s| s == 200))
    }

    /// What it uses.
    pub(crate) fn usage(&self) -> Result<Usage, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).map_err(trying(path))?;
        let mib = |field: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(field))?;
            let kib: f64 = line.trim_end_matches("kB").trim().parse().ok()?;
            Some(kib / 1024.0)
        };
        match (mib("VmHWM:"), mib("VmRSS:")) {
            (Some(peak_mib), Some(now_mib)) => Ok(Usage { peak_mib, now_mib }),
            _ => Err(Failure::Unexpected("a process without memory".into())),
        }
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").arg(&id).status();
        asked.map_err(trying("kill"))?;
        self.child.wait().map_err(trying("waiting")).map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address on loopback where nothing listens.
pub(crate) fn free_address() -> Result<SocketAddr, Failure> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr());
    bound.map_err(trying("a free port"))
}
