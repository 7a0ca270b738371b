//! A beacon whose own mirrors are of other kinds than a directory, with real servers behind them.

use std::fs;

use serde_json::Value;
use stentor_testkit::process::installed;
use tokio::process::Command;

use crate::beacon::Site;
use crate::support::caller::Caller;
use crate::support::mirrors::{Mirrors, NAMES};
use crate::support::{Engine, House, Ran, run, stentor};

/// What a stranger finds at an address.
async fn verify(site: &Site, mirror: &str) -> Ran {
    let mut command = stentor();
    command.args(["verify", mirror, "--output", "json", "--root"]);
    command.arg(&site.root);
    run(command).await
}

async fn timestamp(site: &Site, mirror: &str) -> u64 {
    let ran = verify(site, mirror).await;
    assert_eq!(ran.code, 0, "{mirror}: {ran:?}");
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let roles = said["roles"].as_array().unwrap();
    let role = roles.iter().find(|r| r["name"] == "timestamp");
    role.unwrap()["version"].as_u64().unwrap()
}

async fn git(arguments: &[&str]) {
    let mut command = Command::new(installed("git", "git"));
    command.args(arguments);
    let ran = run(command).await;
    assert_eq!(ran.code, 0, "{ran:?}");
}

fn status(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran:?}"))
}

#[tokio::test]
async fn its_mirrors_are_of_every_kind_and_a_bad_one_holds_up_no_other() {
    let house = House::new(Engine::Sqlite).await;
    let mirrors = Mirrors::start(&house.beside("far")).await;
    let site = Site::new(&house, "always = true");
    fs::create_dir_all(site.folder.join("secrets")).unwrap();
    for (name, text) in mirrors.files() {
        site.write(name, &text);
    }
    let bare = house.beside("bare.git").display().to_string();
    git(&["init", "--quiet", "--bare", &bare]).await;
    site.append(&mirrors.declared("write = true"));
    site.append(&format!(
        "[[mirrors]]\nname = \"git\"\nkind = \"git\"\nremote = \"file://{bare}\"\nbranch = \"pages\"\nwrite = true\n"
    ));
    // Its secret is not there yet.
    site.append(&format!(
        "[[mirrors]]\nname = \"bad\"\nkind = \"put\"\naddress = \"{}/bad\"\ntoken = {{ file = \"secrets/late\" }}\n\
         write = true\n",
        mirrors.put.url()
    ));
    let mut server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;

    let ran = site.once().await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let said = status(&ran);
    assert_eq!(said["signing"], "signed", "{said:#}");
    for (mirror, wrong) in said["mirrors"].as_object().unwrap() {
        if mirror == "bad" {
            assert!(wrong.as_str().unwrap().contains("secrets/late"), "{said:#}");
        } else {
            assert_eq!(*wrong, Value::Null, "{said:#}");
        }
    }
    let mut first = 0;
    for name in NAMES {
        first = timestamp(&site, &mirrors.read_at(name)).await;
        assert_eq!(Some(first), said["timestamp"].as_u64(), "{name}");
    }
    let clone = house.beside("clone").display().to_string();
    git(&["clone", "--quiet", "--branch", "pages", &bare, &clone]).await;
    assert_eq!(timestamp(&site, &clone).await, first);

    // The publisher is gone for good, and the operator of the beacon has mended the mirror.
    server.kill9().await;
    fs::remove_dir_all(house.dir()).unwrap();
    site.write("secrets/late", crate::support::mirrors::SECRET);
    let old = mirrors.put.file("metadata/timestamp.json").unwrap().bytes;
    let ran = site.once().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let second = status(&ran)["timestamp"].as_u64().unwrap();
    assert!(second > first);
    for name in NAMES {
        assert_eq!(timestamp(&site, &mirrors.read_at(name)).await, second);
    }
    let late = format!("{}/bad", mirrors.put.url());
    assert_eq!(timestamp(&site, &late).await, second);

    // An older confirmation that somebody puts back is overwritten by a higher one.
    mirrors.put.tamper("metadata/timestamp.json", &old);
    fs::write(mirrors.kept("sftp").join("metadata/timestamp.json"), &old).unwrap();
    for name in ["put", "sftp"] {
        assert_eq!(timestamp(&site, &mirrors.read_at(name)).await, first);
    }
    assert_eq!(site.once().await.code, 0);
    for name in NAMES {
        assert!(timestamp(&site, &mirrors.read_at(name)).await > second);
    }
}
