//! A real Chromium, started for one test, in which every `.test` host is this machine.

use std::time::Duration;

use serde_json::{Value, json};
use stentor_testkit::browser;
use stentor_testkit::process::target_dir;
use thirtyfour::prelude::*;

/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often it is asked meanwhile.
const POLL: Duration = Duration::from_millis(20);

/// Every `.test` host is this machine.
const MAPPED: &str = "--host-resolver-rules=MAP *.test 127.0.0.1";

pub(crate) struct Chromium {
    pub(crate) driver: WebDriver,
    _chromium: browser::Chromium,
}

impl Chromium {
    pub(crate) async fn start() -> Self {
        Self::with_preferences(json!({})).await
    }

    pub(crate) async fn with_preferences(preferences: Value) -> Self {
        let chromium = browser::Chromium::start(preferences, &[MAPPED]).await;
        Self {
            driver: chromium.driver.clone(),
            _chromium: chromium,
        }
    }

    pub(crate) async fn open(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
        self.until(
            "return !document.querySelector('#check').disabled",
            json!(true),
        )
        .await;
    }

    /// Fills in the form, checks, and gives what is announced at the end.
    pub(crate) async fn check(&self, root: &str, mirrors: &[String]) -> String {
        let fill = "for (const [id, text] of Object.entries(arguments[0])) {
            const field = document.getElementById(id);
            field.value = text;
            field.dispatchEvent(new Event('input'));
        }";
        let fields = json!({ "root": root, "mirrors": mirrors.join("\n") });
        self.driver.execute(fill, vec![fields]).await.unwrap();
        self.press("check").await;
        self.answered().await
    }

    /// Waits until a check is over, and gives what is announced.
    pub(crate) async fn answered(&self) -> String {
        let over = "return document.querySelector('#results').ariaBusy !== 'true' \
            && !['', 'Checking …'].includes(document.querySelector('#announcement').textContent)";
        self.until(over, json!(true)).await;
        self.announced().await
    }

    pub(crate) async fn announced(&self) -> String {
        let said = "return document.querySelector('#announcement').textContent";
        self.run(said).await.as_str().unwrap().to_owned()
    }

    pub(crate) async fn press(&self, id: &str) {
        let button = self.driver.find(By::Id(id)).await.unwrap();
        button.scroll_into_view().await.unwrap();
        button.click().await.unwrap();
    }

    /// Everything that the page shows.
    pub(crate) async fn text(&self) -> String {
        let body = self.driver.find(By::Tag("body")).await.unwrap();
        body.text().await.unwrap()
    }

    /// The verdict of each mirror, in the order shown.
    pub(crate) async fn verdicts(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('.mirror')].map(m => m.dataset.verdict + ' ' + \
            new URL(m.querySelector('.address bdi').textContent).pathname.slice(1))";
        serde_json::from_value(self.run(script).await).unwrap()
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        let answer = self.driver.execute(script, Vec::new()).await.unwrap();
        answer.json().clone()
    }

    /// Waits until a script gives that answer.
    pub(crate) async fn until(&self, script: &str, expect: Value) {
        let holds = async {
            let mut often = tokio::time::interval(POLL);
            while self.run(script).await != expect {
                often.tick().await;
            }
        };
        if tokio::time::timeout(PATIENCE, holds).await.is_err() {
            let answer = self.run(script).await;
            panic!("{script}: {answer}; the page: {}", self.text().await);
        }
    }

    pub(crate) async fn cdp(&self, command: &str, params: Value) -> Value {
        self.driver.cdp().send_raw(command, params).await.unwrap()
    }

    /// A picture in the target folder, to be looked at.
    pub(crate) async fn picture(&self, name: &str) {
        let whole = json!({ "captureBeyondViewport": true, "format": "png" });
        let shot = self.cdp("Page.captureScreenshot", whole).await;
        let engine = base64::engine::general_purpose::STANDARD;
        let bytes = base64::Engine::decode(&engine, shot["data"].as_str().unwrap()).unwrap();
        let folder = target_dir().join("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("verifier-{name}.png")), bytes).unwrap();
    }
}
