//! The listener on a real socket.

use std::time::Duration;

use stentor_api::serve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::house::House;

/// Long enough that only a hang exceeds it.
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn requests_are_answered_until_shutdown_and_then_no_more() {
    let house = House::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, house.router.clone(), async {
        let _ = stopped.await;
    }));
    let ask = b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Twice by one connection, which then stays open and idle.
    for _ in 0..2 {
        stream.write_all(ask).await.unwrap();
        let mut head = [0; 15];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        let mut rest = Vec::new();
        while !rest.ends_with(b"healthy.\n") {
            rest.push(stream.read_u8().await.unwrap());
        }
    }
    // Somebody who never finishes the head must not hold it up either.
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(DEADLINE, serving)
        .await
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    let mut rest = Vec::new();
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut rest)).await;
    assert_eq!(read.unwrap().unwrap(), 0, "the idle connection was closed");
}
