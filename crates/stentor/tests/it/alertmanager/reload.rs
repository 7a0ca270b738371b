//! Reading the configuration again.

use stentor_testkit::process::Process;

use super::drop_in::DropIn;
use super::sink::Sink;
use crate::support::http::{Answer, send};
use crate::support::{alerts, until};

const BAD: &str = "route:\n  receiver: nobody\nreceivers:\n- name: sink\n";

struct Scene {
    drop_in: DropIn,
    server: Process,
}

impl Scene {
    async fn reload(&self) -> Answer {
        let answer = send(self.drop_in.address, "POST", "/-/reload", &[], "");
        answer.await.unwrap()
    }

    /// Sees by an alert to whom it is told now.
    async fn tells(&self, sink: &Sink, name: &str) {
        alerts::post(self.drop_in.address, &[alerts::firing(name, "shop")]).await;
        sink.wait(name, "firing", 1).await;
    }

    async fn original(&self) -> String {
        let status = self.drop_in.get("/api/v2/status").await;
        status["config"]["original"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_good_file_comes_into_force_and_a_bad_one_changes_nothing() {
    let (first, second) = tokio::join!(Sink::start(), Sink::start());
    let drop_in = DropIn::new(&first.config(0, 300));
    let server = drop_in.start().await;
    let scene = Scene { drop_in, server };
    scene.tells(&first, "One").await;

    scene.drop_in.write(&second.config(0, 60));
    let answer = scene.reload().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    scene.tells(&second, "Two").await;
    let in_force = scene.original().await;
    assert!(in_force.contains("group_interval: 60s"), "{in_force}");

    scene.drop_in.write(BAD);
    let answer = scene.reload().await;
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(answer.body.contains("alertmanager.yml:2:13"), "{answer:?}");
    assert_eq!(scene.original().await, in_force);
    let failed = "alertmanager_config_last_reload_successful";
    assert_eq!(scene.drop_in.metric(failed).await, Some(0.0));
    scene.tells(&second, "Three").await;

    scene.server.signal("HUP").await;
    scene.server.wait_for_stderr("stays as it was").await;
    assert_eq!(scene.original().await, in_force);
    scene.tells(&second, "Four").await;

    scene.drop_in.write(&first.config(0, 300));
    scene.server.signal("HUP").await;
    until("the first file is in force again", async || {
        scene
            .original()
            .await
            .contains("group_interval: 300s")
            .then_some(())
    })
    .await;
    scene.tells(&first, "Five").await;
    assert_eq!(second.told().len(), 3, "{:#?}", second.told());
    assert_eq!(first.told().len(), 2, "{:#?}", first.told());
}
