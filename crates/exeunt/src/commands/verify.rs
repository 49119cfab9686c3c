//! `exeunt verify WHO-OR-ISSUE`: one leaver, from claim to verdict.

use exeunt_service::Service;
use exeunt_service::pipeline::{VerifyOptions, verify};

use crate::args::{Format, Verify};
use crate::error::{Done, Failure};
use crate::terminal::Terminal;

/// Verifies and prints.
///
/// # Errors
/// When the case cannot be made out, or evidence cannot be kept.
pub async fn run(
    service: &Service,
    args: &Verify,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Done, Failure> {
    let options = VerifyOptions { departed: args.departed, offline: args.offline };
    let verified = verify(service, &args.who, &options).await?;
    print(&verified.verdict, args.all, format, terminal)?;
    if format == Format::Text {
        let head = verified.checkpoint.lines().nth(1).unwrap_or_default().to_owned();
        terminal.note(&format!(
            "Verdict {} is in the ledger, now {head} entries long. Next: exeunt explain {} ID, \
             exeunt evidence export {} -o FILE",
            verified.digest, verified.verdict.case, verified.verdict.case
        ));
    }
    Ok(verified.verdict.verdict.into())
}

/// Prints a verdict in the form asked for.
pub(crate) fn print(
    verdict: &exeunt_model::verdict::VerdictDocument,
    all: bool,
    format: Format,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let report = match format {
        Format::Text => exeunt_report::text(verdict, terminal.paint, all),
        Format::Json => exeunt_report::json(verdict)?,
        Format::Md => exeunt_report::markdown(verdict),
        Format::Html => {
            let how = format!(
                "the page is made of a bundle: exeunt evidence export {} --format html",
                verdict.case
            );
            return Err(Failure::Usage(how));
        }
    };
    Ok(terminal.data(&report)?)
}
