//! Programs whose wall clock is wrong, by libfaketime.

use tokio::process::Command;

/// The library that shifts the clock of a whole program.
///
/// # Panics
/// When it is not installed.
pub(crate) fn library() -> String {
    let arch = std::env::consts::ARCH;
    let library = format!("/usr/lib/{arch}-linux-gnu/faketime/libfaketimeMT.so.1");
    assert!(
        std::path::Path::new(&library).is_file(),
        "libfaketime is missing; run: apt-get install faketime"
    );
    library
}

/// Lets a program's clock be off by so much, as in "-14h". Waiting takes as long as ever.
pub(crate) fn shift(command: &mut Command, by: &str) {
    command
        .env("LD_PRELOAD", library())
        .env("FAKETIME", by)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
}
