//! What the program is asked for.

use callgate_benches::promises::Promise;

pub(crate) const USAGE: &str = "\
usage: ratios [OPTIONS]

  --only NAME      the promise NAME and those below it (NAME/...); where there is none,
                   those whose name begins with NAME
  --format FORMAT  `text` (default), or `json`: one object a line
  --quick          a moment only; prints, and never fails for a ratio
  --help           prints this
";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    only: Option<String>,
    pub(crate) format: Format,
    pub(crate) quick: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

impl Options {
    /// Reads the words behind the program's name; `None` asks for help.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` expects a value"));
            match &*word {
                "--only" => options.only = Some(value()?),
                "--format" => options.format = Format::parse(&value()?)?,
                "--quick" => options.quick = true,
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("unknown option `{word}`")),
            }
        }
        Ok(Some(options))
    }

    /// The rows that are asked for. A quick run leaves out what takes its time, unless it is
    /// asked for by name.
    pub(crate) fn choose(&self, mut promises: Vec<Promise>) -> Vec<Promise> {
        let Some(only) = self.only.as_deref() else {
            promises.retain(|promise| !(self.quick && promise.slow));
            return promises;
        };
        let below = |name: &str| {
            let rest = name.strip_prefix(only);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let exact = promises.iter().any(|promise| below(&promise.name));
        promises.retain(|Promise { name, .. }| below(name) || (!exact && name.starts_with(only)));
        promises
    }

    pub(crate) const fn rounds(&self, promise: &Promise) -> usize {
        let (all, quick) = promise.rounds;
        if self.quick { quick } else { all }
    }
}

impl Format {
    fn parse(word: &str) -> Result<Self, String> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{word}` is no format; expected `text` or `json`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, expected: Result<Option<Options>, &str>) {
        let words = words.split_whitespace().map(str::to_owned);
        assert_eq!(Options::parse(words), expected.map_err(str::to_owned));
    }

    #[track_caller]
    fn check_only(words: &str, expected: &[&str]) {
        let words = words.split_whitespace().map(str::to_owned);
        let options = Options::parse(words).unwrap().unwrap();
        let chosen = options.choose(callgate_benches::promises::all());
        let names: Vec<&str> = chosen.iter().map(|promise| &*promise.name).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn names() {
        check_only("--only parse", &["parse"]);
        check_only("--only par", &["parse"]);
        check_only("--only decide/10", &["decide/10", "decide/10/mixed"]);
        check_only("--only append", &["append", "append/threads"]);
        check_only("--only nothing", &[]);
    }

    #[test]
    fn options() {
        let json = Options {
            only: Some("decide/".to_owned()),
            format: Format::Json,
            quick: true,
        };
        check("", Ok(Some(Options::default())));
        check("--quick --only decide/ --format json", Ok(Some(json)));
        check("--quick --help", Ok(None));
        check("--only", Err("`--only` expects a value"));
        check("--fast", Err("unknown option `--fast`"));
        check("decide", Err("unknown option `decide`"));
        check(
            "--format xml",
            Err("`xml` is no format; expected `text` or `json`"),
        );
    }
}
