//! The mail server and the webhook receiver that pages go to.

use std::collections::BTreeMap;

use stentor_testkit::smtp::{Mail, Options, Smtp};
use stentor_testkit::webhook::{Received, WebhookReceiver};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PASSWORD: &str = "correct horse battery staple";

/// How to reach what is outside.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    pub(crate) smtp_port: u16,
    pub(crate) ca_pem: String,
    pub(crate) password: String,
    pub(crate) webhook_url: String,
    pub(crate) webhook_secret: String,
}

/// Both receivers.
#[derive(Debug)]
pub(crate) struct Receivers {
    pub(crate) smtp: Smtp,
    pub(crate) webhook: WebhookReceiver,
}

/// What a message was for: person, cause, channel.
pub(crate) type Errand = (String, String, &'static str);

impl Receivers {
    /// A mail server that demands STARTTLS and a password, and a strict webhook receiver.
    pub(crate) async fn start() -> Self {
        let login = Some(("stentor".to_owned(), PASSWORD.to_owned()));
        let tls = "starttls";
        let options = Options {
            tls,
            login,
            ..Options::default()
        };
        Self {
            smtp: Smtp::start(options).await,
            webhook: WebhookReceiver::start(SECRET).await,
        }
    }

    /// How to reach them.
    pub(crate) fn outside(&self) -> Outside {
        Outside {
            smtp_port: self.smtp.port,
            ca_pem: self.smtp.ca_pem().to_owned(),
            password: PASSWORD.to_owned(),
            webhook_url: self.webhook.url(),
            webhook_secret: SECRET.to_owned(),
        }
    }

    /// Waits for a mail to a person that contains a part, and gives the first.
    pub(crate) async fn mail(&self, person: &str, part: &str) -> Mail {
        let to = format!("{person}@example.org");
        let found = |mails: Vec<Mail>| {
            mails
                .into_iter()
                .find(|mail| mail.rcpt_to == [to.clone()] && mail.text.contains(part))
        };
        super::until(&format!("a mail to {person} with {part:?}"), async || {
            found(self.smtp.mails())
        })
        .await
    }

    /// Waits for a webhook for a person whose text contains a part, and gives the first.
    pub(crate) async fn hook(&self, person: &str, part: &str) -> Received {
        let what = format!("a webhook for {person} with {part:?}");
        let fits = |r: &&Received| {
            let data = &r.json()["data"];
            data["event"]["person"] == person && data["text"].as_str().unwrap().contains(part)
        };
        self.webhook
            .requests
            .wait(&what, |all| all.iter().find(fits).cloned())
            .await
    }

    /// The different message ids that were seen for each errand, in mails and webhooks together.
    pub(crate) fn ids(&self) -> BTreeMap<Errand, Vec<String>> {
        let mut ids: BTreeMap<Errand, Vec<String>> = BTreeMap::new();
        let mut note = |errand: Errand, id: &str| {
            let known = ids.entry(errand).or_default();
            if !known.iter().any(|other| other == id) {
                known.push(id.to_owned());
            }
        };
        for mail in self.smtp.mails() {
            let cause = why(mail.header("Subject")[0], &mail.text);
            note((mail.rcpt_to.join(","), cause, "email"), mail.message_id());
        }
        for request in self.webhook.requests.all() {
            let data = &request.json()["data"];
            let person = data["event"]["person"].as_str().unwrap().to_owned();
            let text = |name: &str| data[name].as_str().unwrap();
            let cause = why(text("subject"), text("text"));
            note((person, cause, "webhook"), request.id());
        }
        ids
    }

    /// One logical message a person, cause and channel, however often it was repeated; all signatures good.
    pub(crate) fn assert_nobody_was_told_twice(&self) {
        for (errand, ids) in self.ids() {
            assert_eq!(ids.len(), 1, "{errand:?}: {ids:?}");
        }
        for request in self.webhook.requests.all() {
            assert_eq!(request.verdict, Ok(()), "{request:?}");
        }
    }
}

/// Incident and reason.
fn why(subject: &str, text: &str) -> String {
    let incident = subject.split([' ', ':']).next().unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("Why you: "));
    let reason = line.unwrap_or_else(|| panic!("no reason in {text}"));
    format!("{incident}: {reason}")
}
