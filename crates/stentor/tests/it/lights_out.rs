//! The night on which the house goes dark, as readers see it: a publisher with mirrors of several kinds is killed, a
//! beacon keeps its word confirmed for hours, a follower is told what changes, and a browser judges as we do; until
//! somebody tampers with a mirror.
//!
//! The night begins hours ago by the clocks of our programs, and ends at this moment: so the browser, whose clock is
//! right, sees its end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stentor_testkit::browser::{Browser, DESK};
use stentor_testkit::process::{Process, installed};
use tokio::process::Command;

use crate::beacon::Site;
use crate::support::caller::Caller;
use crate::support::mirrors::{Mirrors, NAMES, SECRET};
use crate::support::{Engine, House, Ran, clock, run, stentor, until};

/// When the publisher begins, and when it is killed.
const DUSK: &str = "-14h";

/// What the publisher says last.
const SAID: &str = "we are looking into a problem";

/// Serves a folder to everybody, as a page from elsewhere needs it.
const SERVER: &str = "\
import functools, http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self):
        self.send_header('Access-Control-Allow-Origin', '*')
        super().end_headers()
handler = functools.partial(Handler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
print('serving at port', server.server_address[1], flush=True)
server.serve_forever()
";

async fn serve_folder(folder: &Path) -> (Process, String) {
    let mut command = Command::new(installed("python3", "python3"));
    command.args(["-c", SERVER]).arg(folder);
    let process = Process::spawn(command);
    let line = process.wait_for_stdout("serving at port").await;
    let port = line.rsplit(' ').next().unwrap();
    (process, format!("http://127.0.0.1:{port}"))
}

/// Everybody outside, who knows the first trusted root and addresses.
struct Outside {
    site: Site,
    mirrors: Mirrors,
    /// Where those read whose mirrors are folders.
    folders: String,
    /// Where a follower keeps what it knows.
    state: PathBuf,
    _server: Process,
}

impl Outside {
    async fn new(house: &House) -> Self {
        let mirrors = Mirrors::start(&house.beside("far")).await;
        mirrors
            .put
            .send_headers(&[("access-control-allow-origin", "*")]);
        let site = Site::new(house, "");
        let (server, folders) = serve_folder(&house.beside("")).await;
        // The beacon reads the publisher's mirrors as everybody does, and has a second one of its own.
        fs::create_dir_all(site.folder.join("secrets")).unwrap();
        site.write("secrets/far", SECRET);
        let put = mirrors.put.url();
        site.append(&format!(
            "[[mirrors]]\nname = \"put\"\nurl = \"{put}\"\n\n[[mirrors]]\nname = \"sftp\"\nurl = \"{folders}/far/sftp\"\n\n\
             [[mirrors]]\nname = \"far\"\nkind = \"put\"\naddress = \"{put}/far\"\ntoken = {{ file = \"secrets/far\" }}\n\
             write = true\n\n[network]\nallow = [\"127.0.0.0/8\"]\n"
        ));
        Self {
            state: house.beside("followed"),
            site,
            mirrors,
            folders,
            _server: server,
        }
    }

    /// The publisher's mirrors, as strangers reach them.
    fn publishers(&self) -> Vec<String> {
        let at = |name: &str| match name {
            "dav" | "sftp" => format!("{}/far/{name}", self.folders),
            other => self.mirrors.read_at(other),
        };
        NAMES.map(at).into()
    }

    /// The beacon's own two.
    fn beacons(&self) -> [String; 2] {
        let own = format!("{}/site/own", self.folders);
        [own, format!("{}/far", self.mirrors.put.url())]
    }

    /// One round of the beacon; what it says of itself.
    async fn beacon(&self, when: &str) -> Value {
        let mut command = self.site.command(&["--once"]);
        clock::shift(&mut command, when);
        let ran = run(command).await;
        assert_eq!(ran.code, 0, "{when}: {ran:?}");
        serde_json::from_str(&ran.stdout).unwrap()
    }

    async fn verify(&self, mirror: &str, when: &str) -> Ran {
        let mut command = stentor();
        command.args(["verify", mirror, "--root"]);
        command.arg(&self.site.root);
        clock::shift(&mut command, when);
        run(command).await
    }

    /// One look of a follower at these mirrors: its exit code, and the kinds of what it tells with the mirrors.
    async fn look(&self, who: &str, mirrors: &[String], when: &str) -> (i32, Vec<String>) {
        let mut command = stentor();
        command.arg("follow").args(mirrors);
        command.args(["--once", "--recheck", "0", "--output", "json"]);
        command.arg("--root").arg(&self.site.root);
        command.arg("--state").arg(self.state.join(who));
        clock::shift(&mut command, when);
        let ran = run(command).await;
        assert_eq!(ran.stderr, "", "{ran:?}");
        let told = ran.stdout.lines().map(|line| {
            let message: Value = serde_json::from_str(line).unwrap();
            let kind = message["kind"].as_str().unwrap();
            match message["mirror"].as_str() {
                Some(mirror) => format!("{kind} {mirror}"),
                None => kind.to_owned(),
            }
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        (ran.code, told)
    }

    /// What a follower keeps: how the word stands, and its page.
    fn kept(&self, who: &str) -> (String, String) {
        let home = self.state.join(who);
        let now: Value = serde_json::from_slice(&fs::read(home.join("now.json")).unwrap()).unwrap();
        let page = fs::read_to_string(home.join("word/index.html")).unwrap();
        (now["standing"].as_str().unwrap().to_owned(), page)
    }
}

/// The page that somebody keeps, in a browser whose clock is right.
struct Page {
    browser: Browser,
    root: String,
}

impl Page {
    async fn open(file: &Path, root: &Path) -> Self {
        let browser = Browser::start(&format!("file://{}", file.display()), DESK).await;
        let root = fs::read_to_string(root).unwrap();
        Self { browser, root }
    }

    /// The verdicts on mirrors, opened anew.
    async fn check(&self, mirrors: &[String]) -> BTreeMap<String, String> {
        self.browser.open("").await;
        let ready = "return !document.querySelector('#check')?.disabled";
        until("the page is ready", async || {
            (self.browser.run(ready).await == true).then_some(())
        })
        .await;
        let fields = json!({ "root": self.root, "mirrors": mirrors.join("\n") });
        let fill = format!(
            "for (const [id, text] of Object.entries({fields})) {{
                const field = document.getElementById(id);
                field.value = text;
                field.dispatchEvent(new Event('input'));
            }}
            document.getElementById('check').click();"
        );
        self.browser.run(&fill).await;
        let found = "return document.querySelector('#results').ariaBusy === 'true' ? {} : Object.fromEntries(
            [...document.querySelectorAll('.mirror')].map(m =>
                [m.querySelector('.address bdi').textContent, m.dataset.verdict]))";
        until("the page has judged", async || {
            let found: BTreeMap<String, String> =
                serde_json::from_value(self.browser.run(found).await).unwrap();
            (found.len() == mirrors.len()).then_some(found)
        })
        .await
    }
}

/// So many times the same kind, for these mirrors.
fn each(kind: &str, mirrors: &[String]) -> Vec<String> {
    let mut all: Vec<_> = mirrors.iter().map(|m| format!("{kind} {m}")).collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_word_outlives_the_night() {
    let mut house = House::at(Engine::Sqlite, Some(DUSK)).await;
    let outside = Outside::new(&house).await;
    let second = "[[mirrors]]\nname = \"two\"\ndirectory = \"mirrors/two\"\n";
    house.change("stentor.toml", second, "");
    house.append("stentor.toml", &outside.mirrors.declared(""));
    for (name, text) in outside.mirrors.files() {
        house.write(name, &text);
    }
    let mut server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    let first = ben.wait_for_each_of(5, 0).await;
    outside.beacon(DUSK).await;
    let (publishers, own) = (outside.publishers(), outside.beacons());
    let all = [publishers.clone(), own.to_vec()].concat();
    assert_eq!(
        outside.look("all", &all, DUSK).await,
        (0, vec!["news".into()])
    );
    assert_eq!(outside.look("some", &publishers, DUSK).await.0, 0);

    // Something happens, and is said; then the house goes dark.
    let about = json!({ "service": "website", "title": "it is slow", "impact": "partial", "cause": "unknown" });
    ben.act("/api/v1/worlds/live/incidents", &about).await;
    ben.about("command", &json!({})).await;
    ben.publish("first", &json!({})).await;
    ben.wait_for_each_of(5, first).await;
    server.kill9().await;
    house.shift = None;
    let kept_page = house.beside("verify.html");
    fs::copy(house.mirror("one").join("verify.html"), &kept_page).unwrap();
    fs::remove_dir_all(house.dir()).unwrap();
    assert_eq!(outside.beacon(DUSK).await["signing"], "not_due");
    assert_eq!(
        outside.look("all", &all, DUSK).await,
        (0, vec!["news".into()])
    );
    let (standing, page) = outside.kept("all");
    assert!(
        standing == "fresh" && page.contains(SAID),
        "{standing}: {page}"
    );
    assert_eq!(
        outside.look("some", &publishers, DUSK).await,
        (0, vec!["news".into()])
    );

    // The beacon confirms; nobody is told anything.
    assert_eq!(outside.beacon("-10h").await["signing"], "signed");
    assert_eq!(outside.look("all", &all, "-10h").await, (0, vec![]));
    // Nobody confirms what the publisher's own mirrors show. Who knows the beacon's too has a word that stands.
    let late = "-390m";
    assert_eq!(outside.beacon(late).await["signing"], "signed");
    assert_eq!(
        outside.look("all", &all, late).await,
        (0, each("stale", &publishers))
    );
    assert_eq!(outside.kept("all").0, "fresh");
    let (code, told) = outside.look("some", &publishers, late).await;
    assert!(
        code == 3 && told.iter().any(|t| t == "stale"),
        "{code}: {told:?}"
    );
    assert_eq!(outside.kept("some").0, "stale");
    assert_eq!(outside.beacon("-2h").await["signing"], "signed");

    // The end of the night is now, for everybody.
    assert_eq!(outside.look("all", &all, "+0").await, (0, vec![]));
    for mirror in &all {
        let ran = outside.verify(mirror, "+0").await;
        let expect = if own.contains(mirror) { 0 } else { 3 };
        assert_eq!(ran.code, expect, "{mirror}: {ran:?}");
    }
    let page = Page::open(&kept_page, &outside.site.root).await;
    let seen = page.check(&all).await;
    for (mirror, verdict) in &seen {
        let expect = if own.contains(mirror) {
            "fresh"
        } else {
            "stale"
        };
        assert_eq!(verdict, expect, "{mirror}");
    }

    // Somebody changes what a mirror of the beacon's shows.
    let index = outside.mirrors.put.file("far/index.html").unwrap().bytes;
    let index = String::from_utf8(index).unwrap();
    assert!(index.contains(SAID));
    let lie = index.replace(SAID, "send money to this account");
    outside.mirrors.put.tamper("far/index.html", lie.as_bytes());
    let forged = &own[1];
    let ran = outside.verify(forged, "+0").await;
    assert!(
        ran.code == 4 && ran.stdout.contains("NOT AUTHENTIC"),
        "{ran:?}"
    );
    let seen = page.check(&own).await;
    let verdicts = own.each_ref().map(|mirror| seen[mirror].as_str());
    assert_eq!(verdicts, ["fresh", "not_authentic"]);
    let told = vec![format!("forged {forged}")];
    assert_eq!(outside.look("all", &all, "+0").await, (0, told));
    let (standing, kept) = outside.kept("all");
    assert!(
        standing == "fresh" && kept.contains(SAID),
        "{standing}: {kept}"
    );

    // The next round mends it.
    outside.beacon("+0").await;
    assert_eq!(outside.verify(forged, "+0").await.code, 0);
    let told = vec![format!("back {forged}")];
    assert_eq!(outside.look("all", &all, "+0").await, (0, told));
}
