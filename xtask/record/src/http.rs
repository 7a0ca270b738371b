//! As little HTTP as the recorder needs, on loopback: one request a connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A server that does not answer within this time has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// More than any message of a scenario has.
const LIMIT: u64 = 16 << 20;

/// Asks and gives the status and the body. In HTTP/1.0, so that the body ends with the connection.
pub(crate) fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &str,
) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(LIMIT).read_to_string(&mut answer)?;
    let status = answer.get(9..12).and_then(|s| s.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    match (status, body) {
        (Some(status), Some(body)) => Ok((status, body.to_owned())),
        _ => Err(io::Error::other(format!("{path}: not an answer of HTTP"))),
    }
}

/// Reads one request with a body of known length; gives its path and the body.
pub(crate) fn read_request(stream: &mut impl Read) -> io::Result<(String, Vec<u8>)> {
    let mut buffer = Vec::new();
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        fill(stream, &mut buffer)?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end + 4);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let ours = name.eq_ignore_ascii_case("content-length");
        ours.then(|| value.trim().parse().ok())?
    });
    let length: usize = length.ok_or_else(|| io::Error::other("a request without length"))?;
    while buffer.len() < length {
        fill(stream, &mut buffer)?;
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok((path, buffer))
}

fn fill(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    let n = stream.read(&mut chunk)?;
    if n == 0 || buffer.len() as u64 > LIMIT {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    buffer.extend_from_slice(&chunk[..n]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_whole() {
        let mut stream = &b"POST /a/0 HTTP/1.1\r\ncontent-length: 2\r\n\r\nok"[..];
        let (path, body) = read_request(&mut stream).unwrap();
        assert_eq!((path.as_str(), body.as_slice()), ("/a/0", &b"ok"[..]));
        assert!(read_request(&mut &b"POST /a HTTP/1.1\r\n\r\n"[..]).is_err());
        assert!(read_request(&mut &b"POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\no"[..]).is_err());
    }
}
