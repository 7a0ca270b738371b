//! A change of keys while the server runs.

use std::process::Stdio;

use serde_json::Value;

use crate::support::http::get;
use crate::support::{Engine, House, Ran, run, stentor, stop, until};

#[tokio::test]
async fn a_running_server_takes_over_a_change_of_keys_and_readers_walk_along() {
    let house = House::new(Engine::Sqlite).await;
    let server = house.serve().await;
    let mirror = house.mirror("one");
    let verify = async || {
        let mut command = stentor();
        command
            .arg("verify")
            .arg(&mirror)
            .arg("--root")
            .arg(house.root());
        command
            .args(["--output", "json", "--state"])
            .arg(house.beside("seen"));
        let ran = run(command).await;
        let report: Value = serde_json::from_str(&ran.stdout).ok()?;
        let roles = report["roles"].as_array()?.iter();
        let root = roles.clone().find(|r| r["name"] == "root")?["version"].as_u64()?;
        (ran.code == 0).then_some(root)
    };
    until("the first word is there", async || {
        verify().await.filter(|root| *root == 1)
    })
    .await;
    // Whoever was founded by one hands over to three, and the keys on the server are replaced.
    let beside = |name: &str| house.beside(name).display().to_string();
    let mut words = vec![
        "key".to_owned(),
        "rotate".into(),
        "root".into(),
        "--threshold".into(),
        "2".into(),
    ];
    for name in ["ada", "bo", "cy"] {
        let key = beside(&format!("{name}.key"));
        assert_eq!(house_key(&["key", "new", &key, "--plain"]).await.code, 0);
        words.extend([
            "--holder".into(),
            format!("{name}={}", beside(&format!("{name}.pub"))),
        ]);
    }
    let old = house.dir().join("offline/root.key").display().to_string();
    for key in [old, beside("ada.key"), beside("bo.key")] {
        words.extend(["--key".into(), key]);
    }
    words.extend(["--yes".into(), "--folder".into(), beside("handover")]);
    let ran = house_key_in(&house, &words).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stderr.contains("the running server puts them in force"),
        "{ran:?}"
    );
    until("root 2 is on the mirror", async || {
        verify().await.filter(|root| *root == 2)
    })
    .await;

    let targets = house
        .dir()
        .join("offline/targets.key")
        .display()
        .to_string();
    let mut words: Vec<String> = ["key", "revoke", "online", "--yes", "--folder"]
        .map(str::to_owned)
        .into();
    words.push(beside("theft"));
    for key in [beside("ada.key"), beside("cy.key"), targets] {
        words.extend(["--key".into(), key]);
    }
    let ran = house_key_in(&house, &words).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    until("root 3 is on the mirror", async || {
        verify().await.filter(|root| *root == 3)
    })
    .await;

    let metrics = get(house.address, "/metrics").await;
    for role in ["root", "targets", "timestamp", "snapshot", "status"] {
        let line = format!("stentor_key_expiry_seconds{{role=\"{role}\"}}");
        assert!(metrics.body.contains(&line), "{line}");
    }
    stop(server).await;
}

async fn house_key(words: &[&str]) -> Ran {
    let mut command = stentor();
    command.args(words).stdin(Stdio::null());
    run(command).await
}

async fn house_key_in(house: &House, words: &[String]) -> Ran {
    let mut command = stentor();
    command
        .args(words)
        .arg("--dir")
        .arg(house.dir())
        .stdin(Stdio::null());
    run(command).await
}
