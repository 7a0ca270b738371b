//! A bad configuration: refused at the start, and at a reload the old one stays; always with file, line and column.

use serde_json::Value;

use crate::support::caller::Caller;
use crate::support::{Engine, House, alerts, run, stop};

/// The line and column of a slip that [`slip`] made.
fn slip(house: &House) -> String {
    house.change("oncall.toml", "people = [\"ada\"]", "people = [\"adda\"]");
    let text = house.read("oncall.toml");
    let (number, line) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains("adda"))
        .unwrap();
    format!(
        "oncall.toml:{}:{}",
        number + 1,
        line.find("\"adda").unwrap() + 1
    )
}

fn mend(house: &House) {
    house.change("oncall.toml", "people = [\"adda\"]", "people = [\"ada\"]");
}

#[tokio::test]
async fn at_the_start_it_is_refused_and_explained() {
    let house = House::new(Engine::Sqlite).await;
    let place = slip(&house);
    house.change("stentor.toml", "open_at = \"sev3\"", "open_at = \"bad\"");
    let ran = run(house.serve_command("serve")).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.stdout, "");
    for part in ["2 problem(s)", &place, "stentor.toml:", "\"ada\""] {
        assert!(ran.stderr.contains(part), "{part:?} in {ran:?}");
    }
    let ran = house.run(&["apply"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains(&place), "{ran:?}");
}

#[tokio::test]
async fn at_a_reload_the_old_one_stays() {
    let house = House::new(Engine::Sqlite).await;
    let server = house.serve().await;
    let ada = Caller::new(&house, "ada").await;
    let place = slip(&house);
    house.write("services/shop.toml", SHOP);
    server.signal("HUP").await;
    server
        .wait_for_stderr("the configuration stays as it was")
        .await;
    server.wait_for_stderr(&place).await;
    alerts::post(house.address, &[alerts::firing("One", "shop")]).await;
    assert_ne!(ada.incident().await["service"], "shop");
    assert_eq!(ada.incident().await["pages"][0]["person"], "ada");

    mend(&house);
    server.signal("HUP").await;
    server.wait_for_stderr("is in force").await;
    alerts::post(house.address, &[alerts::firing("Two", "shop")]).await;
    let second = ada.get("/api/v1/worlds/live/incidents/2").await;
    assert_eq!(second["service"], "shop");
    stop(server).await;
}

const SHOP: &str = "name = \"Shop\"\nowner = \"ada\"\n";

#[tokio::test]
async fn apply_reaches_a_running_server() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let house = House::new(engine).await;
        let server = house.serve().await;
        let ada = Caller::new(&house, "ada").await;
        house.write("services/shop.toml", SHOP);
        let ran = house
            .run(&["apply", "--by", "ada", "--reason", "a shop"])
            .await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.contains("is in force\n"), "{ran:?}");
        let again = house.run(&["apply"]).await;
        assert!(again.stderr.contains("is in force, as before"), "{again:?}");
        crate::support::until("the server follows", async || {
            alerts::post(house.address, &[alerts::firing("One", "shop")]).await;
            let list = ada.get("/api/v1/worlds/live/incidents").await;
            let all = list["incidents"].as_array().unwrap().clone();
            all.iter().any(|i| i["service"] == "shop").then_some(())
        })
        .await;
        stop(server).await;
    }
}

#[tokio::test]
async fn check_names_every_problem() {
    let house = House::new(Engine::Sqlite).await;
    let check = async |more: &[&str]| {
        let mut command = crate::support::stentor();
        command.arg("check").arg(house.dir()).args(more);
        run(command).await
    };
    let good = check(&[]).await;
    assert_eq!((good.code, good.stdout.as_str()), (0, ""), "{good:?}");
    assert!(good.stderr.contains("no problem"), "{good:?}");
    let good = check(&["--output", "json"]).await;
    assert_eq!((good.code, good.stdout.as_str()), (0, "[]\n"), "{good:?}");

    let place = slip(&house);
    house.append("people.toml", "[people.eve]\nname = 7\n");
    let bad = check(&[]).await;
    assert_eq!(bad.code, 1, "{bad:?}");
    assert!(bad.stdout.contains(&place), "{bad:?}");
    assert!(bad.stdout.contains("people.toml:"), "{bad:?}");
    let bad = check(&["--output", "json"]).await;
    assert_eq!(bad.code, 1, "{bad:?}");
    let problems: Value = serde_json::from_str(&bad.stdout).unwrap();
    let problems = problems.as_array().unwrap();
    assert_eq!(problems.len(), 2, "{problems:#?}");
    let first = problems
        .iter()
        .map(|p| {
            format!(
                "{}:{}:{}",
                p["file"].as_str().unwrap(),
                p["line"],
                p["column"]
            )
        })
        .find(|shown| *shown == place);
    assert_eq!(first, Some(place), "{problems:#?}");

    let mut nowhere = crate::support::stentor();
    nowhere.arg("check").arg(house.beside("nowhere"));
    let ran = run(nowhere).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("nowhere"), "{ran:?}");
}

#[tokio::test]
async fn one_server_at_a_time_serves_a_directory() {
    let house = House::new(Engine::Sqlite).await;
    let server = house.serve().await;
    // Another port, so that not the port is what stops it.
    let dir = house.dir().display().to_string();
    let second = ["serve", "--dir", &dir, "--listen", "127.0.0.1:0"];
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_stentor"));
    command.args(second);
    let ran = run(command).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("another Stentor serves"), "{ran:?}");
    stop(server).await;
    // A killed one leaves no lock behind.
    let mut server = house.serve().await;
    server.kill9().await;
    stop(house.serve().await).await;
}
