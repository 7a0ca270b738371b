//! What the server answers, seen by a client that takes it literally.

use std::io::{Read, Write};
use std::net::TcpStream;

use stentor_corpus::{Server, cases, write};

/// The whole answer to a GET, or as much as comes before `most` bytes.
fn get(server: &Server, path: &str, most: u64) -> String {
    let address = server.address();
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.take(most).read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn files_and_faults_are_served() {
    let dir = tempfile::tempdir().unwrap();
    let some: Vec<_> = cases()
        .into_iter()
        .filter(|c| {
            [
                "honest",
                "cut-timestamp",
                "endless-timestamp",
                "page-for-missing-files",
                "sent-elsewhere",
            ]
            .contains(&c.name.as_str())
        })
        .collect();
    assert_eq!(some.len(), 5);
    write(&some, dir.path()).unwrap();
    let server = Server::start(dir.path()).unwrap();
    #[track_caller]
    fn check(answer: &str, status: u16, part: &str) {
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(answer.contains(part), "{answer}");
        assert!(
            answer.contains("Access-Control-Allow-Origin: *\r\n"),
            "{answer}"
        );
    }
    let get = |path: &str| get(&server, path, 5_000);
    check(
        &get("/honest/mirror/status.txt?fresh=1"),
        200,
        "<p>status.txt: word 3</p>",
    );
    check(&get("/honest/mirror/absent"), 404, "");
    check(&get("/honest/mirror/../case.json"), 404, "");
    check(&get("/page-for-missing-files/mirror/absent"), 200, "Sorry");
    check(
        &get("/page-for-missing-files/mirror/status.txt"),
        200,
        "word 3",
    );
    check(
        &get("/sent-elsewhere/mirror/metadata/timestamp.json"),
        302,
        "Location: /elsewhere",
    );
    let cut = get("/cut-timestamp/mirror/metadata/timestamp.json");
    check(&cut, 200, "Content-Length: ");
    let (_, body) = cut.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 200);
    let endless = get("/endless-timestamp/mirror/metadata/timestamp.json");
    check(&endless, 200, "{     ");
    assert_eq!(endless.len(), 5_000, "it would go on");
}
