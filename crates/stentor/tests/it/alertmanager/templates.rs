//! Template files: the same configuration and the same files, for Alertmanager and for us.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use stentor_testkit::process::{Process, free_address, installed};
use stentor_testkit::smtp::{Mail, Options, Smtp};
use stentor_testkit::webhook::WebhookReceiver;
use tokio::process::Command;

use super::drop_in::DropIn;
use crate::support::http::send;
use crate::support::{alerts, listening, run};

const CHAT: &str = include_str!("templates/chat.tmpl");
const MAIL: &str = include_str!("templates/mail.tmpl");

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Where messages arrive, from both.
struct Scene {
    chat: WebhookReceiver,
    mail: Smtp,
}

impl Scene {
    async fn start() -> Self {
        Self {
            chat: WebhookReceiver::start(SECRET).await,
            mail: Smtp::start(Options::default()).await,
        }
    }

    /// The configuration of `who`. Each template of a field in the file is shown in a field of the message.
    fn config(&self, who: &str) -> String {
        let fields = CHAT.lines().filter_map(|line| {
            let name = line.strip_prefix("{{ define \"field.")?.split('"').next()?;
            let value = format!("{{{{ template \"field.{name}\" . }}}}");
            Some(json!({ "title": name, "value": value }))
        });
        let fields: Vec<Value> = fields.collect();
        assert!(fields.len() >= 15);
        let chat = json!({
            "api_url": format!("http://{}/{who}", self.chat.address),
            "channel": "#ops",
            "send_resolved": true,
            "title": "{{ template \"chat.title\" . }}",
            "color": "{{ template \"chat.color\" . }}",
            "text": "{{ template \"chat.text\" . }}",
            "fields": fields,
        });
        let mail = json!({
            "to": "ada@example.org",
            "from": format!("{who}@example.org"),
            "smarthost": format!("127.0.0.1:{}", self.mail.port),
            "require_tls": false,
            "send_resolved": true,
            "html": "{{ template \"mail.html\" . }}",
            "headers": { "Subject": "{{ template \"mail.subject\" . }}" },
        });
        let config = json!({
            "templates": ["templates/*.tmpl", "none/*.tmpl"],
            "route": {
                "receiver": "team.x (ops)",
                "group_by": ["alertname", "cluster"],
                "group_wait": "1s",
                "group_interval": "1s",
            },
            "receivers": [{ "name": "team.x (ops)", "slack_configs": [chat], "email_configs": [mail] }],
        });
        config.to_string()
    }

    /// The first message of `who` of which this is true.
    async fn message(&self, who: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let (path, what) = (format!("/{who}"), format!("a message of {who}"));
        let found = self.chat.requests.wait(&what, |all| {
            let mut ours = all.iter().filter(|r| r.path == path).map(|r| r.json());
            ours.find(&fits)
        });
        found.await
    }

    /// The first mail of `who` with this subject.
    async fn mail(&self, who: &str, subject: &str) -> Mail {
        let from = format!("{who}@example.org");
        for count in 1.. {
            let mails = self.mail.wait_for_mails(count).await;
            let ours = |m: &&Mail| m.mail_from == from && m.header("Subject") == [subject];
            if let Some(mail) = mails.iter().find(ours) {
                return mail.clone();
            }
        }
        unreachable!("it waits until there is one more");
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::create_dir_all(folder.join("templates")).unwrap();
    fs::write(folder.join("templates").join(name), text).unwrap();
}

/// The real one, in a folder with the same files.
async fn alertmanager(folder: &Path, config: &str) -> (Process, SocketAddr) {
    fs::write(folder.join("config.yml"), config).unwrap();
    write(folder, "chat.tmpl", CHAT);
    write(folder, "mail.tmpl", MAIL);
    let address = free_address();
    let program = installed("prometheus-alertmanager", "prometheus-alertmanager");
    let mut command = Command::new(program);
    command
        .args(["--config.file=config.yml", "--storage.path=data"])
        .args(["--cluster.listen-address=", "--web.route-prefix=/"])
        .arg("--web.external-url=https://alerts.example.org")
        .arg(format!("--web.listen-address={address}"))
        .current_dir(folder);
    let process = Process::spawn(command);
    process.wait_for_stderr("Listening on").await;
    (process, address)
}

fn alert(instance: &str, severity: &str, end: &str) -> Value {
    json!({
        "labels": {
            "alertname": "shop is slow", "cluster": "eu-1", "instance": instance, "job": "shop", "severity": severity,
        },
        "annotations": {
            "summary": "it's \"slow\" + <late>",
            "description": format!("{instance} answers <b>late</b> & 'rarely'; 100%"),
            "evil": "javascript:alert(1)",
        },
        "startsAt": "2026-03-01T12:00:00Z",
        "endsAt": end,
        "generatorURL": "http://prom.example.org/graph?g0.expr=up%3D%3D0",
    })
}

#[tokio::test]
async fn what_files_say_is_what_alertmanager_makes_of_them() {
    let scene = Scene::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (_theirs, their_address) = alertmanager(folder.path(), &scene.config("theirs")).await;
    let ours = DropIn::new(&scene.config("ours"));
    let beside = ours.config();
    write(beside.parent().unwrap(), "chat.tmpl", CHAT);
    write(beside.parent().unwrap(), "mail.tmpl", MAIL);
    let mut command = ours.command();
    command
        .arg("--web.external-url=https://alerts.example.org")
        .arg("--web.route-prefix=/");
    let server = listening(command).await;
    server.wait_for_stderr("no template file is found by").await;

    let (far, over) = ("2200-01-01T00:00:00Z", "2026-03-01T12:01:30.5Z");
    for address in [their_address, ours.address] {
        let both = [
            alert("a.example.org:9100", "critical", far),
            alert("b.example.org:9100", "warning", far),
        ];
        alerts::post(address, &both).await;
    }
    let two = |m: &Value| {
        m["attachments"][0]["title"]
            .as_str()
            .unwrap()
            .contains("FIRING:2")
    };
    let (theirs, mine) = (
        scene.message("theirs", two).await,
        scene.message("ours", two).await,
    );
    assert_eq!(mine, same_links(&theirs));
    for address in [their_address, ours.address] {
        alerts::post(address, &[alert("a.example.org:9100", "critical", over)]).await;
    }
    let one = |m: &Value| {
        m["attachments"][0]["title"]
            .as_str()
            .unwrap()
            .contains("FIRING:1")
    };
    let (theirs, mine) = (
        scene.message("theirs", one).await,
        scene.message("ours", one).await,
    );
    assert_eq!(mine, same_links(&theirs));
    let lasted = &mine["attachments"][0]["fields"][2]["value"];
    assert_eq!(lasted, "1m30.5s 1.5 2m0s");

    for subject in ["Trouble: shop is slow 2/2", "Trouble: shop is slow 1/2"] {
        let theirs = scene.mail("theirs", subject).await;
        let mine = scene.mail("ours", subject).await;
        assert_eq!(mine.html.trim_end(), theirs.html.trim_end());
        assert!(mine.html.contains("#ZgotmplZ") && !mine.html.contains("javascript"));
    }
}

/// In Slack's markup we escape what strangers wrote, and Alertmanager does not: the one difference there is.
fn same_links(theirs: &Value) -> Value {
    let escape = |text: &str| {
        text.replace("+ <late>", "+ &lt;late&gt;")
            .replace("<b>late</b> & ", "&lt;b&gt;late&lt;/b&gt; &amp; ")
    };
    serde_json::from_str(&escape(&theirs.to_string())).unwrap()
}

#[tokio::test]
async fn a_file_that_is_no_template_is_refused_with_its_place() {
    let scene = Scene::start().await;
    let drop_in = DropIn::new(&scene.config("ours"));
    let beside = drop_in.config();
    let folder = beside.parent().unwrap();
    write(folder, "chat.tmpl", CHAT);
    write(folder, "mail.tmpl", "{{ define \"mail.html\" }}\n{{ end }");
    let ran = run(drop_in.command()).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in ["templates/mail.tmpl:2:", "mend the template"] {
        assert!(ran.stderr.contains(part), "{part} in {}", ran.stderr);
    }

    write(folder, "mail.tmpl", MAIL);
    let _server = drop_in.start().await;
    let reload = async || {
        let answer = send(drop_in.address, "POST", "/-/reload", &[], "").await;
        answer.unwrap()
    };
    write(folder, "mail.tmpl", "{{ nonesuch . }}");
    let answer = reload().await;
    assert_eq!(answer.status, 500, "{answer:?}");
    let place = "templates/mail.tmpl:1:4: the function ";
    assert!(answer.body.contains(place), "{answer:?}");

    // Only a template changed: it comes into force all the same.
    write(folder, "mail.tmpl", MAIL);
    write(
        folder,
        "chat.tmpl",
        &CHAT.replace("ours now", "another one"),
    );
    let answer = reload().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let far = "2200-01-01T00:00:00Z";
    alerts::post(
        drop_in.address,
        &[alert("a.example.org:9100", "critical", far)],
    )
    .await;
    let message = scene.message("ours", |_| true).await;
    assert_eq!(
        message["attachments"][0]["footer"],
        "another one, team\\.x \\(ops\\)"
    );
}
