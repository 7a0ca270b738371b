//! Debian's Prometheus, and something for it to scrape.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::process::{Process, free_address, installed};

/// The program.
///
/// # Panics
/// When it is missing, naming the Debian package.
#[must_use]
pub fn binary() -> PathBuf {
    installed("prometheus", "prometheus")
}

/// A running Prometheus. It ends when this is dropped.
#[derive(Debug)]
pub struct Prometheus {
    /// Its own web address.
    pub address: SocketAddr,
    /// The program, with what it wrote.
    pub process: Process,
    folder: TempDir,
    after: String,
}

impl Prometheus {
    /// Starts one that scrapes `target` as job `shop` each second, evaluates `rules` (the text of a rule file) each
    /// second and sends alerts to `alertmanager`, as it would be configured for a real one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(alertmanager: SocketAddr, target: SocketAddr, rules: &str) -> Self {
        Self::start_resending(alertmanager, target, rules, "1s").await
    }

    /// The same, sending again what fires after this time (`5s`). An alert ends four such times after it was sent.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_resending(
        alertmanager: SocketAddr,
        target: SocketAddr,
        rules: &str,
        after: &str,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = |name: &str| folder.path().join(name);
        let config = format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}\n\
             rule_files: [rules.yml]\n\
             alerting:\n  alertmanagers:\n  - static_configs: [{{ targets: ['{alertmanager}'] }}]\n\
             scrape_configs:\n- job_name: shop\n  static_configs: [{{ targets: ['{target}'] }}]\n"
        );
        fs::write(path("prometheus.yml"), config).expect("a temporary folder can be written");
        fs::write(path("rules.yml"), rules).expect("a temporary folder can be written");
        let address = free_address();
        let process = run(folder.path(), address, after).await;
        Self {
            address,
            process,
            folder,
            after: after.to_owned(),
        }
    }

    /// Ends it as systemd does and starts it anew at the same address, with the same data.
    ///
    /// # Panics
    /// When it does not end or does not start.
    pub async fn restart(&mut self) {
        self.process.signal("TERM").await;
        self.process.wait().await;
        self.process = run(self.folder.path(), self.address, &self.after).await;
    }

    /// Its folder, with configuration and data.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

async fn run(folder: &Path, address: SocketAddr, resend_after: &str) -> Process {
    let flag = |name: &str, file: &str| format!("--{name}={}", folder.join(file).display());
    let mut command = Command::new(binary());
    command
        .arg(flag("config.file", "prometheus.yml"))
        .arg(flag("storage.tsdb.path", "data"))
        .arg(format!("--web.listen-address={address}"))
        .arg(format!("--rules.alert.resend-delay={resend_after}"))
        .current_dir(folder);
    let process = Process::spawn(command);
    process
        .wait_for_stderr("Server is ready to receive web requests")
        .await;
    process
}

/// A rule file with one alert, `ShopDown`, that fires as soon as a target of job `shop` is down.
#[must_use]
pub fn down_rule(labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels.iter().map(|(n, v)| format!("{n}: '{v}'")).collect();
    format!(
        "groups:\n- name: shop\n  rules:\n  - alert: ShopDown\n    expr: up{{job=\"shop\"}} == 0\n    \
         labels: {{ {} }}\n    annotations: {{ summary: 'the shop does not answer' }}\n",
        labels.join(", ")
    )
}

/// A target to be scraped, which can be stopped and started again at the same address.
#[derive(Debug)]
pub struct ScrapeTarget {
    /// Where it answers.
    pub address: SocketAddr,
    scrapes: Arc<AtomicUsize>,
    task: Option<JoinHandle<()>>,
}

impl ScrapeTarget {
    /// Starts it.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut target = Self {
            address: listener.local_addr().expect("a bound port has an address"),
            scrapes: Arc::default(),
            task: None,
        };
        target.serve(listener);
        target
    }

    /// Stops answering: the port is closed when this returns.
    pub async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Answers again.
    ///
    /// # Panics
    /// When somebody else took the port.
    pub async fn restart(&mut self) {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await;
        self.serve(listener.expect("nobody took the port meanwhile"));
    }

    /// How often it was scraped.
    #[must_use]
    pub fn scrapes(&self) -> usize {
        self.scrapes.load(Ordering::SeqCst)
    }

    fn serve(&mut self, listener: TcpListener) {
        let scrapes = self.scrapes.clone();
        self.task = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answer(stream).await;
                scrapes.fetch_add(1, Ordering::SeqCst);
            }
        }));
    }
}

impl Drop for ScrapeTarget {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// One scrape a connection, so that a stopped target has none left open.
async fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_buf(&mut request).await {
            Ok(1..) if request.len() < 16 * 1024 => {}
            _ => return,
        }
    }
    let body = "# TYPE shop_orders counter\nshop_orders 42\n";
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}
