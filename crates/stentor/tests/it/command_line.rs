//! The command line: help, `init`, sign-in links and tokens.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::browser::{open, sign_in, submit};
use crate::support::files::read;
use crate::support::http::{get, send};
use crate::support::{Engine, House, alerts, listening, run, stentor};

const COMMANDS: [&[&str]; 18] = [
    &["up"],
    &["serve"],
    &["alertmanager"],
    &["init"],
    &["check"],
    &["import"],
    &["apply"],
    &["verify"],
    &["follow"],
    &["tuf"],
    &["word"],
    &["beacon"],
    &["reach"],
    &["reach", "mirrors"],
    &["audit"],
    &["key"],
    &["sign-in"],
    &["token"],
];

#[tokio::test]
async fn help_of_each_command_has_an_example() {
    let mut all = String::new();
    for words in [&[] as &[&str]].into_iter().chain(COMMANDS) {
        let mut command = stentor();
        command.args(words).arg("--help").env("COLUMNS", "100");
        let ran = run(command).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{words:?}");
        if let [name] = words {
            let example = format!("Example:\n  stentor {name}");
            assert!(ran.stdout.contains(&example), "{}", ran.stdout);
        }
        all += &format!("$ stentor {}\n{}\n", words.join(" "), ran.stdout);
    }
    for name in COMMANDS {
        assert!(all.contains(&format!("\n  {} ", name[0])), "{name:?}");
    }
    insta::assert_snapshot!("help", all);
}

#[tokio::test]
async fn wrong_usage_has_its_own_exit_code() {
    let check = async |words: &[&str], code: i32| {
        let mut command = stentor();
        command.args(words);
        let ran = run(command).await;
        assert_eq!(ran.code, code, "{words:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{words:?}");
        assert!(!ran.stderr.is_empty(), "{words:?}");
    };
    check(&["no-such-command"], 2).await;
    check(&["serve", "--no-such-option"], 2).await;
    check(&["serve", "--dir", "/nonexistent"], 2).await;
    check(&["apply", "--dir", "/nonexistent"], 2).await;
    check(&["verify", "/nonexistent"], 2).await;
    check(&["verify", "/nonexistent", "--root", "/nonexistent"], 2).await;
}

#[tokio::test]
async fn init_makes_a_whole_directory_for_its_owner_only() {
    let house = House::new(Engine::Sqlite).await;
    for (name, _) in read(&house.dir()) {
        let mode = fs::metadata(house.dir().join(&name)).unwrap();
        let public = name.ends_with("root.json") || name.starts_with("repository/");
        let mode = mode.permissions().mode() & 0o077;
        assert!(public || mode == 0, "{name}: {mode:o}");
    }
    let mode = fs::metadata(house.dir()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    let before = read(&house.dir());
    let mut again = stentor();
    again.arg("init").arg(house.dir());
    let ran = run(again).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("not empty"), "{ran:?}");
    assert_eq!(read(&house.dir()), before);
    let mut other = stentor();
    other.arg("init").arg(house.beside("other"));
    let ran = run(other).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.stdout.trim().len(), 64, "a fingerprint: {ran:?}");
}

#[tokio::test]
async fn a_sign_in_link_works_once() {
    let house = House::new(Engine::Sqlite).await;
    let _server = house.serve().await;
    let ran = house.run(&["sign-in", "nobody"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("ada"), "{ran:?}");
    let ran = house.run(&["sign-in", "ada"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let url = format!("http://{}", house.address);
    let link = ran.stdout.trim().strip_prefix(&url).unwrap();
    for _ in 0..2 {
        assert_eq!(get(house.address, link).await.status, 200);
    }
    let cookie = sign_in(house.address, &ran.stdout).await;
    let home = open(house.address, "/", &cookie).await;
    assert!(home.contains("Ada"), "{home}");
    let again = submit(house.address, link, &[]).await.unwrap();
    assert_eq!(again.status, 403, "{again:?}");
    assert_eq!(get(house.address, "/").await.status, 401);
}

#[tokio::test]
async fn tokens_are_made_listed_and_taken_away() {
    let house = House::new(Engine::Sqlite).await;
    let early = house.run(&["token", "list"]).await;
    assert_eq!((early.code, early.stdout.as_str()), (0, ""), "{early:?}");
    let _server = house.serve().await;
    let ran = house
        .run(&["token", "create", "ben", "--label", "a script"])
        .await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let token = ran.stdout.trim().to_owned();
    let other = house.run(&["token", "create", "ben", "--label", "a script"]);
    assert_ne!(other.await.stdout.trim(), token, "each is another");
    let bearer = format!("Bearer {token}");
    let ask = async || {
        let headers = [("authorization", bearer.as_str())];
        let path = "/api/v1/worlds/live/incidents";
        let answer = send(house.address, "GET", path, &headers, "").await;
        answer.unwrap().status
    };
    assert_eq!(ask().await, 200);
    let listed = house.run(&["token", "list"]).await;
    assert!(listed.stdout.contains("\tben\ta script\n"), "{listed:?}");
    assert!(!listed.stdout.contains(&token), "{listed:?}");
    for line in listed.stdout.lines() {
        let id = line.split('\t').next().unwrap();
        let revoked = house.run(&["token", "revoke", id]).await;
        assert_eq!(revoked.code, 0, "{revoked:?}");
    }
    assert_eq!(ask().await, 401);
    let again = house.run(&["token", "revoke", "0000"]).await;
    assert_eq!(again.code, 1, "{again:?}");
    for (name, bytes) in read(&house.dir()) {
        let kept = bytes.windows(token.len()).any(|w| w == token.as_bytes());
        assert!(!kept, "only the hash is stored, not in {name}");
    }
}

#[tokio::test]
async fn the_intake_token_keeps_others_out() {
    let house = House::new(Engine::Sqlite).await;
    let file = house.beside("intake-token");
    let with_file = || {
        let mut command = house.serve_command("serve");
        command.arg("--intake-token-file").arg(&file);
        command
    };
    let ran = run(with_file()).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    fs::write(&file, "short\n").unwrap();
    let ran = run(with_file()).await;
    assert!(ran.stderr.contains("at least 16 characters"), "{ran:?}");
    assert!(!ran.stderr.contains("short\n"), "{ran:?}");
    let token = "only-prometheus-knows-this";
    fs::write(&file, format!("{token}\n")).unwrap();
    let server = listening(with_file()).await;
    let alert = alerts::firing("Known", "website");
    let answer = alerts::try_post(house.address, std::slice::from_ref(&alert)).await;
    assert_eq!(answer.unwrap().status, 401);
    for (authorization, expect) in [
        (format!("Bearer {token}"), 200),
        (format!("Bearer {token}x"), 401),
    ] {
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let body = format!("[{alert}]");
        let answer = send(house.address, "POST", "/api/v2/alerts", &headers, &body).await;
        assert_eq!(answer.unwrap().status, expect, "{authorization}");
    }
    let said = server.stderr.all().join("\n") + server.stdout.all().join("\n").as_str();
    assert!(!said.contains(token), "{said}");
}
