//! As little HTTP/1.1 as a load driver needs: requests are bytes made beforehand, of an answer only the status counts.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A server that does not answer within this time has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// A kept-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let buffer = Vec::with_capacity(16 * 1024);
        Ok(Self { stream, buffer })
    }

    /// Sends a request and reads its whole answer; gives the status.
    pub(crate) fn ask(&mut self, request: &[u8]) -> io::Result<u16> {
        self.stream.write_all(request)?;
        let (head, length) = read_head(&mut self.stream, &mut self.buffer)?;
        let status = head.get(9..12).and_then(|s| s.parse().ok());
        skip_body(&mut self.stream, &mut self.buffer, length)?;
        status.ok_or_else(|| io::Error::other("not an answer of HTTP"))
    }
}

/// A `POST` of JSON.
pub(crate) fn post(path: &str, address: SocketAddr, body: &str) -> Vec<u8> {
    post_with(path, address, "", body)
}

/// The same with more headers, each with its end of line.
pub(crate) fn post_with(path: &str, address: SocketAddr, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A `GET`.
pub(crate) fn get(path: &str, address: SocketAddr) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes()
}

/// Asks once and reads to the end of the connection: the status and the body. By HTTP/1.0, so that nothing is in chunks.
pub(crate) fn whole(path: &str, address: SocketAddr, headers: &str) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n{headers}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let status = std::str::from_utf8(answer.get(9..12).unwrap_or_default());
    let status = status.ok().and_then(|s| s.parse().ok());
    let head = answer.windows(4).position(|w| w == b"\r\n\r\n");
    match (status, head) {
        (Some(status), Some(end)) => Ok((status, answer.split_off(end + 4))),
        _ => Err(io::Error::other("not an answer of HTTP")),
    }
}

/// Sends an empty form; the cookie that is set.
pub(crate) fn post_for_cookie(path: &str, address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let (head, _) = read_head(&mut stream, &mut Vec::new())?;
    let cookie = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let pair = value.split(';').next()?.trim();
        name.eq_ignore_ascii_case("set-cookie")
            .then(|| pair.to_owned())
    });
    cookie.ok_or_else(|| io::Error::other(head))
}

/// The length of a head, its empty line included, and of the body that follows; `None` while it is not whole.
pub(crate) fn head_in(buffer: &[u8]) -> io::Result<Option<(usize, usize)>> {
    let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end]).map_err(io::Error::other)?;
    Ok(Some((end + 4, length_of(head)?)))
}

/// Reads up to the empty line; what follows stays in `buffer`. Gives the head and the length of the body.
pub(crate) fn read_head(
    stream: &mut impl Read,
    buffer: &mut Vec<u8>,
) -> io::Result<(String, usize)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            buffer.drain(..end + 4);
            let length = length_of(&head)?;
            return Ok((head, length));
        }
        fill(stream, buffer)?;
    }
}

/// Takes the body out of the way and gives it.
pub(crate) fn skip_body(
    stream: &mut impl Read,
    buffer: &mut Vec<u8>,
    length: usize,
) -> io::Result<Vec<u8>> {
    while buffer.len() < length {
        fill(stream, buffer)?;
    }
    Ok(buffer.drain(..length).collect())
}

fn fill(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    let n = stream.read(&mut chunk)?;
    if n == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    buffer.extend_from_slice(&chunk[..n]);
    Ok(())
}

fn length_of(head: &str) -> io::Result<usize> {
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    if header("transfer-encoding").is_some() {
        return Err(io::Error::other("a body in chunks was not expected"));
    }
    header("content-length").map_or(Ok(0), |n| n.parse().map_err(io::Error::other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_on_one_connection() {
        let mut stream =
            &b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 503 No\r\n\r\n"[..];
        let mut buffer = Vec::new();
        let (head, length) = read_head(&mut stream, &mut buffer).unwrap();
        assert_eq!((&head[9..12], length), ("200", 2));
        assert_eq!(skip_body(&mut stream, &mut buffer, length).unwrap(), b"ok");
        let (head, length) = read_head(&mut stream, &mut buffer).unwrap();
        assert_eq!((&head[9..12], length), ("503", 0));
        assert!(read_head(&mut stream, &mut buffer).is_err());
    }
}
