use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use stentor_testkit::proxy::{Mode, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    address
}

async fn echoes(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    let mut back = vec![0; text.len()];
    stream.read_exact(&mut back).await?;
    assert_eq!(back, text.as_bytes());
    Ok(())
}

#[tokio::test]
async fn cut_breaks_old_and_new_connections_until_resumed() {
    let mut proxy = Proxy::start(echo().await).await;
    let mut old = TcpStream::connect(proxy.address).await.unwrap();
    echoes(&mut old, "one").await.unwrap();

    proxy.set(Mode::Cut).await;
    assert!(echoes(&mut old, "two").await.is_err());
    let mut new = TcpStream::connect(proxy.address).await.unwrap();
    assert!(echoes(&mut new, "three").await.is_err());

    proxy.set(Mode::Pass).await;
    let mut again = TcpStream::connect(proxy.address).await.unwrap();
    echoes(&mut again, "four").await.unwrap();
    assert!(
        echoes(&mut old, "five").await.is_err(),
        "what is broken stays broken"
    );
}

#[tokio::test]
async fn a_black_hole_swallows_until_resumed() {
    let mut proxy = Proxy::start(echo().await).await;
    let mut old = TcpStream::connect(proxy.address).await.unwrap();
    echoes(&mut old, "one").await.unwrap();

    proxy.set(Mode::BlackHole).await;
    let mut new = TcpStream::connect(proxy.address).await.unwrap();
    let short = Duration::from_millis(50);
    for stream in [&mut old, &mut new] {
        stream.write_all(b"x").await.unwrap();
        assert!(
            timeout(short, stream.read_u8()).await.is_err(),
            "nothing comes back"
        );
    }

    proxy.set(Mode::Pass).await;
    for stream in [&mut old, &mut new] {
        assert_eq!(
            stream.read_u8().await.unwrap(),
            b'x',
            "what was held is delivered"
        );
    }
}

#[tokio::test]
async fn refused_connections_look_like_a_closed_port() {
    let mut proxy = Proxy::start(echo().await).await;
    let mut old = TcpStream::connect(proxy.address).await.unwrap();
    echoes(&mut old, "one").await.unwrap();

    proxy.set(Mode::Refuse).await;
    assert!(echoes(&mut old, "two").await.is_err());
    let error = TcpStream::connect(proxy.address).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);

    proxy.set(Mode::Pass).await;
    let mut again = TcpStream::connect(proxy.address).await.unwrap();
    echoes(&mut again, "three").await.unwrap();
}
