//! The connection to a mail server before it is encrypted.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The command after which not a byte of plain text may be believed.
const STARTTLS: &[u8] = b"STARTTLS\r\n";

/// A TCP stream that hands out the answer to STARTTLS byte by byte.
///
/// The SMTP library buffers what it reads. Whoever sits on the wire could append forged answers to the one that
/// permits STARTTLS; they would be taken for answers of the encrypted session (response injection, as in
/// CVE-2021-38371), and a refusal of the mail for its acceptance. Read byte by byte, nothing is buffered beyond the
/// answer's end, and what was appended breaks the TLS handshake instead.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    asked_for_tls: bool,
}

impl Wire {
    pub(super) async fn connect(host: &str, port: u16) -> io::Result<Self> {
        Ok(Self {
            stream: TcpStream::connect((host, port)).await?,
            asked_for_tls: false,
        })
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.asked_for_tls {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte[..buffer.remaining().min(1)]);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut one))?;
        buffer.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        // What is written after the command is the TLS handshake, or the next command if the server refused.
        self.asked_for_tls = data == STARTTLS;
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.asked_for_tls = false; // the library sends commands whole, by `poll_write`
        Pin::new(&mut self.stream).poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
