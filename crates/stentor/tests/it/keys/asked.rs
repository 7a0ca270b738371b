//! Somebody at a terminal, who gives no flags and is asked step by step.

use serde_json::json;
use stentor_testkit::process::installed;
use tokio::process::Command;

use super::{PASSPHRASE, Place};
use crate::support::{Ran, run, stentor};

/// Types each answer when its question stands at the terminal.
const TYPIST: &str = r#"
import json, os, pty, sys
steps, argv = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(argv[0], argv)
said, ahead = b"", b""

def more():
    global said, ahead
    try:
        data = os.read(terminal, 4096)
    except OSError:
        data = b""
    said, ahead = said + data, ahead + data
    return data

for question, answer in steps:
    while question.encode() not in ahead:
        if not more():
            sys.exit("ended before %r: %s" % (question, said.decode()))
    ahead = ahead.split(question.encode(), 1)[1]
    os.write(terminal, answer.encode() + b"\n")
while more():
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(status))
"#;

impl Place {
    async fn typed(&self, words: &[&str], steps: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(installed("python3", "python3"));
        command.args(["-c", TYPIST, &json!(steps).to_string()]);
        command
            .arg(env!("CARGO_BIN_EXE_stentor"))
            .arg("key")
            .args(words);
        command.arg("--dir").arg(self.path("data"));
        run(command).await
    }
}

#[tokio::test]
async fn what_no_flag_says_is_asked_at_the_terminal() {
    let place = Place::new(&["bo"]).await;
    let (ada, bo) = (place.text("ada.age"), place.key("bo"));
    let made = place
        .typed(
            &["new", &ada],
            &[("Passphrase for", PASSPHRASE), ("again", "something else")],
        )
        .await;
    assert_eq!(made.code, 1, "{made:?}");
    assert!(made.stdout.contains("no key was made") && !place.path("ada.age").exists());
    let made = place
        .typed(
            &["new", &ada],
            &[("Passphrase for", PASSPHRASE), ("again", PASSPHRASE)],
        )
        .await;
    assert_eq!(made.code, 0, "{made:?}");

    let mut init = stentor();
    init.args(["init", "--ceremony"]).arg(place.path("data"));
    assert_eq!(run(init).await.code, 0);
    let holders = [
        format!("Ada={}", place.public("ada")),
        format!("Bo={} @ the bank", place.public("bo")),
    ];
    let folder = place.text("founding");
    let founded = place
        .typed(
            &["ceremony", "--folder", &folder],
            &[
                ("Whose word", "Example Linux"),
                ("Holder 1:", &holders[0]),
                ("Holder 2:", &holders[1]),
                ("Holder 3:", ""),
                ("(usual: 2)", ""),
                ("A key to sign with now", &bo),
                ("(yes/no)", "yes"),
                // Changed their mind, then did it after all.
                ("A key to sign with now", &bo),
                ("(yes/no)", "no"),
                ("A key to sign with now", &ada),
                ("Passphrase for", PASSPHRASE),
                ("(yes/no)", "yes"),
            ],
        )
        .await;
    assert_eq!(founded.code, 0, "{founded:?}");
    assert!(
        founded.stdout.contains("root lacks 1 of 2 signatures"),
        "{founded:?}"
    );
    assert!(founded.stdout.contains("are in force here"), "{founded:?}");
    assert_eq!(place.holders("root").await, (2, "Ada Bo".into()));
}
