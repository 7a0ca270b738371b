//! Somebody who speaks with a key of their own, and a server from which the key that may speak was taken.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::browser::{open, sign_in};
use crate::support::caller::{Caller, INCIDENT};
use crate::support::http::get;
use crate::support::{Engine, House, Ran, alerts, run, stentor, stop, until};

const PASSPHRASE: &str = "five quiet words of mine";
const SAID: &str = "we are looking into a problem";

impl House {
    fn file_named(&self, name: &str) -> String {
        self.beside(name).display().to_string()
    }

    async fn good(&self, words: &[&str]) -> Ran {
        let ran = self.run(words).await;
        assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
        ran
    }

    async fn refused(&self, words: &[&str], part: &str) {
        let ran = self.run(words).await;
        assert_eq!(ran.code, 1, "{words:?}: {ran:?}");
        assert!(ran.stderr.contains(part), "{part}: {ran:?}");
    }

    /// Gives Dora a key that may speak, and takes the one of the server away.
    async fn leave_it_to_dora(&self) {
        let passphrase = self.beside("passphrase");
        fs::write(&passphrase, PASSPHRASE).unwrap();
        fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        let (dora, mallory) = (self.file_named("dora.age"), self.file_named("mallory.key"));
        self.good(&[
            "key",
            "new",
            &dora,
            "--passphrase-file",
            &self.file_named("passphrase"),
        ])
        .await;
        self.good(&["key", "new", &mallory, "--plain"]).await;
        let targets = self.dir().join("offline/targets.key");
        let (targets, folder) = (targets.display().to_string(), self.file_named("delegation"));
        let public = self.file_named("dora.pub");
        let delegate = ["key", "delegate", "--add", &public, "--name", "Dora"];
        let signed = ["--key", &targets, "--yes", "--folder", &folder];
        self.good(&[&delegate[..], &signed].concat()).await;
        fs::remove_file(self.dir().join("keys/word/status.key")).unwrap();
    }

    /// The words of a command that signs as Dora.
    async fn as_dora(&self, words: &[&str]) -> Ran {
        let (key, passphrase) = (self.file_named("dora.age"), self.file_named("passphrase"));
        let how = ["--key", &key, "--passphrase-file", &passphrase, "--yes"];
        self.run(&[words, &how].concat()).await
    }

    fn page(&self) -> String {
        fs::read_to_string(self.mirror("one").join("index.html")).unwrap_or_default()
    }

    async fn is_fresh(&self) {
        let mut command = stentor();
        command.arg("verify").arg(self.mirror("one"));
        command.arg("--root").arg(self.root());
        command.arg("--state").arg(self.beside("reader"));
        let ran = run(command).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains("FRESH"), "{ran:?}");
    }

    /// Whether a running node says that a word waits, by its metrics.
    async fn waits(&self) -> Option<bool> {
        let metrics = get(self.address, "/metrics").await.body;
        let name = "stentor_word_unsigned_seconds{world=\"live\"} ";
        let (_, rest) = metrics.split_once(name)?;
        Some(rest.lines().next()?.parse::<f64>().ok()? > 0.0)
    }
}

#[tokio::test]
async fn a_liaison_signs_what_the_server_cannot() {
    let house = House::new(Engine::Sqlite).await;
    let server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;
    stop(server).await;
    house.leave_it_to_dora().await;
    house.refused(&["word", "request"], "nothing waits").await;

    let server = house.serve().await;
    alerts::post(house.address, &[alerts::firing("ShopDown", "website")]).await;
    until("there is an incident", async || {
        let all = ben.get("/api/v1/worlds/live/incidents").await;
        (!all["incidents"].as_array()?.is_empty()).then_some(())
    })
    .await;
    ben.about("command", &json!({})).await;
    ben.act(
        &format!("{INCIDENT}/updates"),
        &json!({ "template": "first", "values": {} }),
    )
    .await;
    until("the word waits", async || {
        house.waits().await.filter(|w| *w)
    })
    .await;
    let log = server.stderr.all().join("\n");
    assert!(
        log.contains("an authorised word waits for a signature") && log.contains("Dora ("),
        "{log}"
    );
    let link = house.run(&["sign-in", "ben"]).await.stdout;
    let cookie = sign_in(house.address, &link).await;
    let console = open(house.address, "/mirrors", &cookie).await;
    assert!(
        console.contains("A word waits for a signature") && console.contains("Dora ("),
        "{console}"
    );
    assert!(!house.page().contains(SAID));
    house.is_fresh().await;

    // From afar: she reads what she signs, and another key or another text counts for nothing.
    let request = house.good(&["word", "request"]).await.stdout;
    let (asked, signature, read) = (
        house.file_named("request.txt"),
        house.file_named("signature.txt"),
        house.file_named("read"),
    );
    fs::write(&asked, format!("Dear Dora,\n{request}\nBen")).unwrap();
    let sign = ["word", "sign", "--request", &asked, "--out", &signature];
    let mallory = house.file_named("mallory.key");
    house
        .refused(
            &[&sign[..], &["--key", &mallory, "--yes"]].concat(),
            "these may: Dora",
        )
        .await;
    let signed = house
        .as_dora(&[&sign[..], &["--pages", &read]].concat())
        .await;
    assert_eq!(signed.code, 0, "{signed:?}");
    let marked = signed
        .stderr
        .lines()
        .any(|l| l.starts_with('+') && l.contains(SAID));
    assert!(marked, "{signed:?}");
    let page = fs::read_to_string(house.beside("read/index.html")).unwrap();
    assert!(page.contains(SAID));
    let half = request.len() / 2;
    let other = if request.as_bytes()[half] == b'A' {
        "B"
    } else {
        "A"
    };
    let bent = format!("{}{other}{}", &request[..half], &request[half + 1..]);
    fs::write(house.beside("bent.txt"), bent).unwrap();
    let bent = house.file_named("bent.txt");
    house
        .refused(
            &[
                "word",
                "sign",
                "--request",
                &bent,
                "--out",
                &house.file_named("x"),
                "--key",
                &mallory,
            ],
            "changed on its way",
        )
        .await;
    house.good(&["word", "add-signature", &signature]).await;
    until("it is said", async || {
        let said = house.page().contains(SAID);
        let refused = server.stderr.all().join("\n").contains("was refused");
        assert!(!refused, "{:#?}", server.stderr.all());
        said.then_some(())
    })
    .await;
    until("nothing waits", async || {
        house.waits().await.filter(|w| !*w)
    })
    .await;
    house.is_fresh().await;

    // Beside the running node; what was signed for the word before is refused.
    let said = json!({ "template": "first", "values": {} });
    ben.post(&format!("{INCIDENT}/updates"), &said).await;
    until("the next one waits", async || {
        house.waits().await.filter(|w| *w)
    })
    .await;
    house
        .refused(
            &["word", "add-signature", &signature],
            "not over the word that waits now",
        )
        .await;
    house
        .refused(
            &["word", "sign", "--key", &mallory, "--yes"],
            "these may: Dora",
        )
        .await;
    let signed = house.as_dora(&["word", "sign"]).await;
    assert_eq!(signed.code, 0, "{signed:?}");
    until("it is said too", async || {
        house.waits().await.filter(|w| !*w)
    })
    .await;
    house.is_fresh().await;

    // And with a node that is stopped.
    ben.post(&format!("{INCIDENT}/updates"), &said).await;
    until("the third one waits", async || {
        house.waits().await.filter(|w| *w)
    })
    .await;
    stop(server).await;
    let before = house.page();
    let pushed = house.run(&["word", "push"]).await;
    assert_eq!(pushed.code, 1, "{pushed:?}");
    assert!(
        pushed.stdout.contains("NOT said yet") && pushed.stdout.contains("Dora ("),
        "{pushed:?}"
    );
    house.is_fresh().await;
    assert_eq!(house.page(), before);
    assert_eq!(house.as_dora(&["word", "sign"]).await.code, 0);
    house.good(&["word", "push"]).await;
    assert_ne!(house.page(), before);
    house.is_fresh().await;
}
