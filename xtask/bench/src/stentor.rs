//! Stentor with an organisation made for the bench.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::alertmanager;
use crate::failure::{Failure, trying};
use crate::server::{Server, free_address};

/// The release of the program, which cargo has put beside this one.
pub(crate) fn program() -> Result<PathBuf, Failure> {
    let exe = std::env::current_exe().map_err(trying("this program's place"))?;
    let program = exe.with_file_name("stentor");
    if program.is_file() {
        return Ok(program);
    }
    Err(Failure::Usage(
        "no stentor lies beside this program".to_owned(),
    ))
}

/// Creates a data directory whose one responder is reached at `sink`, with this many services of the names that
/// probes carry, and one for the job `node` that all other alerts belong to.
pub(crate) fn create(dir: &Path, probes: usize, sink: SocketAddr) -> Result<(), Failure> {
    run(Command::new(program()?).arg("init").arg(dir))?;
    let config = dir.join("config");
    let main = config.join("stentor.toml");
    let text = fs::read_to_string(&main).map_err(trying("stentor.toml"))?;
    write(
        &main,
        &format!("{text}\n[network]\nallow = [\"127.0.0.0/8\"]\n"),
    )?;
    write(&config.join("oncall.toml"), ON_CALL)?;
    write(
        &config.join("contacts.toml"),
        &format!(
            "[contacts.ada]\nwebhook_url = \"http://{sink}/\"\n\
             webhook_secret = {{ file = \"secrets/webhook\" }}\n"
        ),
    )?;
    // 32 bytes that protect nothing: the receiver does not look.
    secret(dir, "webhook", &format!("whsec_{}=", "A".repeat(43)))?;
    let services = config.join("services");
    for entry in fs::read_dir(&services).map_err(trying("services"))? {
        let path = entry.map_err(trying("services"))?.path();
        fs::remove_file(path).map_err(trying("services"))?;
    }
    if probes == 0 {
        let text = "name = \"Nodes\"\nowner = \"ada\"\n[[match]]\nlabels = { job = \"node\" }\n";
        write(&services.join("nodes.toml"), text)?;
    }
    for i in 0..probes {
        // Found by the label `service`.
        let text = format!("name = \"Probe {i}\"\nowner = \"ada\"\n");
        write(&services.join(format!("probe-{i:04}.toml")), &text)?;
    }
    Ok(())
}

/// Puts a secret beside the configuration.
pub(crate) fn secret(dir: &Path, name: &str, secret: &str) -> Result<(), Failure> {
    let secrets = dir.join("config/secrets");
    fs::create_dir_all(&secrets).map_err(trying("secrets"))?;
    let file = secrets.join(name);
    write(&file, &format!("{secret}\n"))?;
    let owner_only = fs::Permissions::from_mode(0o600);
    fs::set_permissions(&file, owner_only).map_err(trying("secrets"))
}

const ON_CALL: &str = "[schedules.primary]\nzone = \"UTC\"\nstart = 2026-01-05T09:00:00\nshift = \"1 week\"\n\
    people = [\"ada\"]\n[schedules.secondary]\nzone = \"UTC\"\nstart = 2026-01-05T09:00:00\nshift = \"1 week\"\n\
    people = [\"ben\"]\n[policies.default]\nrounds = 1\n[[policies.default.levels]]\nschedule = \"primary\"\n\
    wait = \"1h\"\n";

/// Starts a node of a data directory: on SQLite, or on the database named.
pub(crate) fn serve(dir: &Path, database: Option<&str>) -> Result<Server, Failure> {
    start("serve", dir, database)
}

/// `stentor up` in a folder that need not exist.
pub(crate) fn up(dir: &Path) -> Result<Server, Failure> {
    start("up", dir, None)
}

/// `stentor alertmanager` with the command line of Alertmanager: on SQLite, or on the database named.
pub(crate) fn drop_in(
    dir: &Path,
    config: &Path,
    database: Option<&str>,
) -> Result<Server, Failure> {
    let address = free_address()?;
    let mut command = Command::new(program()?);
    command.arg("alertmanager");
    command.args(alertmanager::flags(dir, config, address));
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    Server::start(&mut command, address, &dir.join("log"))
}

fn start(how: &str, dir: &Path, database: Option<&str>) -> Result<Server, Failure> {
    let address = free_address()?;
    let mut command = Command::new(program()?);
    command.arg(how).arg("--dir").arg(dir);
    command.args(["--log-level", "warn", "--listen", &address.to_string()]);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    Server::start(&mut command, address, &dir.with_extension("log"))
}

/// Runs to the end, which must be good; what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String, Failure> {
    let what = format!("{command:?}");
    let done = command.stdin(Stdio::null()).output();
    let done = done.map_err(trying(what.clone()))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&done.stderr);
    Err(Failure::Unexpected(format!("{what}: {complaint}")))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(trying(path.display().to_string()))
}
