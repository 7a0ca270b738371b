//! A real Chromium, started for one test.

use std::path::PathBuf;

use serde_json::{Value, json};
use stentor_testkit::process::{Process, installed, target_dir};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities as _;
use thirtyfour::prelude::*;
use tokio::process::Command;

use crate::axe;

/// How the browser is to be.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) script: bool,
}

/// A small telephone.
pub(crate) const PHONE: Kind = Kind {
    width: 360,
    height: 740,
    script: true,
};
/// A desk.
pub(crate) const DESK: Kind = Kind {
    width: 1280,
    height: 900,
    script: true,
};

pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    base: String,
    kind: Kind,
    _process: Process,
    _profile: TempDir,
}

impl Browser {
    /// Starts it on the pages at `base`.
    pub(crate) async fn start(base: &str, kind: Kind) -> Self {
        let profile = TempDir::new().unwrap();
        let mut command = Command::new(installed("chromedriver", "chromium-driver"));
        command.arg("--port=0");
        let process = Process::spawn(command);
        let line = process
            .wait_for_stdout("started successfully on port")
            .await;
        let port: String = line.chars().filter(char::is_ascii_digit).collect();
        let mut caps = DesiredCapabilities::chrome();
        for arg in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ] {
            caps.add_arg(arg).unwrap();
        }
        let data = profile.path().to_str().unwrap();
        caps.add_arg(&format!("--user-data-dir={data}")).unwrap();
        if !kind.script {
            let prefs = json!({ "profile.managed_default_content_settings.javascript": 2 });
            caps.add_experimental_option("prefs", prefs).unwrap();
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), caps)
            .await
            .unwrap();
        let browser = Self {
            driver,
            base: base.to_owned(),
            kind,
            _process: process,
            _profile: profile,
        };
        let Kind { width, height, .. } = kind;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        browser
            .cdp("Emulation.setDeviceMetricsOverride", size)
            .await;
        browser
    }

    pub(crate) async fn open(&self, path: &str) {
        self.driver
            .goto(format!("{}{path}", self.base))
            .await
            .unwrap();
    }

    /// Presses the button or link that shows this text.
    pub(crate) async fn press(&self, text: &str) {
        let path = format!(
            "//*[self::button or self::a or self::summary][contains(normalize-space(), \"{text}\")]"
        );
        let found = self.driver.query(By::XPath(path)).first().await;
        let element = found.unwrap_or_else(|e| panic!("there is no {text:?}: {e}"));
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
    }

    pub(crate) async fn fill(&self, id: &str, text: &str) {
        let field = self.driver.find(By::Id(id)).await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Everything that the page shows.
    pub(crate) async fn text(&self) -> String {
        self.driver
            .find(By::Tag("body"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    /// Waits until the page shows a text.
    pub(crate) async fn wait_for(&self, text: &str) {
        let path = format!("//body[contains(normalize-space(), \"{text}\")]");
        let found = self.driver.query(By::XPath(path)).first().await;
        if found.is_err() {
            panic!("{text:?} does not appear in: {}", self.text().await);
        }
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        let answer = self.driver.execute(script, Vec::new()).await.unwrap();
        answer.json().clone()
    }

    pub(crate) async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await;
    }

    async fn cdp(&self, command: &str, params: Value) -> Value {
        self.driver.cdp().send_raw(command, params).await.unwrap()
    }

    /// What a page must always be: no wider than the screen, readable by everybody, in light and dark. Pictures of it
    /// are kept in the target folder, to be looked at.
    pub(crate) async fn inspect(&self, name: &str) {
        let wide =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(
            self.run(wide).await,
            json!(0),
            "{name} scrolls sideways at {}",
            self.kind.width
        );
        let small = "return [...document.querySelectorAll('button, .button, summary, select, textarea, .headline, \
            nav a, input:not([type=hidden]):not([type=radio])')].filter(e => e.checkVisibility() && \
            e.getBoundingClientRect().height < 44).map(e => e.outerHTML)";
        assert_eq!(
            self.run(small).await,
            json!([]),
            "{name}: too small for a thumb"
        );
        for dark in [false, true] {
            self.dark(dark).await;
            self.picture(name, dark).await;
            let violations = self.violations().await;
            assert!(
                violations.is_empty(),
                "{name}, dark: {dark}: {violations:#?}"
            );
        }
        self.dark(false).await;
    }

    async fn violations(&self) -> Vec<String> {
        self.run(&axe::script()).await;
        let run = "const done = arguments[arguments.length - 1];
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
              .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))))
              .catch(e => done(['axe failed: ' + e]))";
        let found = self.driver.execute_async(run, Vec::new()).await.unwrap();
        serde_json::from_value(found.json().clone()).unwrap()
    }

    pub(crate) async fn picture(&self, name: &str, dark: bool) {
        let look = if dark { "dark" } else { "light" };
        let folder: PathBuf = target_dir().join("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        let whole = json!({ "captureBeyondViewport": true, "format": "png" });
        let shot = self.cdp("Page.captureScreenshot", whole).await;
        let bytes = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            shot["data"].as_str().unwrap(),
        );
        let file = folder.join(format!("{name}-{}-{look}.png", self.kind.width));
        std::fs::write(file, bytes.unwrap()).unwrap();
    }
}
