//! What a command said: its exit code and its two streams.

use std::io::{self, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};

use clap::Parser;
use exeunt::args::Cli;
use exeunt::open::Machine;
use exeunt::terminal::Terminal;
use exeunt_model::verdict::VerdictDocument;
use exeunt_report::Paint;
use exeunt_service::FixedClock;
use exeunt_service::progress::Stop;

/// The exit code and the two streams of one command.
#[derive(Debug, Clone)]
pub struct Said {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The verdict document on standard output.
    pub fn verdict(&self) -> VerdictDocument {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no verdict ({e}): {self:?}"))
    }

    /// The JSON on standard output.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }

    /// A refusal: this exit code, nothing on standard output, and every one of these words in the message.
    pub fn refuses(&self, code: u8, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "a refusal is not data");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not said in:\n{}", self.err);
        }
    }
}

#[derive(Clone, Default)]
struct Caught(Arc<Mutex<Vec<u8>>>);

impl Caught {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("text")
    }
}

impl Write for Caught {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs a command in this process, with a clock that stands still.
pub async fn exeunt(args: &[&str]) -> Said {
    let cli = match Cli::try_parse_from(std::iter::once("exeunt").chain(args.iter().copied())) {
        Ok(cli) => cli,
        Err(e) => panic!("{args:?}: {e}"),
    };
    let (out, err) = (Caught::default(), Caught::default());
    let mut terminal = Terminal {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        paint: Paint::Plain,
        interactive: false,
    };
    let noon = "2026-11-20T12:00:00Z".parse().expect("a time");
    let machine = Machine { clock: Arc::new(FixedClock(noon)), stop: Stop::new() };
    let result = exeunt::run(cli, &machine, &mut terminal).await;
    let code = match &result {
        Ok(done) => done.code(),
        Err(failure) => {
            terminal.note(&format!("exeunt: {failure}"));
            failure.code()
        }
    };
    Said { code, out: out.text(), err: err.text() }
}

/// The built program, with nothing of the tester's own surroundings in it.
pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_exeunt"));
    program.env_remove("EXEUNT_STATE").env_remove("EXEUNT_CONFIG").env_remove("EXEUNT_CONNECTORS");
    program
}

/// Runs the built program to its end.
pub fn run(program: &mut Command) -> Said {
    let output = program.output().expect("the program runs");
    let code = output.status.code().and_then(|code| u8::try_from(code).ok());
    Said {
        code: code.unwrap_or_else(|| panic!("ended by a signal: {output:?}")),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}
