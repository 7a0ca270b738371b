//! Installing Debian packages without starting a service.

use std::process::Command;

use crate::shell::{Failure, run, succeeds};

const SCRIPT: &str = include_str!("apt-install.sh");
/// The file Debian asks before it starts a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// By what right we may install.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    Root,
    Sudo,
}

impl Right {
    /// Ours on this machine; none where apt-get is missing too.
    pub(crate) fn of_ours() -> Option<Self> {
        if !succeeds(Command::new("apt-get").arg("--version")) {
            return None;
        }
        let id = Command::new("id").arg("-u").output().ok()?;
        if id.stdout.trim_ascii() == b"0" {
            return Some(Self::Root);
        }
        succeeds(Command::new("sudo").args(["-n", "true"])).then_some(Self::Sudo)
    }
}

/// What a person types to install the same.
pub(crate) fn command(packages: &[&str]) -> String {
    format!(
        "sudo apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    )
}

/// True on Ubuntu and what is made from it.
pub(crate) fn is_ubuntu() -> bool {
    std::fs::read_to_string("/etc/os-release").is_ok_and(|text| names_ubuntu(&text))
}

fn names_ubuntu(os_release: &str) -> bool {
    os_release.lines().any(|line| {
        line.strip_prefix("ID=")
            .or_else(|| line.strip_prefix("ID_LIKE="))
            .is_some_and(|ids| ids.trim_matches('"').split(' ').any(|id| id == "ubuntu"))
    })
}

/// Installs; no service starts, now or by the way.
pub(crate) fn install(right: Right, packages: &[&str]) -> Result<(), Failure> {
    println!("installing {} (no service will start)", packages.join(" "));
    let mut command = match right {
        Right::Root => Command::new("sh"),
        Right::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "sh"]);
            sudo
        }
    };
    command.args(["-c", SCRIPT, "apt-install.sh", POLICY]);
    command.args(packages);
    if run(&mut command)? {
        Ok(())
    } else {
        Err(Failure::Failed(format!(
            "apt-get could not install; by hand:\n\n  {}\n",
            self::command(packages)
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    /// Runs the script with an `apt-get` that notes what it was asked and copies the policy it met.
    fn script(folder: &Path, apt_get: &str) -> bool {
        let bin = folder.join("bin");
        fs::create_dir_all(&bin).unwrap();
        let fake = bin.join("apt-get");
        let (met, asked) = (folder.join("met"), folder.join("asked"));
        let policy = folder.join("policy-rc.d");
        let text = format!(
            "#!/bin/sh\ncp -p {} {}\necho \"$*\" >>{}\n{apt_get}\n",
            policy.display(),
            met.display(),
            asked.display()
        );
        fs::write(&fake, text).unwrap();
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::join_paths([&bin, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT, "apt-install.sh"])
            .arg(&policy)
            .args(["one", "two"]);
        succeeds(command.env("PATH", path))
    }

    fn ends_with(folder: &Path, code: i32) -> bool {
        let policy = Command::new(folder.join("met")).status().unwrap();
        policy.code() == Some(code)
    }

    #[test]
    fn no_service_starts_and_the_policy_is_gone_afterwards() {
        let check = |apt_get: &str, expect: bool| {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(script(folder.path(), apt_get), expect, "{apt_get}");
            assert!(ends_with(folder.path(), 101), "{apt_get}");
            assert!(!folder.path().join("policy-rc.d").exists(), "{apt_get}");
        };
        check("exit 0", true);
        check("exit 100", false);
        // The lists could not be renewed: those that are here may do.
        check("case \"$*\" in *update) exit 100 ;; esac", true);
        for signal in ["HUP", "INT", "TERM"] {
            check(&format!("kill -{signal} $PPID"), false);
        }
    }

    #[test]
    fn the_packages_reach_apt_get() {
        let folder = tempfile::tempdir().unwrap();
        assert!(script(folder.path(), "exit 0"));
        let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
        let last = asked.lines().last().unwrap();
        assert!(
            last.ends_with("install -y --no-install-recommends -- one two"),
            "{last}"
        );
    }

    #[test]
    fn the_policy_of_an_administrator_stays_as_it_is() {
        for apt_get in ["exit 0", "exit 100", "kill -TERM $PPID"] {
            let folder = tempfile::tempdir().unwrap();
            let policy = folder.path().join("policy-rc.d");
            let theirs = "#!/bin/sh\nexit 104\n";
            fs::write(&policy, theirs).unwrap();
            fs::set_permissions(&policy, fs::Permissions::from_mode(0o755)).unwrap();
            script(folder.path(), apt_get);
            assert!(ends_with(folder.path(), 104), "{apt_get}");
            assert_eq!(fs::read_to_string(&policy).unwrap(), theirs, "{apt_get}");
        }
    }

    #[test]
    fn without_the_policy_nothing_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        let asked = folder.path().join("asked");
        let mut command = Command::new("sh");
        let policy = folder.path().join("absent/policy-rc.d");
        command.args(["-c", SCRIPT, "apt-install.sh"]).arg(policy);
        assert!(!succeeds(&mut command));
        assert!(!asked.exists());
    }

    #[test]
    fn ubuntu_is_told_from_debian() {
        let check = |text, expect| assert_eq!(names_ubuntu(text), expect, "{text}");
        check("ID=debian\nVERSION_ID=\"12\"\n", false);
        check("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n", true);
        check("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true);
        check("NAME=ubuntu\n", false);
    }
}
