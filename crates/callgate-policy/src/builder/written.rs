//! The document as it will be written.

use serde_json::Value;

/// More levels than the reader takes: what is deeper is cut off here, and refused when it is read.
const MAX_DEPTH: usize = 100;
/// So many levels remain of what is cut off, still more than the reader takes.
const CUT_DEPTH: usize = 80;

/// A value of the document.
#[derive(Clone, Debug)]
pub(super) enum Written {
    /// What holds no other value.
    Plain(Value),
    List(Vec<Written>),
    Table(Table),
}

/// A table of the document, in the order in which it was built.
///
/// A key that was put in twice is written twice, for the reader to refuse: none is overwritten.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(pub(super) Vec<(String, Written)>);

impl Table {
    pub(super) fn of(key: impl Into<String>, value: impl Into<Written>) -> Self {
        let mut table = Self::default();
        table.put(key, value);
        table
    }

    pub(super) fn put(&mut self, key: impl Into<String>, value: impl Into<Written>) {
        self.0.push((key.into(), value.into()));
    }

    /// Adds `value` to the list `key`, which begins where there is none.
    pub(super) fn append(&mut self, key: &str, value: impl Into<Written>) {
        let value = value.into();
        for (known, list) in &mut self.0 {
            if let Written::List(items) = list
                && known == key
            {
                items.push(value);
                return;
            }
        }
        self.put(key, Written::List(vec![value]));
    }

    /// The table with one more key.
    pub(super) fn with(mut self, key: impl Into<String>, value: impl Into<Written>) -> Self {
        self.put(key, value);
        self
    }
}

impl Written {
    /// The value inside another of its own kind, such as a condition in a condition. Bounds how
    /// deep what is written can be, and with it whatever walks through it.
    pub(super) fn inside(self) -> Self {
        if self.depth() < MAX_DEPTH {
            return self;
        }
        let nothing = Self::Plain(Value::Null);
        (0..CUT_DEPTH).fold(nothing, |inner, _| Self::List(vec![inner]))
    }

    fn depth(&self) -> usize {
        let below = match self {
            Self::Plain(_) => return 0,
            Self::List(items) => items.iter().map(Self::depth).max(),
            Self::Table(Table(members)) => members.iter().map(|(_, value)| value.depth()).max(),
        };
        below.unwrap_or_default().saturating_add(1)
    }

    /// Recurses `levels` deep at most.
    fn of_value(value: Value, levels: usize) -> Self {
        let Some(levels) = levels.checked_sub(1) else {
            return Self::Plain(Value::Null);
        };
        match value {
            Value::Array(items) => {
                let items = items.into_iter();
                Self::List(items.map(|item| Self::of_value(item, levels)).collect())
            }
            Value::Object(members) => {
                let members = members.into_iter();
                let member = |(key, value)| (key, Self::of_value(value, levels));
                Self::Table(Table(members.map(member).collect()))
            }
            plain => Self::Plain(plain),
        }
    }
}

impl From<Value> for Written {
    fn from(value: Value) -> Self {
        Self::of_value(value, MAX_DEPTH)
    }
}

impl From<Table> for Written {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl From<String> for Written {
    fn from(text: String) -> Self {
        Self::Plain(text.into())
    }
}

impl From<&str> for Written {
    fn from(text: &str) -> Self {
        Self::Plain(text.into())
    }
}

impl From<bool> for Written {
    fn from(value: bool) -> Self {
        Self::Plain(value.into())
    }
}

impl From<u64> for Written {
    fn from(count: u64) -> Self {
        Self::Plain(count.into())
    }
}

/// A list of names.
pub(super) fn names(names: impl IntoIterator<Item = impl Into<String>>) -> Written {
    let names = names.into_iter();
    Written::List(names.map(|name| name.into().into()).collect())
}
