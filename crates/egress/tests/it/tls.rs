use std::sync::Arc;

use stentor_egress::{Client, EgressError, Limits};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::server::{Server, loopback, ok, serve};

/// An HTTPS server with a certificate of its own for `name`; gives the certificate as PEM.
async fn start(name: &str) -> (Server, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server {
        address: listener.local_addr().unwrap(),
        connections: Arc::default(),
        requests: Arc::default(),
    };
    let requests = server.requests.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, requests) = (acceptor.clone(), requests.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, ok("safe"), requests).await;
                }
            });
        }
    });
    (server, made.cert.pem())
}

#[tokio::test]
async fn certificates_are_verified() {
    let check = async |name: &str, trusted: bool, expect: bool| {
        let (server, pem) = start(name).await;
        let extra = trusted.then_some(pem.as_bytes());
        let client = Client::new(loopback(), Limits::default(), extra).unwrap();
        let mut request = server.request("/");
        request.target = format!("https://{}/", server.address).parse().unwrap();
        let answer = client.send(request).await;
        assert_eq!(answer.is_ok(), expect, "{name} {trusted}: {answer:?}");
        if let Err(error) = answer {
            assert!(matches!(error, EgressError::Tls { .. }), "{error}");
        }
    };
    check("127.0.0.1", true, true).await;
    check("127.0.0.1", false, false).await;
    check("other.example", true, false).await;
}

#[tokio::test]
async fn a_certificate_can_be_overlooked_but_only_knowingly() {
    let (server, _) = start("other.example").await;
    let client = Client::unverified(loopback(), Limits::default()).unwrap();
    let mut request = server.request("/");
    request.target = format!("https://{}/", server.address).parse().unwrap();
    assert_eq!(client.send(request).await.unwrap().body, "safe");
}

#[test]
fn a_ca_that_is_none_is_refused() {
    for pem in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let made = Client::new(loopback(), Limits::default(), Some(pem.as_bytes()));
        assert!(matches!(made, Err(EgressError::BadCa(_))), "{pem:?}");
    }
}
