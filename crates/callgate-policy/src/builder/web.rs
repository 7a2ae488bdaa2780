//! Paths and URLs: matchers that have many keys.

use super::written::{Table, Written, names};
use super::{Matcher, Place};

/// A path of a POSIX file system: the matcher `path`.
#[derive(Clone, Debug)]
pub struct Path {
    table: Table,
    deny: Table,
}

impl Path {
    /// Links are ignored: one in a permitted directory leads where it leads.
    pub fn ignoring_links() -> Self {
        Self::with_links("ignored")
    }

    /// The host says in a fact of the context what links there are.
    pub fn with_links_from(fact: &str) -> Self {
        Self::with_links(Place::context(fact).into_text())
    }

    fn with_links(links: impl Into<Written>) -> Self {
        Self {
            table: Table::of("links", links),
            deny: Table::default(),
        }
    }

    /// It is one of these directories, or below one.
    #[must_use]
    pub fn under(self, directories: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("under", names(directories))
    }

    /// Where relative paths begin.
    #[must_use]
    pub fn relative_to(self, directory: impl Into<String>) -> Self {
        self.with("relative_to", directory.into())
    }

    /// It matches one of these globs.
    #[must_use]
    pub fn glob(self, globs: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("glob", names(globs))
    }

    /// No component is one of these.
    #[must_use]
    pub fn deny_components(
        mut self,
        components: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.deny.put("components", names(components));
        self
    }

    /// Its last component is none of these names, in which `*` stands for any characters.
    #[must_use]
    pub fn deny_names(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.deny.put("names", names(patterns));
        self
    }

    /// But for exactly these names.
    #[must_use]
    pub fn except(mut self, exceptions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.deny.put("except", names(exceptions));
        self
    }

    fn with(mut self, key: &str, value: impl Into<Written>) -> Self {
        self.table.put(key, value);
        self
    }
}

impl From<Path> for Matcher {
    fn from(Path { mut table, deny }: Path) -> Self {
        if !deny.0.is_empty() {
            table.put("deny", deny);
        }
        Self::of("path", table)
    }
}

/// An `http` or `https` URL: the matcher `url`, which needs the feature `url`.
#[derive(Clone, Debug, Default)]
pub struct Url {
    table: Table,
    path: Table,
}

impl Url {
    /// Of one of these hosts, or of one below `*.…`.
    pub fn of_hosts(hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::default().with("hosts", names(hosts))
    }

    /// Of any host that is in no private network.
    pub fn of_public_hosts() -> Self {
        Self::default().public()
    }

    /// And in no private network.
    #[must_use]
    pub fn public(self) -> Self {
        self.with("addresses", "public")
    }

    /// Also without encryption.
    #[must_use]
    pub fn also_http(self) -> Self {
        self.with("schemes", names(["https", "http"]))
    }

    /// At one of these ports. By default at that of the scheme.
    #[must_use]
    pub fn ports(self, ports: impl IntoIterator<Item = u16>) -> Self {
        let ports = ports.into_iter().map(|port| u64::from(port).into());
        self.with("ports", Written::List(ports.collect()))
    }

    /// At any port.
    #[must_use]
    pub fn any_port(self) -> Self {
        self.with("ports", "any")
    }

    /// Its path goes on below one of these.
    #[must_use]
    pub fn under(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.path.put("under", names(paths));
        self
    }

    /// Its path is none of these, and below none.
    #[must_use]
    pub fn deny(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.path.put("deny", names(paths));
        self
    }

    fn with(mut self, key: &str, value: impl Into<Written>) -> Self {
        self.table.put(key, value);
        self
    }
}

impl From<Url> for Matcher {
    fn from(Url { mut table, path }: Url) -> Self {
        if !path.0.is_empty() {
            table.put("path", path);
        }
        Self::of("url", table)
    }
}
