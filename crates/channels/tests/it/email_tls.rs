//! Encryption and login.

use std::fs;
use std::sync::Arc;

use stentor_channels::email::{Settings, Tls};
use stentor_channels::{Channel, Outcome};
use stentor_testkit::authority::Authority;
use stentor_testkit::smtp::{Options, Smtp};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::email::{ada, assert_retry, channel, login, settings};
use crate::{now, page, secret};

fn demanding(tls: &'static str) -> Options {
    Options {
        tls,
        login: Some(("stentor".to_owned(), "hunter2".to_owned())),
        ..Options::default()
    }
}

fn encrypted(server: &Smtp, tls: Tls) -> Settings {
    Settings {
        tls,
        ca_pem: Some(server.ca_pem().as_bytes().to_vec()),
        ..settings(server.port)
    }
}

#[tokio::test]
async fn logins_travel_encrypted() {
    let check = async |offers: &'static str, tls: Tls, mechanism: &'static str| {
        let folder = tempfile::tempdir().unwrap();
        let server = Smtp::start(Options {
            mechanisms: vec![mechanism],
            ..demanding(offers)
        })
        .await;
        let email = channel(
            Settings {
                login: Some(login(&folder, "hunter2")),
                ..encrypted(&server, tls)
            },
            &folder,
        );
        let outcome = email.send(&ada(), &page("key-login"), now()).await;
        assert!(
            matches!(outcome, Outcome::Delivered { .. }),
            "{offers} {mechanism}: {outcome:?}"
        );
        let mail = &server.wait_for_mails(1).await[0];
        assert!(mail.tls, "{offers} {mechanism}");
        assert_eq!(
            mail.user.as_deref(),
            Some("stentor"),
            "{offers} {mechanism}"
        );
        assert_eq!(server.logins()[0]["mechanism"], mechanism);
    };
    check("starttls", Tls::Starttls, "PLAIN").await;
    check("starttls", Tls::Starttls, "LOGIN").await;
    check("starttls", Tls::StarttlsOpportunistic, "PLAIN").await;
    check("implicit", Tls::Implicit, "PLAIN").await;
}

#[tokio::test]
async fn a_password_is_not_sent_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let server = Smtp::start(demanding("none")).await;
    for tls in [Tls::None, Tls::StarttlsOpportunistic] {
        let email = channel(
            Settings {
                login: Some(login(&folder, "hunter2")),
                ..encrypted(&server, tls)
            },
            &folder,
        );
        assert_retry(
            &email.send(&ada(), &page("key-clear"), now()).await,
            "not sent",
        );
    }
    assert!(server.logins().is_empty());

    let mut allowed = login(&folder, "hunter2");
    allowed.allow_unencrypted = true;
    let email = channel(
        Settings {
            login: Some(allowed),
            ..encrypted(&server, Tls::None)
        },
        &folder,
    );
    let outcome = email.send(&ada(), &page("key-clear"), now()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
}

#[tokio::test]
async fn no_mail_leaves_without_the_encryption_that_is_required() {
    let folder = tempfile::tempdir().unwrap();
    let server = Smtp::start(Options::default()).await;
    let email = channel(encrypted(&server, Tls::Starttls), &folder);
    assert_retry(
        &email.send(&ada(), &page("key-plain"), now()).await,
        "STARTTLS",
    );
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (offers, tls) in [("starttls", Tls::Starttls), ("implicit", Tls::Implicit)] {
        let server = Smtp::start(Options {
            tls: offers,
            ..Options::default()
        })
        .await;
        let other = Smtp::start(Options::default()).await;
        for ca_pem in [None, Some(other.ca_pem().as_bytes().to_vec())] {
            let email = channel(
                Settings {
                    ca_pem,
                    ..encrypted(&server, tls)
                },
                &folder,
            );
            assert_retry(
                &email.send(&ada(), &page("key-forged"), now()).await,
                "name its CA",
            );
        }
        assert!(server.mails().is_empty());
    }
}

/// A refused login is the operator's trouble, not the recipient's: the page is not given up.
#[tokio::test]
async fn a_wrong_password_can_be_mended_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Smtp::start(demanding("starttls")).await;
    let email = channel(
        Settings {
            login: Some(login(&folder, "wrong-hunter")),
            ..encrypted(&server, Tls::Starttls)
        },
        &folder,
    );
    let outcome = email.send(&ada(), &page("key-mended"), now()).await;
    assert_retry(&outcome, "535");
    assert!(!format!("{outcome:?}").contains("hunter"), "{outcome:?}");

    std::fs::remove_file(folder.path().join("smtp")).unwrap();
    assert_retry(
        &email.send(&ada(), &page("key-mended"), now()).await,
        "cannot be read",
    );

    secret::write(&folder.path().join("smtp"), b"hunter2\n", 0o600);
    let outcome = email.send(&ada(), &page("key-mended"), now()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
}

/// A server behind a wire-tapper who appends forged answers to the one that permits STARTTLS. It refuses every mail,
/// but each of its answers would be read one command too late.
async fn tapped(listener: TcpListener, authority: Authority) -> Option<()> {
    let read = |path| fs::read(path).unwrap();
    let certificate = CertificateDer::from_pem_slice(&read(authority.certificate())).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&read(authority.key())).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let mut plain = listener.accept().await.unwrap().0;
    plain.write_all(b"220 ready\r\n").await.ok()?;
    answer(&mut plain, "EHLO", "250-hello\r\n250 STARTTLS\r\n").await?;
    answer(&mut plain, "STARTTLS", "220 go ahead\r\n250 forged\r\n").await?;
    let mut stream = TlsAcceptor::from(Arc::new(config))
        .accept(plain)
        .await
        .ok()?;
    answer(&mut stream, "EHLO", "250 hello\r\n").await?;
    answer(&mut stream, "MAIL", "250 sender\r\n").await?;
    answer(&mut stream, "RCPT", "354 go ahead\r\n").await?;
    answer(&mut stream, "DATA", "250 accepted\r\n").await
}

/// Answers one command.
async fn answer<S>(stream: &mut S, command: &str, reply: &str) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(stream.read_u8().await.ok()?);
    }
    assert!(line.starts_with(command.as_bytes()), "{line:?}");
    stream.write_all(reply.as_bytes()).await.ok()
}

#[tokio::test]
async fn answers_forged_before_the_encryption_are_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(&["127.0.0.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let email = channel(
        Settings {
            tls: Tls::Starttls,
            ca_pem: Some(authority.ca_pem.clone().into_bytes()),
            ..settings(listener.local_addr().unwrap().port())
        },
        &folder,
    );
    let server = tokio::spawn(tapped(listener, authority));
    let outcome = email.send(&ada(), &page("key-tapped"), now()).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    assert_eq!(server.await.unwrap(), None, "the handshake fails");
}
