//! The hosts to ask: from the configuration alone.

/// One host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name or address.
    pub name: String,
    /// Its port.
    pub port: u16,
}

/// An entry of the setting `hosts` that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadHosts {
    /// Nothing is listed.
    #[error("the setting `hosts` is empty. Write the hosts' names, separated by spaces")]
    None,
    /// Something that is no name.
    #[error(
        "`{0}` in the setting `hosts` is no host. Write names or addresses of letters, digits, `.` and `-`, \
         with `:port` where it is not 22, separated by spaces"
    )]
    NoHost(String),
    /// The same host twice; the second would be asked as the first.
    #[error("the host `{0}` is named twice in the setting `hosts`. Leave one out")]
    Twice(String),
}

/// Reads the list. A name cannot begin with `-`, so that none is an option of the client.
///
/// # Errors
/// When there is none, or an entry is no host.
pub fn hosts(text: &str) -> Result<Vec<Host>, BadHosts> {
    let mut all: Vec<Host> = Vec::new();
    for entry in text.split([' ', ',', '\n', '\t']).filter(|entry| !entry.is_empty()) {
        let bad = || BadHosts::NoHost(entry.to_owned());
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)?),
            None => (entry, 22),
        };
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if name.is_empty()
            || !name.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !name.chars().all(fine)
        {
            return Err(bad());
        }
        let host = Host { name: name.to_ascii_lowercase(), port };
        if all.iter().any(|other| other.name == host.name) {
            return Err(BadHosts::Twice(host.name));
        }
        all.push(host);
    }
    if all.is_empty() { Err(BadHosts::None) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::{BadHosts, Host, hosts};

    /// `-oProxyCommand=…` in a list of hosts would run a command on this machine.
    #[test]
    fn a_host_is_a_name_and_never_an_option() {
        let host = |name: &str, port| Host { name: name.to_owned(), port };
        assert_eq!(
            hosts("Web1.acme.example, db1.acme.example:2222\n10.0.0.7"),
            Ok(vec![host("web1.acme.example", 22), host("db1.acme.example", 2222), host("10.0.0.7", 22)])
        );
        for bad in ["-oProxyCommand=id", "a b;c", "a$(id)", "user@host", "a:0", "a:x", ":22", ".", "ä"] {
            assert!(matches!(hosts(bad), Err(BadHosts::NoHost(_))), "{bad}");
        }
        assert_eq!(hosts(" , "), Err(BadHosts::None));
        assert_eq!(hosts("a A"), Err(BadHosts::Twice("a".to_owned())));
    }
}
