//! Mail about groups. All mails about one group are one thread.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use stentor_domain::go_template::{Data, Escape, Library};
use stentor_domain::notification::Notification;
use stentor_domain::routing::EmailIntegration;
use tokio::time::timeout;

use super::texts::Field;
use super::{Surroundings, words};
use crate::email::{Account, AutoSubmitted, Server, Settings, Tls, Trouble, header};
use crate::{Key, Outcome, clean};

/// For one whole attempt.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Addresses in one mail.
const MAX_RECIPIENTS: usize = 100;
/// Characters of a header line's text.
const MAX_LINE: usize = 500;
/// Characters of a part.
const MAX_PART: usize = 1024 * 1024;

const SUBJECT: &str = "{{ template \"email.default.subject\" . }}";
const HTML: &str = "{{ template \"email.default.html\" . }}";

/// Header lines that are ours to write; others would break the mail or take it for another.
const OURS: [&str; 9] = [
    "content-type",
    "content-transfer-encoding",
    "mime-version",
    "date",
    "message-id",
    "references",
    "in-reply-to",
    "bcc",
    "auto-submitted",
];

pub(super) struct Email {
    server: Server,
    account: Option<Account>,
    from: Field,
    to: Field,
    subject: Field,
    headers: Vec<(String, HeaderName, Field)>,
    text: Option<Field>,
    html: Field,
    receiver: String,
}

impl Email {
    pub(super) fn new(
        receiver: &str,
        settings: &EmailIntegration,
        with: &Surroundings<'_>,
        problems: &mut Vec<String>,
    ) -> Result<Self, String> {
        let server = server(settings, with)?;
        let account = match &settings.login {
            Some((username, password)) => Some(Account {
                username: username.clone(),
                password: (with.secrets)(password)?,
                allow_unencrypted: is_this_machine(&server.host),
            }),
            None => None,
        };
        let mut reader = Reader {
            library: with.library,
            problems,
        };
        let mut subject = reader.field("Subject", SUBJECT, Some(SUBJECT), Escape::None);
        let mut headers = Vec::new();
        for (name, text) in &settings.headers {
            let lower = name.to_ascii_lowercase();
            match (lower.as_str(), HeaderName::new_from_ascii(name.clone())) {
                ("subject", _) => {
                    subject = reader.field("Subject", text, Some(SUBJECT), Escape::None);
                }
                (lower, Ok(header)) if !OURS.contains(&lower) && is_token(name) => {
                    let field = reader.field(name, text, None, Escape::None);
                    headers.push((lower.to_owned(), header, field));
                }
                _ => reader.problems.push(format!(
                    "headers/{name}: this header line is not ours to set; it is left out"
                )),
            }
        }
        let own_html = settings.html.as_deref().unwrap_or(HTML);
        let text = settings.text.as_deref().filter(|text| !text.is_empty());
        Ok(Self {
            server,
            account,
            from: reader.field("from", &settings.from, None, Escape::None),
            to: reader.field("to", &settings.to, None, Escape::None),
            subject,
            headers,
            text: text.and_then(|text| reader.own(text)),
            html: reader.field("html", own_html, Some(HTML), Escape::Html),
            receiver: receiver.to_owned(),
        })
    }

    pub(super) fn destination(&self) -> String {
        format!("{}:{}", self.server.host, self.server.port)
    }

    pub(super) async fn send(&self, of: &Notification, key: &Key, now: Timestamp) -> Outcome {
        let (envelope, mail) = match self.compose(of, key, now) {
            Ok(mail) => mail,
            Err(error) => return Outcome::Failed { error },
        };
        let delivery = self.server.deliver(&envelope, self.account.as_ref(), &mail);
        match timeout(TIMEOUT, delivery).await {
            Ok(Ok(said)) => Outcome::Delivered {
                detail: clean::line(&said, 200),
            },
            Ok(Err(Trouble::Refused(error))) => Outcome::Failed { error },
            Ok(Err(Trouble::Server(error))) => Outcome::retry(error),
            Err(_) => Outcome::retry(format!(
                "{} did not take the mail within {TIMEOUT:?}",
                self.destination()
            )),
        }
    }

    fn compose(
        &self,
        of: &Notification,
        key: &Key,
        now: Timestamp,
    ) -> Result<(Envelope, Vec<u8>), String> {
        let data = Data::of(of).at(now);
        let from = mailboxes("from", &self.from.render(&data))?;
        let [from] = from.as_slice() else {
            return Err("`from` must be one address".to_owned());
        };
        let to = mailboxes("to", &self.to.render(&data))?;
        let addresses = to.iter().map(|mailbox| mailbox.email.clone()).collect();
        let envelope = Envelope::new(Some(from.email.clone()), addresses);
        let thread = format!("<{}@{}>", thread(&self.receiver, of), from.email.domain());
        let mut builder = lettre::Message::builder()
            .message_id(Some(format!("<{key}@{}>", from.email.domain())))
            .in_reply_to(thread.clone())
            .references(thread)
            .date(SystemTime::from(now))
            .from(from.clone())
            .subject(header(&self.subject.render(&data), MAX_LINE))
            .header(AutoSubmitted);
        for mailbox in &to {
            builder = builder.to(mailbox.clone());
        }
        let text = match &self.text {
            Some(field) => field.render(&data),
            None => String::new(),
        };
        // A part in plain text goes with every mail: a text template that fails or is not given is replaced by ours.
        let text = if text.trim().is_empty() {
            words::text(of)
        } else {
            text
        };
        let text = part(ContentType::TEXT_PLAIN, &text);
        let html = self.html.render(&data);
        // Whoever sets an empty HTML part wants none.
        let mail = if html.trim().is_empty() {
            builder.singlepart(text)
        } else {
            let parts = MultiPart::alternative().boundary(digest(&[key.as_str()]));
            let html = part(ContentType::TEXT_HTML, &html);
            builder.multipart(parts.singlepart(text).singlepart(html))
        };
        let mut mail = mail.map_err(|e| e.to_string())?;
        for (lower, name, field) in &self.headers {
            let value = header(&field.render(&data), MAX_LINE);
            let value = match lower.as_str() {
                // Addresses have a form of their own, and were checked or are left out.
                "to" | "from" | "cc" | "reply-to" | "sender" => match mailboxes(lower, &value) {
                    Ok(_) => value,
                    Err(_) => continue,
                },
                _ => value,
            };
            mail.headers_mut()
                .insert_raw(HeaderValue::new(name.clone(), value));
        }
        Ok((envelope.map_err(|e| e.to_string())?, mail.formatted()))
    }
}

struct Reader<'a> {
    library: &'a Library,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn field(&mut self, name: &str, text: &str, default: Option<&str>, escape: Escape) -> Field {
        Field::new(name, text, default, self.library, escape, self.problems)
    }

    /// The text part; `None` when it is not translated, and ours is sent.
    fn own(&mut self, text: &str) -> Option<Field> {
        let before = self.problems.len();
        let field = Field::new(
            "text",
            text,
            Some(""),
            self.library,
            Escape::None,
            self.problems,
        );
        (self.problems.len() == before).then_some(field)
    }
}

fn server(settings: &EmailIntegration, with: &Surroundings<'_>) -> Result<Server, String> {
    let (host, port) = settings.smarthost.clone();
    let ca_pem = match &settings.ca_file {
        Some(file) => Some((with.files)(file)?),
        None => None,
    };
    let tls = match (port, settings.require_tls) {
        (465, _) => Tls::Implicit,
        (_, true) => Tls::Starttls,
        (_, false) => Tls::None,
    };
    let server = Settings {
        host,
        port,
        tls,
        login: None,
        // The sender may be a template; only its place in the greeting is taken here.
        from: "stentor@localhost".to_owned(),
        from_name: None,
        ca_pem,
        helo: Some(settings.hello.clone()).filter(|hello| !hello.is_empty()),
        timeout: TIMEOUT,
    };
    let (_, server) = server.check().map_err(|error| error.to_string())?;
    Ok(server)
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]")
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// Addresses, every one of them or an error: one that is overlooked is somebody who is not told.
fn mailboxes(field: &str, text: &str) -> Result<Vec<Mailbox>, String> {
    let bad = |what: &str| format!("`{field}` is not a list of mail addresses ({what})");
    if text.contains(char::is_control) {
        return Err(bad("it has control characters"));
    }
    let parsed: Mailboxes = text.trim().parse().map_err(|_| bad("it cannot be read"))?;
    let parsed: Vec<Mailbox> = parsed.into_iter().collect();
    if text.matches('@').count() != parsed.len() {
        return Err(bad("separate addresses by commas"));
    }
    match parsed.len() {
        1..=MAX_RECIPIENTS => Ok(parsed),
        _ => Err(bad("there are none, or too many")),
    }
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    let text = clean::lines(text, MAX_PART);
    SinglePart::builder()
        .header(kind)
        .body(text.trim_end().replace('\n', "\r\n"))
}

/// What the mails about a group of a receiver refer to.
fn thread(receiver: &str, of: &Notification) -> String {
    format!("group-{}", digest(&[receiver, &of.group_key]))
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let mut text = String::new();
    for byte in &hash.finalize()[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
