use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use stentor_egress::{Client, EgressError, Guard, Kind, Limits, LongBody, Resolve};

use crate::server::{Answer, Server, loopback, ok, short};

fn client() -> Client {
    Client::new(loopback(), Limits::default(), None).unwrap()
}

#[tokio::test]
async fn connections_are_reused() {
    let server = Server::start(ok("hello")).await;
    let client = client();
    for _ in 0..3 {
        let answer = client.send(server.request("/")).await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), &answer.body[..]),
            (200, &b"hello"[..])
        );
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    assert_eq!(server.requests.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn loopback_is_refused_without_a_connection() {
    let server = Server::start(ok("")).await;
    let client = Client::new(Guard::public_only(), Limits::default(), None).unwrap();
    let error = client.send(server.request("/")).await.unwrap_err();
    assert!(
        matches!(
            &error,
            EgressError::Refused {
                kind: Kind::Loopback,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.is_permanent());
    assert!(error.to_string().contains("allow"), "{error}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let goal = Server::start(ok("reached")).await;
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(Answer::Bytes(format!(
            "HTTP/1.1 {status} Elsewhere\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
            goal.address
        )))
        .await;
        let error = client().send(server.request("/")).await.unwrap_err();
        assert!(
            matches!(error, EgressError::Redirect { status: s, .. } if s == status),
            "{error}"
        );
    }
    assert_eq!(goal.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_or_cut() {
    for head in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
    ] {
        let server = Server::start(Answer::Endless(head)).await;
        let mut request = server.request("/");
        request.max_body = 10_000;
        let error = client().send(request.clone()).await.unwrap_err();
        assert!(
            matches!(error, EgressError::BodyTooLong { limit: 10_000, .. }),
            "{error}"
        );
        request.long_body = LongBody::Cut;
        let answer = client().send(request).await.unwrap();
        assert_eq!(answer.body.len(), 10_000);
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_kept() {
    let server = Server::start(ok("12345")).await;
    let mut request = server.request("/");
    request.max_body = 5;
    assert_eq!(&client().send(request).await.unwrap().body[..], b"12345");
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let server = Server::start(Answer::Endless("HTTP/1.1 200 OK\r\nx: ")).await;
    let error = client().send(server.request("/")).await.unwrap_err();
    assert!(matches!(error, EgressError::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let lines = "x: y\r\n".repeat(101);
    let server = Server::start(Answer::Bytes(format!("HTTP/1.1 200 OK\r\n{lines}\r\n"))).await;
    let error = client().send(server.request("/")).await.unwrap_err();
    assert!(matches!(error, EgressError::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn silence_ends_at_the_time_limit() {
    for answer in [
        Answer::Hang,
        Answer::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhal".to_owned()),
    ] {
        let server = Server::start(answer).await;
        let client = Client::new(loopback(), short(), None).unwrap();
        let error = client.send(server.request("/")).await.unwrap_err();
        assert!(matches!(error, EgressError::Timeout { .. }), "{error}");
        assert!(!error.is_permanent());
    }
}

/// A receiver that says 200 has said what matters; the page went out.
#[tokio::test]
async fn a_body_that_never_ends_does_not_undo_a_status_that_was_given() {
    let half = "HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nhal";
    let server = Server::start(Answer::Bytes(half.to_owned())).await;
    let client = Client::new(loopback(), short(), None).unwrap();
    let mut request = server.request("/");
    request.long_body = LongBody::Cut;
    let answer = client.send(request).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (202, &b"hal"[..])
    );
}

#[tokio::test]
async fn closed_connections_and_closed_ports_are_told_apart() {
    let server = Server::start(Answer::Close).await;
    let error = client().send(server.request("/")).await.unwrap_err();
    assert!(matches!(error, EgressError::Protocol { .. }), "{error}");

    let nobody = Server {
        address: "127.0.0.1:1".parse().unwrap(), // tcpmux, which nobody runs
        connections: Arc::default(),
        requests: Arc::default(),
    };
    let error = client().send(nobody.request("/")).await.unwrap_err();
    assert!(matches!(error, EgressError::Connect { .. }), "{error}");
}

/// A DNS server that changes its answer with every question.
struct Rebinding {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Resolve for Rebinding {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answers = &self.answers[turn.min(self.answers.len() - 1)];
        Ok(answers.clone())
    }
}

fn resolver(answers: &[&[&str]]) -> Arc<Rebinding> {
    let parse = |list: &&[&str]| list.iter().map(|a| a.parse().unwrap()).collect();
    Arc::new(Rebinding {
        answers: answers.iter().map(parse).collect(),
        asked: AtomicUsize::new(0),
    })
}

fn named(server: &Server) -> stentor_egress::Request {
    let mut request = server.request("/");
    let url = format!("http://hook.example:{}/", server.address.port());
    request.target = url.parse().unwrap();
    request
}

#[tokio::test]
async fn a_name_is_resolved_once_for_a_connection() {
    let server = Server::start(ok("")).await;
    let dns = resolver(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let client = Client::with_resolver(loopback(), Limits::default(), None, dns.clone()).unwrap();
    client.send(named(&server)).await.unwrap();
    assert_eq!(dns.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn refused_addresses_of_a_name_are_never_connected_to() {
    let server = Server::start(ok("")).await;
    let check = async |answers: &[&str], expect: Result<(), Kind>| {
        let guard = Guard::allowing(["127.0.0.1/32".parse().unwrap()]);
        let dns = resolver(&[answers]);
        let client = Client::with_resolver(guard, Limits::default(), None, dns).unwrap();
        let verdict = match client.send(named(&server)).await {
            Ok(_) => Ok(()),
            Err(EgressError::Refused { kind, .. }) => Err(kind),
            Err(other) => panic!("{answers:?}: {other}"),
        };
        assert_eq!(verdict, expect, "{answers:?}");
    };
    check(&["127.0.0.1"], Ok(())).await;
    check(&["169.254.169.254", "127.0.0.1"], Ok(())).await;
    // The server listens there too, in a manner of speaking: only the guard keeps us away.
    check(&["127.0.0.2"], Err(Kind::Loopback)).await;
    check(&["0.0.0.0"], Err(Kind::Unspecified)).await;
    check(&["::ffff:127.0.0.2"], Err(Kind::Loopback)).await;
    check(&["169.254.169.254", "10.0.0.1"], Err(Kind::Metadata)).await;
}

#[tokio::test]
async fn a_name_without_addresses_fails() {
    let server = Server::start(ok("")).await;
    let client =
        Client::with_resolver(loopback(), Limits::default(), None, resolver(&[&[]])).unwrap();
    let error = client.send(named(&server)).await.unwrap_err();
    assert!(matches!(error, EgressError::Connect { .. }), "{error}");
}
