//! Mail to the owner, by a real relay.

use stentor_testkit::smtp::{Options, Smtp};

use crate::support::{Corpus, program, run, text};

#[tokio::test]
async fn news_comes_by_mail() {
    let relay = Smtp::start(Options::default()).await;
    let corpus = Corpus::of(&["honest"]);
    let config = corpus.path("honest", "follow.toml");
    let toml = format!(
        "mirrors = [{:?}]\nroot = {:?}\nstate = {:?}\n[mail]\nrelay = \"127.0.0.1:{}\"\n\
         from = \"Follower <follower@example.org>\"\nto = [\"one@example.org\", \"two@example.org\"]\n",
        text(&corpus.path("honest", "mirror")),
        text(&corpus.path("honest", "root.json")),
        text(&corpus.path("honest", "state")),
        relay.port,
    );
    std::fs::write(&config, toml).unwrap();
    let mut command = program("2026-11-21T02:10:00Z");
    command.args(["follow", "--once", "--config", text(&config)]);
    let said = tokio::task::spawn_blocking(|| run(command)).await.unwrap();
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    let mails = relay.wait_for_mails(1).await;
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(mail.rcpt_to, ["one@example.org", "two@example.org"]);
    assert!(
        mail.header("Subject")[0].starts_with("[public word] news: <p>status.txt: word 3"),
        "{mail:?}"
    );
    assert!(
        mail.text.contains("Confirmed until 2026-11-21 08:10 UTC."),
        "{mail:?}"
    );
    assert!(!mail.message_id().is_empty());
}
