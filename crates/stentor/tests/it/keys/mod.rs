//! `stentor key`: from the ceremony through every emergency, with the program as people have it.

mod asked;
mod emergencies;
mod running;
mod signing;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, run, stentor};

const PASSPHRASE: &str = "five quiet words of mine";

/// A place with a data directory, and keys beside it.
struct Place {
    folder: TempDir,
}

impl Place {
    /// With keys of these holders, unsealed.
    async fn new(holders: &[&str]) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for name in holders {
            place.good(&["new", &place.key(name), "--plain"]).await;
        }
        place
    }

    /// Founded by two of three: Ada, Bo, and Cy, who signs with OpenSSH's key.
    async fn founded() -> Self {
        let place = Self::new(&["ada", "bo"]).await;
        let cy = place.path("cy.key");
        let made = std::process::Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-C", "cy@x", "-N", PASSPHRASE, "-f"])
            .arg(&cy)
            .status()
            .unwrap();
        assert!(made.success());
        place.secret("passphrase", PASSPHRASE);
        let mut init = stentor();
        init.args(["init", "--ceremony"]).arg(place.path("data"));
        assert_eq!(run(init).await.code, 0);
        let holders = [
            format!("Ada={} @ the vault", place.public("ada")),
            format!("Bo={}", place.public("bo")),
            format!("Cy={}.pub", cy.display()),
        ];
        let mut words = vec![
            "ceremony",
            "--organisation",
            "Example Linux",
            "--threshold",
            "2",
        ];
        for holder in &holders {
            words.extend(["--holder", holder]);
        }
        let folder = place.text("founding");
        words.extend(["--folder", &folder]);
        let begun = place.good(&words).await;
        assert!(begun.stdout.contains("root: 2 of 3"), "{begun:?}");
        assert!(begun.stderr.contains("root lacks 2 of 2"), "{begun:?}");
        let early = place.key_command(&["finish", &folder]).await;
        assert_eq!(early.code, 1);
        assert!(early.stderr.contains("could still sign: Ada"), "{early:?}");
        place.sign(&folder, "bo").await;
        place.sign(&folder, "cy").await;
        let finished = place.good(&["finish", &folder]).await;
        let root = fs::read(place.path("data/repository/root.json")).unwrap();
        assert_eq!(finished.stdout.trim(), stentor_verify::fingerprint(&root));
        assert!(place.path("founding/recovery-sheet.html").exists());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn key(&self, name: &str) -> String {
        self.text(&format!("{name}.key"))
    }

    fn public(&self, name: &str) -> String {
        self.text(&format!("{name}.pub"))
    }

    fn secret(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    async fn key_command(&self, words: &[&str]) -> Ran {
        let mut command = stentor();
        command
            .arg("key")
            .args(words)
            .arg("--dir")
            .arg(self.path("data"));
        command.stdin(Stdio::null());
        run(command).await
    }

    async fn good(&self, words: &[&str]) -> Ran {
        let ran = self.key_command(words).await;
        assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
        ran
    }

    async fn refused(&self, words: &[&str], code: i32, part: &str) {
        let ran = self.key_command(words).await;
        assert_eq!(ran.code, code, "{words:?}: {ran:?}");
        assert!(ran.stderr.contains(part), "{words:?}: {part:?} in {ran:?}");
        assert!(!ran.stderr.contains(PASSPHRASE) && !ran.stdout.contains(PASSPHRASE));
    }

    async fn sign(&self, folder: &str, who: &str) {
        let (key, passphrase) = (self.key(who), self.text("passphrase"));
        let mut words = vec!["sign", folder, "--key", &key, "--yes"];
        if who == "cy" {
            words.extend(["--passphrase-file", &passphrase]);
        }
        let ran = self.good(&words).await;
        assert!(ran.stderr.contains("what is signed:"), "{ran:?}");
    }

    /// A change in one command, with the keys of Ada and Bo.
    async fn change(&self, words: &[&str]) {
        let done = fs::read_dir(self.folder.path()).unwrap().count();
        let folder = self.text(&format!("change-{done}"));
        let (ada, bo) = (self.key("ada"), self.key("bo"));
        let mut all = words.to_vec();
        all.extend(["--folder", &folder, "--key", &ada, "--key", &bo, "--yes"]);
        let ran = self.good(&all).await;
        assert!(ran.stderr.contains("are in force here"), "{ran:?}");
    }

    /// Role, threshold, and holders.
    async fn list(&self) -> Vec<(String, u64, Vec<String>)> {
        let ran = self.good(&["list", "--output", "json"]).await;
        let roles: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
        let one = |role: &Value| {
            let keys = role["keys"].as_array().unwrap().iter();
            let mut holders: Vec<String> = keys
                .map(|k| k["holder"].as_str().unwrap().to_owned())
                .collect();
            holders.sort();
            let name = role["role"].as_str().unwrap().to_owned();
            (name, role["threshold"].as_u64().unwrap(), holders)
        };
        roles.iter().map(one).collect()
    }

    async fn holders(&self, role: &str) -> (u64, String) {
        let roles = self.list().await;
        let found = roles.into_iter().find(|(name, ..)| name == role).unwrap();
        (found.1, found.2.join(" "))
    }
}
