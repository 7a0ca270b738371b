//! A real Chromium, started for one test.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities as _;
use thirtyfour::prelude::*;
use tokio::process::Command;

use crate::npm;
use crate::process::{Process, installed, target_dir};

/// How the browser is to be.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Points across.
    pub width: u32,
    /// Points down.
    pub height: u32,
    /// Whether pages may run scripts.
    pub script: bool,
}

/// A small telephone.
pub const PHONE: Kind = Kind {
    width: 360,
    height: 740,
    script: true,
};
/// A desk.
pub const DESK: Kind = Kind {
    width: 1280,
    height: 900,
    script: true,
};

/// A Chromium with a profile of its own. It ends when this is dropped.
pub struct Chromium {
    /// The way to its one window.
    pub driver: WebDriver,
    _process: Process,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it with these preferences, and these arguments beside the usual ones.
    pub async fn start(preferences: Value, arguments: &[&str]) -> Self {
        let profile = TempDir::new().unwrap();
        let mut command = Command::new(installed("chromedriver", "chromium-driver"));
        command.arg("--port=0");
        let process = Process::spawn(command);
        let line = process
            .wait_for_stdout("started successfully on port")
            .await;
        let port: String = line.chars().filter(char::is_ascii_digit).collect();
        let mut caps = DesiredCapabilities::chrome();
        for arg in USUAL.iter().chain(arguments) {
            caps.add_arg(arg).unwrap();
        }
        let data = profile.path().to_str().unwrap();
        caps.add_arg(&format!("--user-data-dir={data}")).unwrap();
        caps.add_experimental_option("prefs", preferences).unwrap();
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), caps)
            .await
            .unwrap();
        Self {
            driver,
            _process: process,
            _profile: profile,
        }
    }
}

const USUAL: &[&str] = &[
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
];

/// One Chromium that shows the pages of one site.
pub struct Browser {
    /// For what has no method here.
    pub driver: WebDriver,
    base: String,
    kind: Kind,
    _chromium: Chromium,
}

impl Browser {
    /// Starts it on the pages at `base`.
    pub async fn start(base: &str, kind: Kind) -> Self {
        let preferences = if kind.script {
            json!({})
        } else {
            json!({ "profile.managed_default_content_settings.javascript": 2 })
        };
        let chromium = Chromium::start(preferences, &[]).await;
        let browser = Self {
            driver: chromium.driver.clone(),
            base: base.to_owned(),
            kind,
            _chromium: chromium,
        };
        let Kind { width, height, .. } = kind;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        browser
            .cdp("Emulation.setDeviceMetricsOverride", size)
            .await;
        browser
    }

    /// Goes to a page below the base.
    pub async fn open(&self, path: &str) {
        self.driver
            .goto(format!("{}{path}", self.base))
            .await
            .unwrap();
    }

    /// Presses the button or link that shows this text.
    pub async fn press(&self, text: &str) {
        let path = format!(
            "//*[self::button or self::a or self::summary][contains(normalize-space(), \"{text}\")]"
        );
        let found = self.driver.query(By::XPath(path)).first().await;
        let element = found.unwrap_or_else(|e| panic!("there is no {text:?}: {e}"));
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
    }

    /// Types into a field.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.driver.find(By::Id(id)).await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Everything that the page shows.
    pub async fn text(&self) -> String {
        self.driver
            .find(By::Tag("body"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    /// Waits until the page shows a text.
    pub async fn wait_for(&self, text: &str) {
        let path = format!("//body[contains(normalize-space(), \"{text}\")]");
        let found = self.driver.query(By::XPath(path)).first().await;
        if found.is_err() {
            panic!("{text:?} does not appear in: {}", self.text().await);
        }
    }

    /// Runs a script in the page and returns what it returns.
    pub async fn run(&self, script: &str) -> Value {
        let answer = self.driver.execute(script, Vec::new()).await.unwrap();
        answer.json().clone()
    }

    /// Whether the reader prefers dark pages.
    pub async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await;
    }

    /// Sends a command of Chromium's own protocol.
    pub async fn cdp(&self, command: &str, params: Value) -> Value {
        self.driver.cdp().send_raw(command, params).await.unwrap()
    }

    /// What a page must always be: no wider than the screen, readable by everybody, in light and dark. Pictures of it
    /// are kept in the target folder, to be looked at.
    pub async fn inspect(&self, name: &str) {
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

    /// What axe finds: rule, element, reason.
    pub async fn violations(&self) -> Vec<String> {
        self.run(&npm::axe()).await;
        let run = "const done = arguments[arguments.length - 1];
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
              .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))))
              .catch(e => done(['axe failed: ' + e]))";
        let found = self.driver.execute_async(run, Vec::new()).await.unwrap();
        serde_json::from_value(found.json().clone()).unwrap()
    }

    /// Keeps a picture of the whole page in the target folder.
    pub async fn picture(&self, name: &str, dark: bool) {
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
