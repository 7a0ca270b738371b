//! How fast a web server hands out the published page, beside random text of the same size in the same folder. Both are
//! plain files: what makes the page must not cost its readers anything.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::clock::Watch;
use crate::failure::{Failure, trying};
use crate::http::{self, Connection};
use crate::line::{Aim, Line, compare};
use crate::server::{Server, free_address};
use crate::stats::median;
use crate::stentor;

/// As Debian installs it.
const NGINX: &str = "/usr/sbin/nginx";

/// Requests of one round, over all connections.
const REQUESTS: usize = 40_000;

/// Connections at the same time.
const CONNECTIONS: usize = 4;

/// Rounds of each file, in turn, after one that warms up.
const ROUNDS: usize = 9;

/// A mirror that is not written after this long is none.
const PATIENCE: Duration = Duration::from_secs(30);

/// The letters of the random text.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n";

/// Measures both.
pub(crate) fn measure(dir: &Path) -> Result<Line, Failure> {
    let mirror = publish(&dir.join("served"))?;
    let page = mirror.join("index.html");
    let page = fs::read(&page).map_err(trying("index.html"))?;
    let text = random(page.len())?;
    fs::write(mirror.join("random.html"), &text).map_err(trying("random text"))?;
    let address = free_address()?;
    let server = nginx(&dir.join("nginx"), &mirror, address)?;
    let files = [("/index.html", page), ("/random.html", text)];
    for (path, bytes) in &files {
        let (status, body) = http::whole(path, address, "").map_err(trying(*path))?;
        if status != 200 || body != *bytes {
            return Err(Failure::Unexpected(format!(
                "{path}: nginx answers {status} and not the file"
            )));
        }
    }
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for ((path, _), rates) in files.iter().zip(&mut rates) {
            let rate = rate(path, address)?;
            if round > 0 {
                rates.push(rate);
            }
        }
    }
    server.stop()?;
    let [ours, theirs] = rates.map(|rates| median(&rates).unwrap_or(f64::NAN));
    println!("  nginx: the page {ours:.0}, random text {theirs:.0} requests a second");
    Ok(compare(
        "the page by nginx (theirs: random text of its size), requests/s",
        ours,
        theirs,
        Aim::Times(0.9),
    ))
}

/// A mirror in a folder, as a new house publishes it.
fn publish(data: &Path) -> Result<PathBuf, Failure> {
    let server = stentor::up(data)?;
    let mirror = data.join("mirrors/one");
    let written = Watch::start();
    while !mirror.join("index.html").is_file() {
        if written.read() > PATIENCE {
            return Err(Failure::Unexpected("no page is published".to_owned()));
        }
        thread::sleep(Duration::from_millis(10));
    }
    server.stop()?;
    Ok(mirror)
}

fn random(length: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|e| Failure::Unexpected(e.to_string()))?;
    for byte in &mut bytes {
        *byte = LETTERS[usize::from(*byte) % LETTERS.len()];
    }
    Ok(bytes)
}

/// One worker, and the headers that the manual asks for.
fn nginx(place: &Path, root: &Path, address: SocketAddr) -> Result<Server, Failure> {
    fs::create_dir_all(place).map_err(trying("a folder for nginx"))?;
    let (root, here) = (root.display(), place.display());
    // Whoever runs this owns the folders; only root is asked to stay what it is.
    let config = format!(
        "daemon off;\nuser root;\nworker_processes 1;\npid {here}/pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\n  access_log off;\n  sendfile on;\n  keepalive_requests 100000000;\n\
         \x20 client_body_temp_path {here}/body;\n  proxy_temp_path {here}/proxy;\n  fastcgi_temp_path {here}/fastcgi;\n\
         \x20 uwsgi_temp_path {here}/uwsgi;\n  scgi_temp_path {here}/scgi;\n  types {{ text/html html; }}\n\
         \x20 charset utf-8;\n  server {{\n    listen {address};\n    root {root};\n\
         \x20   add_header Access-Control-Allow-Origin * always;\n    add_header Cache-Control no-cache always;\n\
         \x20   location = /-/ready {{ return 200; }}\n  }}\n}}\n"
    );
    let file = place.join("nginx.conf");
    fs::write(&file, config).map_err(trying("nginx.conf"))?;
    let mut command = Command::new(NGINX);
    command.arg("-p").arg(place).arg("-c").arg(&file);
    Server::start(&mut command, address, &place.join("log"))
}

/// Requests a second.
fn rate(path: &str, address: SocketAddr) -> Result<f64, Failure> {
    let request = http::get(path, address);
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(address).map_err(trying("connecting"))?);
    }
    let ask = |mut connection: Connection| -> Result<(), Failure> {
        for _ in 0..REQUESTS / CONNECTIONS {
            match connection.ask(&request).map_err(trying(path))? {
                200 => {}
                other => return Err(Failure::Unexpected(format!("{path} answers {other}"))),
            }
        }
        Ok(())
    };
    let watch = Watch::start();
    thread::scope(|scope| {
        let ask = &ask;
        let threads: Vec<_> = connections
            .into_iter()
            .map(|connection| scope.spawn(move || ask(connection)))
            .collect();
        let lost = || Err(Failure::Unexpected("a thread of the driver".into()));
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| lost()))
    })?;
    Ok(REQUESTS as f64 / watch.read().as_secs_f64())
}
