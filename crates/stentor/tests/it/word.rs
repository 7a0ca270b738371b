//! The public word when the database is gone, when a backup is old, and with several nodes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stentor_testkit::postgres::PrivatePostgres;
use stentor_testkit::process::{Process, free_address};
use stentor_testkit::proxy::{Mode, Proxy};
use stentor_testkit::put_server::PutServer;

use crate::support::caller::Caller;
use crate::support::files::copy;
use crate::support::{Engine, House, Ran, alerts, listening, run, stentor, until};

async fn incident(house: &House, ben: &Caller) {
    alerts::post(house.address, &[alerts::firing("ShopDown", "website")]).await;
    until("there is an incident", async || {
        let all = ben.get("/api/v1/worlds/live/incidents").await;
        (!all["incidents"].as_array()?.is_empty()).then_some(())
    })
    .await;
    ben.about("command", &json!({})).await;
}

fn page(mirror: &Path) -> String {
    fs::read_to_string(mirror.join("index.html")).unwrap_or_default()
}

fn timestamp(mirror: &Path) -> u64 {
    let Ok(text) = fs::read(mirror.join("metadata/timestamp.json")) else {
        return 0;
    };
    let file: Value = serde_json::from_slice(&text).unwrap();
    file["signed"]["version"].as_u64().unwrap()
}

async fn verify(house: &House, mirror: &Path) -> Ran {
    let mut command = stentor();
    command.arg("verify").arg(mirror).arg("--root");
    command.arg(house.root()).arg("--state");
    command.arg(house.beside("reader"));
    run(command).await
}

const SAID: &str = "we are looking into a problem";

#[tokio::test]
async fn a_word_that_was_authorised_is_published_without_the_database() {
    let start = || PrivatePostgres::start_with(&[]);
    let postgres = tokio::task::spawn_blocking(start).await.unwrap();
    let mut house = House::new(Engine::Sqlite).await;
    house.database = Some(postgres.database());
    let mut server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;
    incident(&house, &ben).await;
    // One mirror cannot be written at the moment of the word.
    let (one, two) = (house.mirror("one"), house.mirror("two"));
    let aside = house.beside("two");
    fs::rename(&two, &aside).unwrap();
    fs::write(&two, "in the way").unwrap();
    ben.publish("first", &json!({})).await;
    until("the other shows it", async || {
        page(&one).contains(SAID).then_some(())
    })
    .await;
    let stopped = tokio::task::spawn_blocking(move || {
        postgres.crash();
        postgres
    });
    let postgres = stopped.await.unwrap();
    fs::remove_file(&two).unwrap();
    fs::rename(&aside, &two).unwrap();
    until("the running node brings it", async || {
        page(&two).contains(SAID).then_some(())
    })
    .await;

    // A node that starts again has no database to ask: by hand, from this disk.
    server.kill9().await;
    fs::remove_dir_all(&two).unwrap();
    let before = timestamp(&one);
    let ran = house.run(&["word", "push"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    for mirror in [&one, &two] {
        assert!(timestamp(mirror) > before, "signed again");
        assert!(page(mirror).contains(SAID));
        let ran = verify(&house, mirror).await;
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    drop(postgres);
}

/// Nobody could verify what is there by half.
#[tokio::test]
async fn a_stop_finishes_what_is_being_written() {
    let house = House::new(Engine::Sqlite).await;
    let slow = PutServer::start("a-token").await;
    let mut proxy = Proxy::start(slow.address).await;
    house.change(
        "stentor.toml",
        "# [network]\n# allow = [\"10.20.0.0/16\"]",
        "[network]\nallow = [\"127.0.0.0/8\"]",
    );
    let declared = format!(
        "\n[[mirrors]]\nname = \"slow\"\nkind = \"put\"\naddress = \"http://{}/up\"\n\
         token = {{ file = \"secrets/upload\" }}\n",
        proxy.address
    );
    house.append("stentor.toml", &declared);
    house.write("secrets/upload", "a-token");
    let mut server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    incident(&house, &ben).await;
    let shows = || slow.file("index.html").map(|page| page.bytes);
    until("there is a first word", async || shows().map(drop)).await;

    proxy.set(Mode::BlackHole).await;
    ben.publish("first", &json!({})).await;
    let one = house.mirror("one");
    until("the others show it", async || {
        page(&one).contains(SAID).then_some(())
    })
    .await;
    server.signal("TERM").await;
    let address = house.address;
    until("nobody is let in", async || {
        let open = tokio::net::TcpStream::connect(address).await;
        open.is_err().then_some(())
    })
    .await;
    proxy.set(Mode::Pass).await;
    let status = server.wait().await;
    assert!(status.success(), "{status}: {:#?}", server.stderr.all());
    let shown = String::from_utf8(shows().unwrap()).unwrap();
    assert!(shown.contains(SAID), "{shown}");
}

#[tokio::test]
async fn an_old_backup_is_brought_up_by_adopting() {
    let house = House::new(Engine::Sqlite).await;
    let server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;
    let running = house.run(&["word", "adopt"]).await;
    assert_eq!(running.code, 1, "{running:?}");
    assert!(running.stderr.contains("stop it first"), "{running:?}");
    crate::support::stop(server).await;
    copy(&house.dir().join("repository"), &house.beside("backup"));
    let server = house.serve().await;
    incident(&house, &ben).await;
    ben.publish("first", &json!({})).await;
    let one = house.mirror("one");
    until("it is published", async || {
        page(&one).contains(SAID).then_some(())
    })
    .await;
    ben.wait_for_mirrors(0).await;
    crate::support::stop(server).await;
    assert_eq!(verify(&house, &one).await.code, 0);

    fs::remove_dir_all(house.dir().join("repository")).unwrap();
    fs::rename(house.beside("backup"), house.dir().join("repository")).unwrap();
    let newest = timestamp(&one);
    let refused = house.run(&["word", "push"]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("stentor word adopt"), "{refused:?}");
    // What is there was signed a moment ago: somebody may be at work.
    let active = house.run(&["word", "adopt", "--yes"]).await;
    assert_eq!(active.code, 1, "{active:?}");
    assert!(active.stderr.contains("another publisher"), "{active:?}");
    let asked = house
        .run(&["word", "adopt", "--other-publisher-stopped"])
        .await;
    assert_eq!(asked.code, 2, "nobody was there to ask: {asked:?}");
    assert_eq!(timestamp(&one), newest);
    let words = ["word", "adopt", "--yes", "--other-publisher-stopped"];
    let adopted = house.run(&words).await;
    assert_eq!(adopted.code, 0, "{adopted:?}");
    assert!(adopted.stdout.contains("Taken over"), "{adopted:?}");
    let nothing = house.run(&words).await;
    assert!(
        nothing.stdout.contains("nothing to take over"),
        "{nothing:?}"
    );
    // And publishing goes on.
    let _server = house.serve().await;
    until("the node publishes after it", async || {
        (timestamp(&one) > newest).then_some(())
    })
    .await;
    ben.wait_for_mirrors(0).await;
    let ran = verify(&house, &one).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(page(&one).contains(SAID));
}

/// Another node of the same installation, with a data directory and a name of its own.
struct Second {
    dir: PathBuf,
    address: std::net::SocketAddr,
}

impl Second {
    fn of(house: &House) -> Self {
        let dir = copy(&house.dir(), &house.beside("second"));
        let name = dir.join("keys/node");
        fs::write(&name, "second").unwrap();
        for file in crate::support::files::read(&dir.join("keys")).into_keys() {
            let file = dir.join("keys").join(file);
            fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        Self {
            dir,
            address: free_address(),
        }
    }

    async fn serve(&self, house: &House) -> Process {
        let mut command = stentor();
        command.args(["serve", "--listen", &self.address.to_string(), "--dir"]);
        command.arg(&self.dir).arg("--database");
        command.arg(house.database.as_deref().unwrap());
        listening(command).await
    }
}

#[tokio::test]
async fn two_nodes_share_their_mirrors() {
    let house = House::new(Engine::Postgres).await;
    let mirrors = house.beside("mirrors");
    for name in ["one", "two"] {
        let (from, to) = (format!("mirrors/{name}"), mirrors.join(name));
        house.change("stentor.toml", &from, to.to_str().unwrap());
    }
    let (one, two) = (mirrors.join("one"), mirrors.join("two"));
    let second = Second::of(&house);
    let mut first_server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;
    let _second_server = second.serve(&house).await;
    incident(&house, &ben).await;
    ben.publish("first", &json!({})).await;
    until("the first node publishes", async || {
        (page(&one).contains(SAID) && page(&two).contains(SAID)).then_some(())
    })
    .await;
    assert_eq!(verify(&house, &one).await.code, 0);
    let before = timestamp(&one);
    first_server.kill9().await;
    // The other takes over, from where the first one stopped.
    until("the second node publishes", async || {
        (timestamp(&one) / 1_000_000_000 > before / 1_000_000_000).then_some(())
    })
    .await;
    until("both show it", async || {
        (timestamp(&one) == timestamp(&two)).then_some(())
    })
    .await;
    assert!(page(&one).contains(SAID));
    // The first comes back with a repository that is behind, and leaves the mirrors alone.
    let _first_server = house.serve().await;
    let body = json!({ "template": "first", "values": {} });
    let said = ben
        .post(
            &format!("{}/updates", crate::support::caller::INCIDENT),
            &body,
        )
        .await;
    assert!(matches!(said.status, 200 | 201), "{said:?}");
    let before = timestamp(&one);
    until("it is published once more", async || {
        (timestamp(&one) > before && timestamp(&one) == timestamp(&two)).then_some(())
    })
    .await;
    for mirror in [&one, &two] {
        until("readers accept it", async || {
            let ran = verify(&house, mirror).await;
            assert!(!ran.stdout.contains("older state was put back"), "{ran:?}");
            (ran.code == 0).then_some(())
        })
        .await;
    }
}
