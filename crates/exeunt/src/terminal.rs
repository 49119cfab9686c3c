//! Where words go: data to one stream, progress and diagnostics to the other.

use std::io::{self, IsTerminal, Write};

use exeunt_report::Paint;

/// The two streams of a command, and whether a person looks at them.
pub struct Terminal {
    /// Data.
    pub out: Box<dyn Write + Send>,
    /// Progress and diagnostics.
    pub err: Box<dyn Write + Send>,
    /// Whether data is coloured.
    pub paint: Paint,
    /// Whether progress may redraw its line.
    pub interactive: bool,
}

impl Terminal {
    /// The process's own streams. Colour only on a terminal, and not when `NO_COLOR` is set.
    #[must_use]
    pub fn of_process() -> Self {
        let colour =
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            paint: if colour { Paint::Ansi } else { Paint::Plain },
            interactive: io::stderr().is_terminal(),
        }
    }

    /// One line of data.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Data as it stands.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn data(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// A value as indented JSON.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let value = serde_json::to_value(value)?;
        serde_json::to_writer_pretty(&mut self.out, &value)?;
        self.out.write_all(b"\n")
    }

    /// One line for the person, not data. A closed stream is no reason to stop working.
    pub fn note(&mut self, text: &str) {
        let _ = writeln!(self.err, "{text}");
    }
}
