//! Holders who sign from afar, or with an agent; keys that are refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tokio::process::Command;

use super::Place;
use crate::support::{run, stentor};

#[tokio::test]
async fn a_holder_who_is_cut_off_signs_a_text_and_wrong_keys_are_refused() {
    let place = Place::founded().await;
    let folder = place.text("renewal");
    place.good(&["renew", "--folder", &folder]).await;
    place.sign(&folder, "ada").await;
    let request = place.good(&["request", &folder]).await;
    let (asked, answer) = (place.text("request.txt"), place.text("signature.txt"));
    fs::write(&asked, format!("Hello Cy,\n{}\nBye", request.stdout)).unwrap();
    let (cy, passphrase) = (place.key("cy"), place.text("passphrase"));
    let signing = ["sign", "--request", &asked, "--out", &answer, "--key", &cy];

    // Nobody to confirm; a wrong passphrase; a file for everybody to read; a key of somebody else; damage.
    place.secret("wrong", "not it at all, is it");
    let wrong = place.text("wrong");
    let with = |more: &[&str]| -> Vec<String> {
        [&signing[..], more]
            .concat()
            .iter()
            .map(|w| (*w).to_owned())
            .collect()
    };
    async fn check(place: &Place, words: Vec<String>, code: i32, part: &str) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        place.refused(&words, code, part).await;
    }
    check(
        &place,
        with(&["--passphrase-file", &passphrase]),
        2,
        "--yes",
    )
    .await;
    check(&place, with(&["--yes"]), 1, "--passphrase-file").await;
    check(
        &place,
        with(&["--yes", "--passphrase-file", &wrong]),
        1,
        "does not open",
    )
    .await;
    fs::set_permissions(&cy, fs::Permissions::from_mode(0o644)).unwrap();
    check(
        &place,
        with(&["--yes", "--passphrase-file", &passphrase]),
        1,
        "chmod 600",
    )
    .await;
    fs::set_permissions(&cy, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(!Path::new(&answer).exists());
    place.good(&["new", &place.key("mallory"), "--plain"]).await;
    let mallory = place.key("mallory");
    place
        .refused(
            &["sign", &folder, "--key", &mallory, "--yes"],
            1,
            "counts for nothing",
        )
        .await;
    fs::write(&mallory, "{").unwrap();
    place
        .refused(&["sign", &folder, "--key", &mallory, "--yes"], 1, "damaged")
        .await;

    let words = with(&["--yes", "--passphrase-file", &passphrase]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    place.good(&words).await;
    place.good(&["add-signature", &folder, &answer]).await;
    let shown = place.good(&["show", &folder]).await;
    assert!(
        shown.stdout.contains("Everybody who is needed has signed"),
        "{shown:?}"
    );
    place.good(&["finish", &folder]).await;
}

#[tokio::test]
async fn an_ssh_agent_signs_with_the_key_that_counts() {
    let place = Place::new(&["bo"]).await;
    let socket = place.path("agent");
    let mut command = Command::new("ssh-agent");
    command.args(["-D", "-a"]).arg(&socket);
    let agent = stentor_testkit::process::Process::spawn(command);
    agent.wait_for_stdout("SSH_AUTH_SOCK").await;
    for name in ["ada", "other"] {
        let path = place.path(&format!("{name}.ssh"));
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-C", name, "-N", "", "-f"])
            .arg(&path)
            .status();
        assert!(made.await.unwrap().success());
        let added = Command::new("ssh-add")
            .arg("-q")
            .arg(&path)
            .env("SSH_AUTH_SOCK", &socket)
            .status();
        assert!(added.await.unwrap().success());
    }
    let mut init = stentor();
    init.args(["init", "--ceremony"]).arg(place.path("data"));
    assert_eq!(run(init).await.code, 0);
    let ada = format!("Ada={}", place.text("ada.ssh.pub"));
    let bo = format!("Bo={}", place.public("bo"));
    let (folder, bo_key) = (place.text("founding"), place.key("bo"));
    let mut command = stentor();
    command.args([
        "key",
        "ceremony",
        "--organisation",
        "X",
        "--threshold",
        "2",
        "--yes",
        "--ssh",
    ]);
    command.args([
        "--holder", &ada, "--holder", &bo, "--folder", &folder, "--key", &bo_key,
    ]);
    command
        .arg("--dir")
        .arg(place.path("data"))
        .env("SSH_AUTH_SOCK", &socket);
    let ran = run(command).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("signs with 1 key"), "{ran:?}");
    assert_eq!(place.holders("root").await, (2, "Ada Bo".into()));
}
