//! Servers that are away, hang, break off, refuse us or lie.

use std::time::Duration;

use stentor_publish::{Mirror, MirrorError, MirrorFailure};
use stentor_testkit::proxy::Mode;
use stentor_testkit::put_server::Manner;
use stentor_verify::{FetchError, Verdict};

use crate::places::{Place, SECRET, each_kind, start};
use crate::publication::{House, Stranger, fresh, hours, page, settled};

#[track_caller]
fn says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{error:?} does not say {part:?}");
    }
    assert!(
        !error.contains(SECRET) && !error.contains("PRIVATE KEY"),
        "{error}"
    );
    assert!(error.len() < 1_000 && !error.contains('\x1b'), "{error:?}");
}

/// A server that goes away, breaks off and comes back.
async fn comes_back(kind: &str) {
    let (mut place, house) = (start(kind).await, House::new());
    let mut publisher = house.publisher(vec![place.open()]);
    publisher.publish(&page("First"), hours(0)).await.unwrap();
    settled(&publisher).await.unwrap();
    for mode in [Mode::Refuse, Mode::Cut] {
        if let Some(proxy) = &mut place.proxy {
            proxy.set(mode).await;
        }
        publisher.publish(&page("Second"), hours(1)).await.unwrap();
        let failure = settled(&publisher).await.unwrap_err();
        says(&failure.to_string(), &["cannot"]);
        if let Some(proxy) = &mut place.proxy {
            proxy.set(Mode::Pass).await;
        }
        publisher.push(hours(1)).await.unwrap();
        settled(&publisher).await.unwrap();
        fresh(&place, &house, "Second", hours(1)).await;
    }
    // One that hangs is left, and takes the next.
    let Some(proxy) = &mut place.proxy else {
        return;
    };
    proxy.set(Mode::BlackHole).await;
    let mirror = place_open(&place.spec, &place.around);
    let hanging = tokio::time::timeout(Duration::from_millis(300), mirror.write("a", b"1"));
    assert!(hanging.await.is_err());
    let Some(proxy) = &mut place.proxy else {
        return;
    };
    proxy.set(Mode::Pass).await;
    mirror.refresh().await.unwrap();
    // What hung may arrive late, and s3rver empties a file before it writes it: then, as each push does, once more.
    let mut tries = if kind == "s3rver" { 3 } else { 1 };
    loop {
        mirror.write("a", b"2").await.unwrap();
        let read = mirror.read("a", 10).await.unwrap();
        tries -= 1;
        if read == b"2" {
            break;
        }
        assert!(tries > 0, "{read:?}");
    }
}

fn place_open(
    spec: &stentor_domain::mirror::MirrorSpec,
    around: &stentor_mirrors::Surroundings,
) -> Box<dyn Mirror> {
    stentor_mirrors::open(spec, around).unwrap()
}

each_kind!(comes_back; moto = "moto", s3rver = "s3rver", webdav = "webdav", put = "put", git_ssh = "git-ssh",
    git_https = "git-https", sftp = "sftp", rsync_ssh = "rsync-ssh", rsync_daemon = "rsync-daemon");

/// A server that is killed between two words.
#[tokio::test]
async fn a_killed_server_fails_its_mirror_only() {
    let (mut dav, put, house) = (start("webdav").await, start("put").await, House::new());
    let mut publisher = house.publisher(vec![dav.open(), put.open()]);
    publisher.publish(&page("First"), hours(0)).await.unwrap();
    settled(&publisher).await.unwrap();
    dav.process.as_mut().unwrap().kill9().await;
    let said = publisher.publish(&page("Second"), hours(1)).await.unwrap();
    assert!(
        said.mirrors[1].result.is_ok(),
        "{:?}",
        said.mirrors[1].result
    );
    assert!(settled(&publisher).await.is_err());
    let report = house.verify(&Stranger(put.open()), hours(1)).await;
    assert_eq!(report.verdict, Verdict::Fresh);
}

/// Whoever is not let in is told what to look at, and no secret.
#[tokio::test]
async fn who_is_refused_is_told_why() {
    let refused = async |place: &Place, parts: &[&str]| {
        let written = place.open().write("index.html", b"x").await;
        let Err(MirrorError::Failed(why)) = written else {
            panic!("{parts:?}: {written:?}")
        };
        says(&why, parts);
    };
    for kind in ["put", "s3rver", "webdav", "rsync-daemon", "git-https"] {
        let place = start(kind).await;
        place.write_secret("wrong");
        let parts: &[&str] = match kind {
            "git-https" => &["git: ", "check the key or the token, and that it may push"],
            "rsync-daemon" => &["auth failed", "check the module, the user and the password"],
            _ => &["http://127.0.0.1:", "answers 40", "check the secret"],
        };
        // s3rver lets every signature in an address pass.
        if kind != "s3rver" {
            refused(&place, parts).await;
        }
        std::fs::remove_file(place.at("config/secret")).unwrap();
        refused(&place, &["config/secret", "cannot be read"]).await;
    }
    for kind in ["sftp", "rsync-ssh", "git-ssh"] {
        let place = start(kind).await;
        let config = place.at("config");
        std::fs::copy(config.join("client"), config.join("kept")).unwrap();
        std::fs::copy(config.join("stranger"), config.join("client")).unwrap();
        refused(&place, &["Permission denied"]).await;
        std::fs::copy(config.join("kept"), config.join("client")).unwrap();
        // The machine shows another key than it should.
        let port = place.proxy.as_ref().unwrap().address.port();
        let other = std::fs::read_to_string(place.sshd.as_ref().unwrap().file("stranger.pub"));
        let known = format!("[127.0.0.1]:{port} {}", other.unwrap());
        std::fs::write(config.join("known_hosts"), known).unwrap();
        refused(&place, &["Host key verification failed", "known_hosts"]).await;
    }
}

/// A place that cannot be written, for want of rights or room.
#[tokio::test]
async fn who_finds_no_room_is_told_where() {
    let place = start("put").await;
    place.put.as_ref().unwrap().set(Manner::Full);
    let full = place.open().write("index.html", b"x").await.unwrap_err();
    says(&full.to_string(), &["answers 507", "make room"]);
    // A file where the directory should be stops everybody, root too.
    for kind in ["directory", "sftp", "rsync-ssh", "rsync-daemon"] {
        let place = start(kind).await;
        std::fs::write(place.at("kept/incidents"), "").unwrap();
        let mirror = place.open();
        mirror.write("index.html", b"x").await.unwrap();
        let written = mirror.write("incidents/INC-1.html", b"x").await;
        if kind.starts_with("rsync") {
            // It makes way: what lies where a folder must be is replaced.
            written.unwrap();
            let there = mirror.read("incidents/INC-1.html", 10).await;
            assert_eq!(there.as_deref(), Ok(b"x".as_slice()), "{kind}");
            continue;
        }
        says(&written.unwrap_err().to_string(), &[]);
    }
}

/// A server that lies, floods or points elsewhere.
#[tokio::test]
async fn what_a_server_pretends_is_noticed() {
    let (place, house) = (start("put").await, House::new());
    let server = place.put.as_ref().unwrap();
    let mirror = place.open();

    server.set(Manner::Endless);
    let limit = 1_000;
    assert_eq!(
        mirror.read("x", limit).await,
        Err(FetchError::TooLarge { limit })
    );
    server.set(Manner::Redirects);
    let read = mirror.read("x", limit).await;
    assert!(
        matches!(&read, Err(FetchError::Unreachable(why)) if why.contains("redirects are not followed")),
        "{read:?}"
    );
    let written = mirror.write("x", b"x").await.unwrap_err();
    says(&written.to_string(), &["redirects are not followed"]);

    // 200 for what is not there: the root after ours looks forged to every reader, and that is said.
    server.set(Manner::SaysYesToAll);
    let mut publisher = house.publisher(vec![place.open()]);
    publisher.publish(&page("First"), hours(0)).await.unwrap();
    let failure = settled(&publisher).await.unwrap_err();
    assert!(matches!(failure, MirrorFailure::ReadBack(_)), "{failure}");
    says(&failure.to_string(), &["2.root.json"]);
    server.set(Manner::Honest);
    publisher.push(hours(0)).await.unwrap();
    settled(&publisher).await.unwrap();
    let types = server.file("index.html").unwrap();
    assert_eq!(types.media_type, "text/html; charset=utf-8");
    assert_eq!(types.cache_control, "no-cache");
    let root = server.file("metadata/1.root.json").unwrap();
    assert_eq!(root.media_type, "application/json");
    assert!(root.cache_control.contains("immutable"));
}

/// Answers that are lost, before and after the file was kept.
#[tokio::test]
async fn a_lost_answer_is_settled_by_looking() {
    for manner in [Manner::KeepsAndBreaks, Manner::Breaks] {
        let (place, house) = (start("put").await, House::new());
        let server = place.put.as_ref().unwrap();
        let mut publisher = house.publisher(vec![place.open()]);
        publisher.publish(&page("First"), hours(0)).await.unwrap();
        settled(&publisher).await.unwrap();
        server.set(manner);
        publisher.publish(&page("Second"), hours(1)).await.unwrap();
        let failure = settled(&publisher).await.unwrap_err();
        says(&failure.to_string(), &["cannot write", "broke off"]);
        // Readers still find one whole word.
        let report = house.verify(&Stranger(place.open()), hours(1)).await;
        assert_eq!(report.verdict, Verdict::Fresh, "{manner:?}");
        server.set(Manner::Honest);
        publisher.push(hours(1)).await.unwrap();
        settled(&publisher).await.unwrap();
        let shown = server.file("status.txt").unwrap().bytes;
        assert!(String::from_utf8(shown).unwrap().contains("Second"));
    }
}
