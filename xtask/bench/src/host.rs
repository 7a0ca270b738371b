//! The machine that was measured on.

use std::fs;

use crate::clock::now;

/// Facts that make figures comparable, one a line of Markdown.
pub(crate) fn facts() -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(|| "?".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let memory: f64 = memory.trim_end_matches(" kB").parse().unwrap_or(0.0);
    let cpu = field(&read("/proc/cpuinfo"), "model name");
    let kernel = read("/proc/sys/kernel/osrelease");
    vec![
        format!("date: {}", now().strftime("%Y-%m-%d %H:%M UTC")),
        format!(
            "machine: {cpus} CPUs ({cpu}), {:.0} GiB, Linux {}",
            memory / 1_048_576.0,
            kernel.trim()
        ),
    ]
}

/// Runnable processes, averaged over the last minute.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}
