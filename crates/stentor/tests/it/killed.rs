//! kill -9 at every moment of the story: nothing that was answered "ok" is lost, the page goes out, nobody is told
//! twice with another id, and the promise stands.

use serde_json::{Value, json};
use stentor_testkit::process::Process;
use stentor_testkit::smtp::{Fault, Stage};
use stentor_testkit::webhook::Answer;

use crate::support::browser::{self, link_in};
use crate::support::caller::Caller;
use crate::support::files::read;
use crate::support::{Engine, House, Receivers, alerts, stentor, until};

/// When the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Right after the alert was answered with 200.
    AlertTaken,
    /// While the mail server says nothing to the mail.
    MailUnderWay,
    /// After the mail server took the mail and before we heard of it.
    MailUnanswered,
    /// While the webhook's receiver says nothing.
    WebhookUnderWay,
    /// While level 1 is given time, which passes before the start.
    Waiting,
    /// Right after the acknowledgement was answered.
    Acknowledged,
    /// Right after the first word was answered.
    Published,
    /// When the first file of the first word has reached a mirror.
    MirrorUnderWay,
    /// Right after the incident was resolved.
    Resolved,
}

/// A short story in which the power goes once.
struct Short {
    house: House,
    receivers: Receivers,
    server: Process,
    /// By whom the incident is read and led.
    ben: Caller,
    at: Moment,
}

async fn killed(engine: Engine, at: Moment) {
    let (house, receivers) = tokio::join!(House::new(engine), Receivers::start());
    house.connect(&receivers.outside());
    house.escalate_after(2);
    let server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    let mut short = Short {
        house,
        receivers,
        server,
        ben,
        at,
    };
    short.tell().await;
}

impl Short {
    async fn tell(&mut self) {
        self.misbehave().await;
        alerts::post(self.house.address, &[alerts::firing("ShopDown", "website")]).await;
        self.may_die(Moment::AlertTaken).await;
        self.page_goes_out().await;
        self.may_die(Moment::Waiting).await;
        let mail = self.receivers.mail("ben", "paged at level 2").await;
        let link = link_in(&mail.text);
        let answer = browser::answer(self.house.address, &link, "yes").await;
        assert_eq!(answer.unwrap().status, 303);
        self.may_die(Moment::Acknowledged).await;
        self.leads().await;
        let due = self.speaks().await;
        alerts::post(self.house.address, &[over()]).await;
        self.ben.about("resolve", &json!({})).await;
        self.may_die(Moment::Resolved).await;
        let incident = self.ben.incident().await;
        assert_eq!(incident["phase"], "resolved");
        assert_eq!(incident["firing"], 0);
        assert_eq!(incident["promise"]["due_at"], due);
        self.all_is_well().await;
    }

    async fn misbehave(&mut self) {
        match self.at {
            Moment::MailUnderWay => {
                let hang = Fault::Hang;
                self.receivers.smtp.plan(Stage::Data, hang, None).await;
            }
            Moment::MailUnanswered => {
                let lose = Fault::Lose;
                self.receivers.smtp.plan(Stage::Data, lose, None).await;
            }
            Moment::WebhookUnderWay => self.receivers.webhook.plan([Answer::Hang]),
            _ => {}
        }
    }

    /// Ada's page arrives by both channels, in spite of what the receivers do.
    async fn page_goes_out(&mut self) {
        match self.at {
            Moment::MailUnderWay => {
                let refused = until("the mail is under way", async || {
                    self.receivers.smtp.refused().pop()
                })
                .await;
                self.dies().await;
                self.receivers.smtp.forget_plans().await;
                let mail = self.receivers.mail("ada", "paged at level 1").await;
                assert_eq!(refused["message_id"], mail.message_id());
            }
            Moment::MailUnanswered => {
                self.receivers.mail("ada", "paged at level 1").await;
                self.dies().await;
                self.receivers.smtp.forget_plans().await;
                until("the mail is repeated", async || {
                    let mails = self.receivers.smtp.mails().into_iter();
                    let hers = mails.filter(|m| m.rcpt_to == ["ada@example.org"]);
                    (hers.count() > 1).then_some(())
                })
                .await;
            }
            Moment::WebhookUnderWay => {
                self.receivers.webhook.requests.wait_for(1).await;
                self.dies().await;
            }
            _ => {}
        }
        self.receivers.mail("ada", "paged at level 1").await;
        self.receivers.hook("ada", "paged at level 1").await;
        self.ben
            .wait("both channels are on record", |i| {
                let by = i["pages"][0]["delivered_by"].as_array()?.len();
                (by == 2).then_some(())
            })
            .await;
    }

    async fn leads(&self) {
        let incident = self.ben.incident().await;
        assert_eq!(incident["roles"][0]["person"], "ben", "{incident:#}");
        assert_eq!(incident["escalation"]["progress"], "stopped");
    }

    /// Publishes the first word, and gives when the next was promised for.
    async fn speaks(&mut self) -> Value {
        let before = self.ben.wait_for_mirrors(0).await;
        let files = read(&self.house.mirror("one")).len();
        self.ben.publish("first", &json!({})).await;
        let due = match self.at {
            // Asking costs time in which the mirrors would be written.
            Moment::Published => None,
            _ => Some(self.ben.incident().await["promise"]["due_at"].clone()),
        };
        if self.at == Moment::MirrorUnderWay {
            until("a file has reached the mirror", async || {
                (read(&self.house.mirror("one")).len() > files).then_some(())
            })
            .await;
            self.dies().await;
        }
        self.may_die(Moment::Published).await;
        let now = self.ben.incident().await["promise"]["due_at"].clone();
        assert_eq!(now, due.unwrap_or(now.clone()), "the promise stands");
        self.ben.wait_for_mirrors(before).await;
        for name in ["one", "two"] {
            let page = read(&self.house.mirror(name)).remove("index.html").unwrap();
            let page = String::from_utf8(page).unwrap();
            assert!(page.contains("we are looking into a problem"), "{page}");
            let mut verify = stentor();
            verify.arg("verify").arg(self.house.mirror(name));
            verify.arg("--root").arg(self.house.root());
            let ran = crate::support::run(verify).await;
            assert_eq!(ran.code, 0, "{ran:?}");
        }
        now
    }

    async fn all_is_well(&mut self) {
        self.receivers.assert_nobody_was_told_twice();
        let told = self.receivers.ids();
        for (person, level) in [("ada", 1), ("ben", 2), ("dora", 2)] {
            let cause = format!("INC-1: paged at level {level}");
            let mail = (format!("{person}@example.org"), cause.clone(), "email");
            assert!(told.contains_key(&mail), "{mail:?} in {told:?}");
            let hook = (person.to_owned(), cause, "webhook");
            assert!(told.contains_key(&hook), "{hook:?} in {told:?}");
        }
        assert_eq!(told.len(), 6, "nobody else was told: {told:?}");
        let ran = self.house.run(&["audit", "verify"]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    async fn may_die(&mut self, at: Moment) {
        if self.at == at {
            self.dies().await;
        }
    }

    async fn dies(&mut self) {
        self.server.kill9().await;
        if self.at == Moment::Waiting {
            // Level 1's time passes while nobody is there to notice.
            let later = alerts::now() + jiff::SignedDuration::from_secs(2);
            until("level 1's time is over", async || {
                (alerts::now() >= later).then_some(())
            })
            .await;
        }
        self.server = self.house.serve().await;
    }
}

/// The alert of the story, ended.
fn over() -> Value {
    let mut alert = alerts::firing("ShopDown", "website");
    alert["endsAt"] = alert["startsAt"].clone();
    alert
}

macro_rules! moments {
    ($($name:ident: $moment:ident,)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn on_sqlite() {
                killed(Engine::Sqlite, Moment::$moment).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                killed(Engine::Postgres, Moment::$moment).await;
            }
        }
    )*};
}

moments! {
    after_the_alert_was_taken: AlertTaken,
    while_the_mail_is_under_way: MailUnderWay,
    before_the_mail_servers_answer: MailUnanswered,
    while_the_webhook_is_under_way: WebhookUnderWay,
    while_level_one_is_given_time: Waiting,
    after_the_acknowledgement: Acknowledged,
    after_the_first_word: Published,
    while_a_mirror_is_written: MirrorUnderWay,
    after_the_resolution: Resolved,
}
