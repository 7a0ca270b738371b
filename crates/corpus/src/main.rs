//! Writes the corpus into a folder, and serves it.
//!
//! `stentor-corpus write DIR`, or `stentor-corpus serve DIR`, which writes it too, prints the address that it listens on
//! and runs until its standard input is closed.

use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use stentor_corpus::{Server, cases, write};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, dir] = arguments.as_slice() else {
        return fail("usage: stentor-corpus write DIR | stentor-corpus serve DIR");
    };
    let done = match command.as_str() {
        "write" => write(&cases(), Path::new(dir)),
        "serve" => serve(Path::new(dir)),
        other => return fail(&format!("there is no command {other}; say write or serve")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

fn serve(dir: &Path) -> std::io::Result<()> {
    write(&cases(), dir)?;
    let server = Server::start(dir)?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", server.address())?;
    out.flush()?;
    // Whoever started this closes it by going away.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn fail(why: &str) -> ExitCode {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr(), "stentor-corpus: {why}");
    ExitCode::from(2)
}
