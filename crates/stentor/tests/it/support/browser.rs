//! A browser that runs no script: opens pages, reads their forms, sends them.

use std::net::SocketAddr;

use super::http::{Answer, get, send};

/// The link that a message holds, as a path of the console.
pub(crate) fn link_in(text: &str) -> String {
    let at = text
        .find("/p/")
        .unwrap_or_else(|| panic!("no link in {text}"));
    let end = text[at..]
        .find(|c: char| c.is_whitespace() || c == '"')
        .unwrap_or(text.len() - at);
    text[at..at + end].to_owned()
}

/// The form that contains `part`: its hidden fields.
pub(crate) fn form_with(page: &str, part: &str) -> Vec<(String, String)> {
    let forms = page
        .split("<form")
        .skip(1)
        .filter_map(|rest| rest.split("</form>").next());
    let form = forms
        .into_iter()
        .find(|form| form.contains(part))
        .unwrap_or_else(|| panic!("no form with {part:?} in {page}"));
    let inputs = form
        .split("<input")
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    inputs
        .filter(|input| input.contains("type=\"hidden\""))
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

fn attribute(tag: &str, name: &str) -> String {
    let begin = format!("{name}=\"");
    let rest = tag.split(&begin).nth(1).unwrap_or_default();
    let value = rest.split('"').next().unwrap_or_default();
    value
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Sends a form as a browser does.
pub(crate) async fn submit(
    to: SocketAddr,
    path: &str,
    fields: &[(String, String)],
) -> Result<Answer, String> {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "null"),
    ];
    send(to, "POST", path, &headers, &body.join("&")).await
}

/// Opens the page behind a link and presses one of its buttons, `yes` or `no`.
pub(crate) async fn answer(to: SocketAddr, link: &str, button: &str) -> Result<Answer, String> {
    let page = get(to, link).await;
    assert_eq!(page.status, 200, "{page:?}");
    let mut fields = form_with(&page.body, &format!("value=\"{button}\""));
    fields.push(("answer".to_owned(), button.to_owned()));
    submit(to, link, &fields).await
}

/// Signs in by a link that was printed, and gives the session's cookie.
pub(crate) async fn sign_in(to: SocketAddr, printed: &str) -> String {
    let link = printed
        .trim()
        .strip_prefix(&format!("http://{to}"))
        .unwrap_or_else(|| panic!("{printed:?} leads elsewhere"));
    let signed_in = submit(to, link, &[]).await.unwrap();
    assert_eq!(signed_in.status, 303, "{signed_in:?}");
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

/// Opens a page of somebody who is signed in.
pub(crate) async fn open(to: SocketAddr, path: &str, cookie: &str) -> String {
    let page = send(to, "GET", path, &[("cookie", cookie)], "").await;
    let page = page.unwrap();
    assert_eq!(page.status, 200, "{path}: {page:?}");
    page.body
}

fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    text.bytes().fold(String::new(), |mut out, b| {
        if plain(b) {
            out.push(b.into());
        } else {
            out += &format!("%{b:02X}");
        }
        out
    })
}
