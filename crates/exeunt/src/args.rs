//! The command line: one definition for parsing, help and the reference page.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Proves that a leaver's access has really left.
///
/// Reads the offboarding ticket as claims, observes the systems themselves, and says for each
/// thing that could still act for the leaver: live, latent, gone or unknown; by which path; where
/// the removal broke down; and who is accountable.
#[derive(Debug, Parser)]
#[command(name = "exeunt", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The exit codes, as the help shows them.
const EXIT_CODES: &str = "Exit codes: 0 clear (or done), 10 residual access, 11 unproven, \
1 could not do it, 2 wrong usage.\nData goes to stdout, progress and diagnostics to stderr.";

/// What holds for every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Folder of the state: snapshots, cases, evidence, keys
    #[arg(long, global = true, value_name = "DIR", env = "EXEUNT_STATE")]
    pub state: Option<PathBuf>,
    /// Configuration file [default: exeunt.yaml in this folder, or else in the state folder]
    #[arg(long, global = true, value_name = "FILE", env = "EXEUNT_CONFIG")]
    pub config: Option<PathBuf>,
    /// Folder with more connectors, each a folder with a manifest.yaml
    #[arg(long, global = true, value_name = "DIR", env = "EXEUNT_CONNECTORS")]
    pub connectors: Option<PathBuf>,
    /// Form of the output
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, on a terminal
    Text,
    /// For programs
    Json,
    /// Markdown, for tickets and files
    Md,
    /// One page that verifies itself in a browser (`evidence export`)
    Html,
}

/// Forms of the access graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphForm {
    /// JSON for the file ingest of `BloodHound`
    Opengraph,
    /// XML for yEd, Gephi, igraph and networkx
    Graphml,
    /// Parquet for DuckDB, Spark and Trino; five files in a folder (`--output`)
    Columns,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a simulated company on loopback and run the whole story on it
    Demo(Demo),
    /// Write a commented configuration
    Init(Init),
    /// Check configuration, manifests, permissions, owners and reachability
    Check,
    /// Take snapshots
    Collect(Collect),
    /// One leaver: collect, judge, attest, print
    Verify(Verify),
    /// All leavers, from the freshest snapshots; also people who left without a case
    Sweep(Sweep),
    /// Path, timeline, evidence, owner and next step of one obligation
    Explain(Explain),
    /// What can be read, with which permission, and what cannot be seen
    #[command(subcommand)]
    Connectors(Connectors),
    /// Snapshots as JSON lines, out and in
    #[command(subcommand)]
    Records(Records),
    /// The access graph of all kept snapshots, for graph tools
    Export {
        /// In which form
        form: GraphForm,
        /// The folder of the columns; the other forms go to the output
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// The ledger, and the file an auditor takes away
    #[command(subcommand)]
    Evidence(Evidence),
    /// Cosign the heads of others' logs, so that nobody can be shown another history
    Witness(WitnessArgs),
    /// Over all cases
    #[command(subcommand)]
    Report(Report),
    /// Who answers for what: each control domain on each system, with file and line, and what nobody owns
    Owners(Owners),
    /// The JSON Schema of a document
    Schema {
        /// records, verdict, config, manifest, program or programme
        name: String,
    },
    /// The reference page of the command line
    #[command(name = "__cli-reference", hide = true)]
    CliReference,
    /// The manual of the control points
    #[command(name = "__control-points", hide = true)]
    ControlPoints,
}

/// Start a simulated company.
#[derive(Debug, Args)]
pub struct Demo {
    /// Print the story and end, instead of serving the company until Ctrl-C
    #[arg(long)]
    pub once: bool,
    /// Seed of the simulated company
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// The register of owners.
#[derive(Debug, Args)]
pub struct Owners {
    /// Who answered at another time (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "check")]
    pub at: Option<exeunt_model::Timestamp>,
    /// Check every entry in force against the directory as it was last read: gaps, two owners at once, owners who left.
    /// Ends with 0 when nothing is wrong, 10 when something is, 11 when the directory was not read whole
    #[arg(long)]
    pub check: bool,
}

/// Write a configuration.
#[derive(Debug, Args)]
pub struct Init {
    /// Where to
    #[arg(default_value = "exeunt.yaml")]
    pub file: PathBuf,
    /// Connectors to begin with [default: all that are built in, commented out]
    #[arg(long, value_name = "NAME")]
    pub with: Vec<String>,
}

/// Take snapshots.
#[derive(Debug, Args)]
pub struct Collect {
    /// Systems, by their names in the configuration [default: all]
    pub systems: Vec<String>,
}

/// One leaver.
#[derive(Debug, Args)]
pub struct Verify {
    /// An issue key, e-mail address, employee number, or reference of an identity
    pub who: String,
    /// When they left (RFC 3339), if neither ticket nor directory says
    #[arg(long, value_name = "TIME")]
    pub departed: Option<exeunt_model::Timestamp>,
    /// Judge from the snapshots there are, without reading any system
    #[arg(long)]
    pub offline: bool,
    /// Also list what is proven gone
    #[arg(long)]
    pub all: bool,
}

/// One obligation.
#[derive(Debug, Args)]
pub struct Explain {
    /// The case, as `verify` names it
    pub case: String,
    /// The obligation's id, or enough of it to be the only one [default: list them]
    pub obligation: Option<String>,
}

/// About connectors.
#[derive(Debug, Subcommand)]
pub enum Connectors {
    /// All connectors
    List,
    /// The reference page of one
    Show {
        /// Its name
        name: String,
    },
    /// The permissions to ask an administrator for
    Permissions {
        /// Connectors [default: those of the configuration, or else all]
        names: Vec<String>,
    },
    /// Survivor kind by system: seen, blind with the reason, or not applicable
    Coverage,
    /// Draft a connector from the vendor's description of its API; what only a person can know is marked
    New(New),
    /// Whether a connector's folder keeps its promises: its recorded answers under every fault, and its traps
    Test(Test),
}

/// A new connector.
#[derive(Debug, Args)]
pub struct New {
    /// Its name: a-z, 0-9 and `-`
    pub name: String,
    /// The vendor's OpenAPI 3 or Swagger 2 description, JSON or YAML
    #[arg(long, value_name = "FILE")]
    pub openapi: PathBuf,
    /// Folder that the connector's folder is made in
    #[arg(long, value_name = "DIR", default_value = "connectors")]
    pub into: PathBuf,
}

/// A connector's folder, tested without any system at hand.
#[derive(Debug, Args)]
pub struct Test {
    /// Folders with manifest.yaml, fixtures and traps
    #[arg(required = true, value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,
    /// Also print the records that the recorded answers become
    #[arg(long)]
    pub records: bool,
    /// Also print the lines of each trap's verdict
    #[arg(long)]
    pub lines: bool,
}

/// About records.
#[derive(Debug, Subcommand)]
pub enum Records {
    /// Write snapshots to stdout
    Export {
        /// Systems [default: all]
        systems: Vec<String>,
        /// Only the newest snapshot of each system
        #[arg(long)]
        newest: bool,
    },
    /// Read snapshots from a file, or from stdin with `-`
    Import {
        /// The file
        #[arg(default_value = "-")]
        file: PathBuf,
    },
}

/// All leavers.
#[derive(Debug, Default, Args)]
pub struct Sweep {
    /// What leavers reach by columns that `export columns` wrote: without state, configuration or cases
    #[arg(long, value_name = "DIR")]
    pub from_columns: Option<PathBuf>,
    /// Only this person or account, by its reference; nothing but what it leads to is read
    #[arg(long, value_name = "REFERENCE", requires = "from_columns")]
    pub only: Option<exeunt_model::Ref>,
}

/// A witness of logs (C2SP tlog-witness).
#[derive(Debug, Args)]
pub struct WitnessArgs {
    /// Where to listen; to serve others than this machine, name another address
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7380")]
    pub listen: std::net::SocketAddr,
    /// File with the witness's signing key (type 0x04)
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Name of the witness; a key of this name is made if the file is not there
    #[arg(long)]
    pub name: Option<String>,
    /// Verifier key of a log to follow; may be given many times
    #[arg(long, value_name = "VKEY", required = true)]
    pub log: Vec<String>,
}

/// Over all cases.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// How well removal works: tokens that still work, times to proof, claims contradicted, what is left with whom
    Metrics,
}

/// About evidence.
#[derive(Debug, Subcommand)]
pub enum Evidence {
    /// Write one file with everything an auditor needs; with `--format html` as a page that verifies itself
    Export {
        /// The case
        case: String,
        /// Where to
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Also everything the verdict was judged by, so that it can be judged again from the file alone. The file then
        /// holds what systems answered about everybody: hand it only to whom that may be shown
        #[arg(long)]
        with_basis: bool,
    },
    /// Verify such a file: offline, without configuration
    Verify {
        /// The file
        file: PathBuf,
        /// The log's verifier key, known from elsewhere (`name+id+key`)
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Your logs, witnesses and quorum (C2SP tlog-policy)
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Certificates of the time authorities you trust (PEM)
        #[arg(long, value_name = "FILE")]
        authority: Option<PathBuf>,
    },
    /// Show such a file as text: what it proves, and the verdict in it
    Show {
        /// The file
        file: PathBuf,
    },
    /// Have a time authority (RFC 3161) put its time to the head of the ledger
    #[command(group = clap::ArgGroup::new("step").required(true))]
    Timestamp {
        /// Write the request to send to it (`application/timestamp-query`)
        #[arg(long, value_name = "FILE", group = "step")]
        request: Option<PathBuf>,
        /// Send it to the authorities that the configuration names (`evidence.time_authorities`), and take the first answer
        /// that holds
        #[arg(long, group = "step")]
        send: bool,
        /// Take the answer it gave (`application/timestamp-reply`)
        #[arg(long, value_name = "FILE", group = "step", requires = "authority")]
        response: Option<PathBuf>,
        /// Its certificate, or the one that leads to it (PEM)
        #[arg(long, value_name = "FILE")]
        authority: Option<PathBuf>,
    },
    /// Judge the newest verdict of a case again from what was kept with it: are the bytes the same?
    Replay {
        /// The case; or a bundle that was exported with its basis
        case: String,
    },
    /// Destroy the key of a case's bodies: nobody can read them any more, and the ledger still verifies
    Erase {
        /// The case
        case: String,
    },
    /// Wrap the keys of all bodies by another key
    Rotate {
        /// Where the new key is: `file:PATH`, `env:NAME` or `exec:COMMAND`; 64 hexadecimal digits
        #[arg(long, value_name = "REFERENCE")]
        to: String,
    },
    /// Compare signed heads that were kept elsewhere with the ledger: was it rolled back or rewritten since? Or, with
    /// `--offline`, heads and bundles with one another
    Compare {
        /// Files with a head each, as `evidence checkpoint` prints it; with `--offline` also bundles, in the order in
        /// which they were seen
        #[arg(required = true)]
        heads: Vec<PathBuf>,
        /// Without the ledger: a fork and a rollback show in two heads alone, that a log only grew needs more
        #[arg(long)]
        offline: bool,
        /// The log's verifier key (`name+id+key`), where no bundle names it
        #[arg(long, value_name = "KEY", requires = "offline")]
        key: Option<String>,
    },
    /// Print the signed head of the ledger, to be kept elsewhere
    Checkpoint {
        /// Write it to a file instead
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Prove that one entry is in the ledger
    Prove {
        /// Its index
        index: u64,
    },
}
