//! Keys that people hold, in every form they have them: each signs exactly the bytes it is given.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use zeroize::Zeroizing;

use crate::{Agent, KeyError, Protection, PublicKey, Signer, Unlock, create_key, public_path};

const PASSPHRASE: &str = "five quiet words of mine";

fn open_with(path: &Path, passphrase: &str, identity: Option<&Path>) -> Result<Signer, KeyError> {
    let mut ask = |_: &Path| Ok(Zeroizing::new(passphrase.to_owned()));
    let mut unlock = Unlock {
        ask: &mut ask,
        identity,
    };
    Signer::open(path, &mut unlock)
}

fn public(path: &Path) -> PublicKey {
    PublicKey::parse(&std::fs::read_to_string(public_path(path)).unwrap()).unwrap()
}

#[track_caller]
fn signs(signer: &Signer, key: PublicKey) {
    assert_eq!(signer.public(), key);
    let message = b"{\"_type\":\"root\"}";
    let signature = signer.sign(message).unwrap();
    assert!(key.verifies(message, &signature));
    assert!(!key.verifies(b"other", &signature));
}

#[track_caller]
fn refused(result: Result<Signer, KeyError>, part: &str) {
    let why = result.unwrap_err().to_string();
    assert!(why.contains(part), "{why:?} does not speak of {part:?}");
    assert!(!why.contains(PASSPHRASE));
}

#[test]
fn a_key_sealed_with_a_passphrase_opens_with_it_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ada.age");
    let weak = create_key(&path, &Protection::Passphrase("hunter2"));
    assert!(matches!(weak, Err(KeyError::WeakPassphrase { .. })) && !path.exists());
    let key = create_key(&path, &Protection::Passphrase(PASSPHRASE)).unwrap();
    assert_eq!(public(&path), key);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !text.contains("seed"));
    signs(&open_with(&path, PASSPHRASE, None).unwrap(), key);
    refused(
        open_with(&path, "five quiet words of yours", None),
        "does not open",
    );

    // Damaged anywhere: never another key.
    let middle = text.len() / 2;
    let bent = format!("{}{}", &text[..middle], &text[middle + 1..]);
    for bad in [&text[..text.len() - 60], &bent] {
        std::fs::write(&path, bad).unwrap();
        refused(open_with(&path, PASSPHRASE, None), "damaged");
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(open_with(&path, PASSPHRASE, None), "chmod 600");
    assert!(
        create_key(&path, &Protection::None).is_err(),
        "never replaced"
    );
}

#[test]
fn a_key_sealed_for_an_identity_opens_with_its_file() {
    use age::secrecy::ExposeSecret;
    let dir = tempfile::tempdir().unwrap();
    let identity = |name: &str| {
        let identity = age::x25519::Identity::generate();
        let path = dir.path().join(name);
        let text = format!(
            "# made in a test\n{}\n",
            identity.to_string().expose_secret()
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        (identity.to_public().to_string(), path)
    };
    let ((bo, of_bo), (cy, of_cy), (_, of_dee)) = (identity("bo"), identity("cy"), identity("dee"));
    let path = dir.path().join("bo.age");
    let key = create_key(&path, &Protection::Recipients(&[bo, cy])).unwrap();
    for file in [&of_bo, &of_cy] {
        signs(&open_with(&path, "", Some(file)).unwrap(), key);
    }
    refused(open_with(&path, "", Some(&of_dee)), "does not open");
    refused(
        open_with(&path, "", Some(&path)),
        "not a file of age identities",
    );
    refused(open_with(&path, "", None), "--identity");
    std::fs::set_permissions(&of_bo, std::fs::Permissions::from_mode(0o640)).unwrap();
    refused(open_with(&path, "", Some(&of_bo)), "chmod 600");
    let bad = create_key(
        &dir.path().join("x.age"),
        &Protection::Recipients(&["age1x".into()]),
    );
    assert!(matches!(bad, Err(KeyError::Recipient(_))));
}

/// A key made by ssh-keygen.
fn ssh_key(dir: &Path, name: &str, kind: &str, passphrase: &str) -> PathBuf {
    let path = dir.join(name);
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-C", name, "-N", passphrase, "-f"])
        .arg(&path)
        .status()
        .expect("this test needs ssh-keygen (apt-get install openssh-client)");
    assert!(made.success());
    path
}

#[test]
fn keys_of_openssh_sign_with_and_without_a_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let of = |path: &Path| {
        let line = std::fs::read_to_string(format!("{}.pub", path.display())).unwrap();
        PublicKey::parse(&line).unwrap()
    };
    let plain = ssh_key(dir.path(), "plain", "ed25519", "");
    signs(&open_with(&plain, "", None).unwrap(), of(&plain));
    let locked = ssh_key(dir.path(), "locked", "ed25519", PASSPHRASE);
    signs(&open_with(&locked, PASSPHRASE, None).unwrap(), of(&locked));
    refused(open_with(&locked, "wrong", None), "does not open");
    let other = ssh_key(dir.path(), "other", "ecdsa", "");
    refused(open_with(&other, "", None), "not an Ed25519 key");
    let text = std::fs::read_to_string(&plain).unwrap();
    std::fs::write(&plain, &text[..text.len() / 2]).unwrap();
    refused(open_with(&plain, "", None), "damaged");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o604)).unwrap();
    refused(open_with(&locked, PASSPHRASE, None), "chmod 600");
}

/// An ssh-agent of its own, ended with the test.
struct RunningAgent {
    child: Child,
    socket: PathBuf,
}

impl RunningAgent {
    fn start(dir: &Path) -> Self {
        let socket = dir.join("agent");
        let mut child = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs ssh-agent (apt-get install openssh-client)");
        // It says where it listens once it does.
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut said)
            .unwrap();
        assert!(said.contains("agent"), "{said}");
        Self { child, socket }
    }

    fn ssh_add(&self, argument: &Path) {
        let done = Command::new("ssh-add")
            .arg("-q")
            .arg(argument)
            .env("SSH_AUTH_SOCK", &self.socket)
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for RunningAgent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_agent_signs_without_giving_the_key_away() {
    let dir = tempfile::tempdir().unwrap();
    let running = RunningAgent::start(dir.path());
    let agent = Agent::new(&running.socket);
    assert!(agent.keys().unwrap().is_empty());
    let path = ssh_key(dir.path(), "ada@vault", "ed25519", "");
    for key in [&path, &ssh_key(dir.path(), "other", "ecdsa", "")] {
        running.ssh_add(key);
    }
    let keys = agent.keys().unwrap();
    assert_eq!(keys.len(), 1, "only keys that can sign here: {keys:?}");
    let (key, comment) = &keys[0];
    assert_eq!(comment, "ada@vault");
    let signer = Signer::with_agent(&agent, *key);
    signs(&signer, *key);
    // The same as with the file.
    let here = open_with(&path, "", None).unwrap();
    assert_eq!(here.sign(b"x").unwrap(), signer.sign(b"x").unwrap());
    running.ssh_add(Path::new("-D"));
    assert!(matches!(signer.sign(b"x"), Err(KeyError::Agent(_))));
    drop(running);
    let gone = agent.keys().unwrap_err().to_string();
    assert!(gone.contains("does not answer"), "{gone}");
}
