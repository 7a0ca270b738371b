//! From the request to publish until three mirrors on loopback show it and it verifies there: alone, and with 10,000
//! incidents that are over. Each time the whole node works: request, journal, page, signatures, three lanes. At last, what
//! a web server makes of the page.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::tz::TimeZone;
use stentor_checker::{HttpMirror, Patience, Web};
use stentor_testkit::put_server::PutServer;
use stentor_verify::{Fetch, FetchError, Scope, Verdict, Verification};
use tokio::time::sleep;

use crate::browser::{self, Look};
use crate::clock::{Watch, now};
use crate::disk::Disk;
use crate::failure::{Failure, trying};
use crate::http::{self, Connection};
use crate::journal;
use crate::line::alone;
use crate::report::Part;
use crate::served;
use crate::server::Server;
use crate::stats::{ms, percentile};
use crate::stentor;

/// Incidents that are over.
const PAST: u32 = 10_000;

/// Statements about the one that is not, each measured.
const STATEMENTS: usize = 100;

/// Statements measured beside [`PAST`] incidents.
const BESIDE: usize = 20;

/// A word that is not everywhere after this long is not coming. The first fill of three mirrors takes its time.
const PATIENCE: Duration = Duration::from_secs(300);

/// What writes to the mirrors, which protects nothing.
const TOKEN: &str = "a-token-of-the-bench";

/// Measures both.
pub(crate) fn measure(dir: &Path, _: usize, _: Disk) -> Result<Part, Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(trying("a runtime"))?;
    let mut part = Part::default();
    for (past, statements, below, what) in [
        (
            0,
            STATEMENTS,
            300.0,
            "publish to verified on three mirrors, p99, ms",
        ),
        (
            PAST,
            BESIDE,
            1000.0,
            "the same with 10,000 past incidents, p99, ms",
        ),
    ] {
        let data = dir.join(format!("word-{past}"));
        let found = runtime.block_on(publish(&data, past, statements))?;
        let p = |percent| percentile(&found.took, percent).unwrap_or(f64::NAN);
        println!(
            "  {past} past incidents: p50 {:.0} ms, p99 {:.0} ms",
            p(50),
            p(99)
        );
        part.lines.push(alone(what, p(99), below));
        part.lines.push(alone(
            &format!("what a reader of the present loads then, kB ({past} past incidents)"),
            found.present_kb,
            100.0,
        ));
        let what_page = "largest contentful paint in Chromium, ms";
        let what_check = "the verifier in Chromium, from the press to the verdict, ms";
        for (what, ms, below) in [
            (what_page, found.look.painted, 200.0),
            (what_check, found.look.verified, 100.0),
        ] {
            let what = format!("{what} ({past} past incidents)");
            part.lines.push(alone(&what, ms, below));
        }
        part.notes.push(format!(
            "{what}: p50 {:.0} ms; the first word was everywhere after {:.1} s.",
            p(50),
            found.first_s
        ));
        fs::remove_dir_all(&data).map_err(trying("clearing up"))?;
    }
    part.lines.push(served::measure(dir)?);
    Ok(part)
}

struct Found {
    /// Of each statement, in milliseconds.
    took: Vec<f64>,
    /// All that a verification of the present fetches, in kB, compressed.
    present_kb: f64,
    /// From the start of the node until everything was everywhere, in seconds.
    first_s: f64,
    look: Look,
}

async fn publish(data: &Path, past: u32, statements: usize) -> Result<Found, Failure> {
    let mirrors = [
        PutServer::start(TOKEN).await,
        PutServer::start(TOKEN).await,
        PutServer::start(TOKEN).await,
    ];
    create(data, &mirrors, past).await?;
    let begun = Watch::start();
    let server = stentor::serve(data, None)?;
    let root = data.join("repository/root.json");
    let root = fs::read(&root).map_err(trying("the root"))?;
    let readers = Readers::new(&mirrors, root)?;
    let mut desk = Desk::new(data, &server)?;
    if past > 0 {
        let year = now().to_zoned(TimeZone::UTC).year();
        let last = format!("incidents/{year}/INC-{past}.html");
        wait_for(&begun, &mirrors, |mirror| mirror.file(&last).is_some()).await?;
    }
    readers.wait(&begun, 1).await?;
    let first_s = ms(begun.read()) / 1000.0;

    desk.act(
        "/api/v1/worlds/live/incidents",
        r#"{"service":"website","title":"Bench","severity":"sev2","impact":"partial"}"#,
    )?;
    let incident = format!("/api/v1/worlds/live/incidents/{}", past + 1);
    desk.act(&format!("{incident}/command"), "{}")?;
    let mut took = Vec::new();
    // The one before the first waits until all that was brought at first has been read back.
    for number in 0..=statements {
        let before = readers.snapshot().await;
        let template = if number == 0 { "first" } else { "update" };
        let said = format!("This is statement {number} of the bench.");
        let body = format!(r#"{{"template":"{template}","values":{{"symptoms":"{said}"}}}}"#);
        let watch = Watch::start();
        desk.act(&format!("{incident}/updates"), &body)?;
        wait_for(&watch, &mirrors, |mirror| says(mirror, &said)).await?;
        readers.wait(&watch, before + 1).await?;
        let ms = ms(watch.read());
        if number > 0 {
            took.push(ms);
        }
    }
    let present_kb = readers.present_kb().await?;
    let root = String::from_utf8_lossy(&readers.root);
    let look = browser::look(&mirrors[0], &root).await?;
    server.stop()?;
    Ok(Found {
        took,
        present_kb,
        first_s,
        look,
    })
}

/// Waits until something is so on all mirrors, as they know it themselves.
async fn wait_for(
    since: &Watch,
    mirrors: &[PutServer; 3],
    so: impl Fn(&PutServer) -> bool,
) -> Result<(), Failure> {
    while !mirrors.iter().all(&so) {
        patient(since)?;
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

fn patient(since: &Watch) -> Result<(), Failure> {
    if since.read() < PATIENCE {
        return Ok(());
    }
    Err(Failure::Unexpected("the word does not come".to_owned()))
}

fn says(mirror: &PutServer, said: &str) -> bool {
    let page = mirror.file("status.txt");
    page.is_some_and(|page| String::from_utf8_lossy(&page.bytes).contains(said))
}

/// A data directory that publishes to these mirrors, with so many incidents in its journal.
async fn create(data: &Path, mirrors: &[PutServer; 3], past: u32) -> Result<(), Failure> {
    stentor::run(Command::new(stentor::program()?).arg("init").arg(data))?;
    let main = data.join("config/stentor.toml");
    let text = fs::read_to_string(&main).map_err(trying("stentor.toml"))?;
    let (before, _) = text
        .split_once("[[mirrors]]")
        .ok_or_else(|| Failure::Unexpected("stentor.toml names no mirrors".to_owned()))?;
    let mut text = format!("{before}[network]\nallow = [\"127.0.0.0/8\"]\n");
    for (number, mirror) in mirrors.iter().enumerate() {
        let address = mirror.url();
        text += &format!(
            "[[mirrors]]\nname = \"m{number}\"\nkind = \"put\"\naddress = \"{address}\"\n\
             token = {{ file = \"secrets/upload\" }}\nurl = \"{address}\"\n"
        );
    }
    fs::write(&main, text).map_err(trying("stentor.toml"))?;
    stentor::secret(data, "upload", TOKEN)?;
    if past > 0 {
        // The tables are made by the first start.
        stentor::serve(data, None)?.stop()?;
        let database = data.join("stentor.db");
        tokio::task::spawn_blocking(move || {
            journal::fill(&database, u64::MAX, journal::told(past))
        })
        .await
        .map_err(|e| Failure::Unexpected(e.to_string()))??;
    }
    Ok(())
}

/// Somebody at the API.
struct Desk {
    connection: Connection,
    server: std::net::SocketAddr,
    token: String,
    asked: usize,
}

impl Desk {
    fn new(data: &Path, server: &Server) -> Result<Self, Failure> {
        let mut command = Command::new(stentor::program()?);
        command.args(["token", "create", "ben", "--label", "bench", "--dir"]);
        let token = stentor::run(command.arg(data))?;
        Ok(Self {
            connection: Connection::open(server.address).map_err(trying("the API"))?,
            server: server.address,
            token: token.trim().to_owned(),
            asked: 0,
        })
    }

    fn act(&mut self, path: &str, body: &str) -> Result<(), Failure> {
        self.asked += 1;
        let headers = format!(
            "Authorization: Bearer {}\r\nIdempotency-Key: bench-{}\r\n",
            self.token, self.asked
        );
        let request = http::post_with(path, self.server, &headers, body);
        let status = self
            .connection
            .ask(&request)
            .map_err(trying(path.to_owned()))?;
        match status {
            200 | 201 => Ok(()),
            other => Err(Failure::Unexpected(format!("{path} answers {other}"))),
        }
    }
}

/// Who reads and verifies all mirrors.
struct Readers {
    mirrors: Vec<HttpMirror>,
    root: Vec<u8>,
}

impl Readers {
    fn new(mirrors: &[PutServer; 3], root: Vec<u8>) -> Result<Self, Failure> {
        let unexpected = |error: String| Failure::Unexpected(error);
        let web = Web::new(Patience::default()).map_err(|e| unexpected(e.to_string()))?;
        let open = |mirror: &PutServer| web.mirror(&mirror.url());
        let mirrors = mirrors.iter().map(open).collect::<Result<_, _>>();
        let mirrors = mirrors.map_err(|e| unexpected(e.to_string()))?;
        Ok(Self { mirrors, root })
    }

    /// The snapshot that verifies on a mirror; 0 for none.
    async fn verified(&self, mirror: &dyn Fetch) -> u64 {
        let check = Verification {
            scope: Scope::Present,
            ..Verification::new(mirror, &self.root, now())
        };
        let report = check.run().await.report;
        match report.verdict {
            Verdict::Fresh => report.version("snapshot").unwrap_or(0),
            _ => 0,
        }
    }

    /// Waits until each mirror verifies with at least this snapshot.
    async fn wait(&self, since: &Watch, snapshot: u64) -> Result<(), Failure> {
        for mirror in &self.mirrors {
            while self.verified(mirror).await < snapshot {
                patient(since)?;
                sleep(Duration::from_millis(1)).await;
            }
        }
        Ok(())
    }

    async fn snapshot(&self) -> u64 {
        self.verified(&self.mirrors[0]).await
    }

    async fn present_kb(&self) -> Result<f64, Failure> {
        let counted = Counted {
            mirror: &self.mirrors[0],
            loaded: Mutex::default(),
        };
        if self.verified(&counted).await == 0 {
            return Err(Failure::Unexpected(
                "the present does not verify".to_owned(),
            ));
        }
        let mut loaded = counted.loaded.into_inner().unwrap_or_default();
        loaded.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        println!("  a reader of the present loads, compressed: {loaded:?}");
        let bytes: usize = loaded.iter().map(|(_, bytes)| bytes).sum();
        Ok(bytes as f64 / 1000.0)
    }
}

/// A mirror, and how much was read from it.
struct Counted<'a> {
    mirror: &'a HttpMirror,
    loaded: Mutex<Vec<(String, usize)>>,
}

#[async_trait]
impl Fetch for Counted<'_> {
    fn name(&self) -> String {
        self.mirror.name()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let read = self.mirror.fetch(path, limit).await?;
        if let Ok(mut loaded) = self.loaded.lock() {
            loaded.push((path.to_owned(), compressed(&read)));
        }
        Ok(read)
    }
}

/// The size as a web server sends it.
fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().map_or(bytes.len(), |packed| packed.len())
}
