//! The real parts that tests start, how each is recognised, and the packages that bring it.

use crate::machine::{Machine, is_program};

/// A program, or a few that belong together, that some test cannot do without.
pub(crate) struct Part {
    /// For people.
    pub(crate) what: &'static str,
    /// True if it is here and usable.
    pub(crate) here: fn(&Machine) -> bool,
    /// Packages of Debian that bring it.
    pub(crate) debian: &'static [&'static str],
    /// Packages of Ubuntu, where Chromium has other names.
    pub(crate) ubuntu: &'static [&'static str],
}

pub(crate) const PARTS: &[Part] = &[
    Part {
        what: "PostgreSQL server (initdb, postgres)",
        here: postgres,
        debian: &["postgresql"],
        ubuntu: &["postgresql"],
    },
    Part {
        what: "Prometheus",
        here: |machine| machine.any(&["prometheus"]),
        debian: &["prometheus"],
        ubuntu: &["prometheus"],
    },
    Part {
        what: "Alertmanager with its amtool",
        here: |machine| machine.any(&["amtool"]) && machine.any(&["prometheus-alertmanager"]),
        debian: &["prometheus-alertmanager"],
        ubuntu: &["prometheus-alertmanager"],
    },
    Part {
        what: "git",
        here: |machine| machine.any(&["git"]),
        debian: &["git"],
        ubuntu: &["git"],
    },
    Part {
        what: "OpenSSH's clients (ssh, sftp, ssh-keygen)",
        here: |machine| {
            ["ssh", "sftp", "ssh-keygen"]
                .iter()
                .all(|p| machine.any(&[p]))
        },
        debian: &["openssh-client"],
        ubuntu: &["openssh-client"],
    },
    Part {
        what: "OpenSSH's server",
        here: |machine| machine.any(&["sshd"]) || machine.file("/usr/sbin/sshd"),
        debian: &["openssh-server"],
        ubuntu: &["openssh-server"],
    },
    Part {
        what: "rsync",
        here: |machine| machine.any(&["rsync"]),
        debian: &["rsync"],
        ubuntu: &["rsync"],
    },
    Part {
        what: "curl",
        here: |machine| machine.any(&["curl"]),
        debian: &["curl"],
        ubuntu: &["curl"],
    },
    Part {
        what: "Chromium",
        here: |machine| machine.any(&["chromium", "chromium-browser"]),
        debian: &["chromium"],
        ubuntu: &["chromium-browser"],
    },
    Part {
        what: "Chromium's WebDriver (chromedriver)",
        here: |machine| machine.any(&["chromedriver"]),
        debian: &["chromium-driver"],
        ubuntu: &["chromium-chromedriver"],
    },
    Part {
        what: "a font for the browser's pages",
        here: |machine| !machine.folders("/usr/share/fonts/truetype").is_empty(),
        debian: &["fonts-dejavu-core"],
        ubuntu: &["fonts-dejavu-core"],
    },
    Part {
        what: "libfiu with its preload libraries (system calls that fail)",
        here: libfiu,
        debian: &["fiu-utils"],
        ubuntu: &["fiu-utils"],
    },
    Part {
        what: "faketime (wrong clocks)",
        here: |machine| machine.any(&["faketime"]),
        debian: &["faketime"],
        ubuntu: &["faketime"],
    },
    Part {
        what: "python3 that can make virtual environments",
        // Debian ships `venv` without `ensurepip`, and then it makes no usable environment.
        here: |machine| machine.works("python3", &["-c", "import venv, ensurepip"]),
        debian: &["python3-venv"],
        ubuntu: &["python3-venv"],
    },
    Part {
        what: "OpenSSH's ssh-keygen, ssh-agent and ssh-add",
        here: |machine| machine.any(&["ssh-agent"]) && machine.any(&["ssh-keygen"]),
        debian: &["openssh-client"],
        ubuntu: &["openssh-client"],
    },
    Part {
        what: "Node.js",
        here: |machine| machine.works("node", &["--version"]),
        debian: &["nodejs"],
        ubuntu: &["nodejs"],
    },
    Part {
        what: "npm",
        here: |machine| machine.works("npm", &["--version"]),
        debian: &["npm"],
        ubuntu: &["npm"],
    },
    Part {
        what: "Java (for the validator of HTML)",
        here: |machine| machine.works("java", &["-version"]),
        debian: &["default-jre-headless"],
        ubuntu: &["default-jre-headless"],
    },
    Part {
        what: "minisign",
        here: |machine| machine.any(&["minisign"]),
        debian: &["minisign"],
        ubuntu: &["minisign"],
    },
];

/// Debian keeps the server's programs beside `PATH`, one folder a version.
fn postgres(machine: &Machine) -> bool {
    let both = |folder: &std::path::Path| {
        is_program(&folder.join("initdb")) && is_program(&folder.join("postgres"))
    };
    machine.path.iter().any(|folder| both(folder))
        || machine
            .folders("/usr/lib/postgresql")
            .iter()
            .any(|version| both(&version.join("bin")))
}

/// The libraries are what we preload; their folder depends on the distribution.
fn libfiu(machine: &Machine) -> bool {
    let arch = std::env::consts::ARCH;
    [
        "/usr/lib/fiu".to_owned(),
        format!("/usr/lib/{arch}-linux-gnu/fiu"),
        "/usr/local/lib/fiu".to_owned(),
    ]
    .iter()
    .any(|folder| {
        ["fiu_run_preload.so", "fiu_posix_preload.so"]
            .iter()
            .all(|file| machine.file(&format!("{folder}/{file}")))
    })
}
