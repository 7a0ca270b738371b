//! A publisher that is killed with -9 while it writes to a place of each kind: what readers find at that moment is
//! signed, and the next start brings the rest.

use std::path::Path;

use stentor_mirrors::open;
use stentor_testkit::process::Process;
use stentor_verify::{Fetch, LocalDir, Scope, Verdict, Verification};
use tokio::process::Command;

use crate::places::{Place, Reached, each_kind, start};
use crate::publication::{House, Stranger, hours, page, publisher_of, settled};

/// Tells the process that is killed what to do: kind, address, user, folder of the place, folder of the publisher, and
/// the number of the word.
const VICTIM: &str = "STENTOR_VICTIM";

fn word(number: u32) -> String {
    format!("Word {number}")
}

/// Not a test by itself: the process that those below start and kill.
#[tokio::test]
#[ignore = "the process that is killed"]
#[expect(clippy::disallowed_methods, reason = "how a test tells its process")]
async fn victim() {
    let told = std::env::var(VICTIM).unwrap();
    let told: Vec<&str> = told.lines().collect();
    let [kind, front, user, dir, house, number] = told[..] else {
        panic!("{told:?}")
    };
    let reached = Reached {
        kind: kind.to_owned(),
        front: front.parse().unwrap(),
        user: user.to_owned(),
        dir: dir.into(),
    };
    let (spec, around) = reached.declared();
    let mirror = open(&spec, &around).unwrap();
    let mut publisher = publisher_of(Path::new(house), vec![mirror]);
    let number: u32 = number.parse().unwrap();
    let (page, now) = (page(&word(number)), hours(number.into()));
    publisher.publish(&page, now).await.unwrap();
    settled(&publisher).await.unwrap();
}

fn start_victim(place: &Place, house: &House, number: u32) -> Process {
    let Reached {
        kind,
        front,
        user,
        dir,
    } = &place.reached;
    let told = format!(
        "{kind}\n{front}\n{user}\n{}\n{}\n{number}",
        dir.display(),
        house.folder().display()
    );
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "killed::victim", "--ignored", "--nocapture"])
        .env(VICTIM, told);
    Process::spawn(command)
}

async fn while_it_writes(kind: &str) {
    // A handshake of SSH takes its time, and each look is one.
    let times = if kind.contains("ssh") || kind == "sftp" {
        3
    } else {
        8
    };
    let (place, house) = (start(kind).await, House::new());
    let proxy = place.proxy.as_ref().unwrap();
    let before = proxy.sent();
    let mut publisher = house.publisher(vec![place.open()]);
    publisher.publish(&page(&word(0)), hours(0)).await.unwrap();
    settled(&publisher).await.unwrap();
    drop(publisher);
    let all = proxy.sent() - before;
    let mut killed = 0;
    for number in 1..=times {
        let mut victim = start_victim(&place, &house, number);
        let enough = proxy.sent() + all * u64::from(number) / u64::from(times + 1);
        tokio::select! {
            () = proxy.has_sent(enough) => {
                victim.kill9().await;
                killed += 1;
            }
            // It had less to say than the first time.
            status = victim.wait() => assert!(status.success(), "{:#?}", victim.stderr.all()),
        }
        let now = hours(number.into());
        readers_find(&place, &house, Scope::Metadata, number).await;

        let publisher = house.publisher(vec![place.open()]);
        publisher.push(now).await.unwrap();
        if settled(&publisher).await.is_err() {
            // A program that the killed one had started may still be writing; the lane tries again too.
            publisher.push(now).await.unwrap();
            settled(&publisher).await.unwrap();
        }
        readers_find(&place, &house, Scope::Everything, number).await;
    }
    assert!(killed > 0, "{kind}: nothing was killed");
}

/// Where the server keeps the files as they are, they are read there: it takes a connection each otherwise.
async fn readers_find(place: &Place, house: &House, scope: Scope<'_>, number: u32) {
    let mirror: Box<dyn Fetch> = match place.kept() {
        Some(kept) => Box::new(LocalDir::new(kept)),
        None => Box::new(Stranger(place.open())),
    };
    let check = Verification::new(mirror.as_ref(), &house.founded.root, hours(number.into()));
    let report = Verification { scope, ..check }.run().await.report;
    assert_eq!(report.verdict, Verdict::Fresh, "{number}");
    let shown = mirror.fetch("status.txt", 100_000).await.unwrap();
    let shown = String::from_utf8(shown).unwrap();
    // Killed before it signed, it has not said it.
    let (new, old) = (word(number), word(number - 1));
    assert!(shown.contains(&new) || shown.contains(&old), "{shown}");
}

each_kind!(while_it_writes; moto = "moto", s3rver = "s3rver", webdav = "webdav", put = "put", git_ssh = "git-ssh",
    sftp = "sftp", rsync_ssh = "rsync-ssh", rsync_daemon = "rsync-daemon");
