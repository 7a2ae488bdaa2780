//! Statements: section "Statements" of the specification.
//!
//! A part of SQL that fits on a page, read without a parser for SQL: what is not in it is unknown
//! here, and random calls hold no other statement that is understood. Of functions it knows those
//! few that random calls name.

use callgate_policy::document::sql::{SqlDialect, SqlKind, SqlPin, SqlSpec, SqlTable};
use callgate_policy::document::{Fact, Scalar};
use callgate_types::JsonKind;

use crate::truth::Value;

const PURE: &[&str] = &["count", "lower", "max"];
const IMPURE: &[&str] = &["pg_sleep", "load_file", "nextval"];

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Integer(String),
    Text(String),
    Sign(char),
}

/// A statement, as far as anything is asked of it.
#[derive(Default)]
struct Statement {
    tables: Vec<(Option<String>, String)>,
    functions: Vec<String>,
    /// What `AND` joins: a column, and the literals one of which it has; whether written with `IN`.
    conjuncts: Vec<(String, Vec<Token>, bool)>,
    /// The columns that an `UPDATE` sets or an `INSERT` lists.
    columns: Vec<String>,
    rows: Vec<Vec<Token>>,
}

pub(super) fn admits<'v>(spec: &SqlSpec, text: &str, find: &dyn Fn(&Fact) -> Value<'v>) -> Option<bool> {
    let mut rest = Rest(tokens(text)?.into_iter().rev().collect());
    let (kind, statement) = rest.statement()?;
    while rest.sign(';') {}
    if !rest.0.is_empty() {
        return None;
    }
    let Some(kind) = kind else { return Some(false) };
    let column = |written: &str, name: &str| match spec.dialect {
        SqlDialect::Postgres => written.to_ascii_lowercase() == name,
        _ => written.eq_ignore_ascii_case(name),
    };
    let pure = |name: &String| {
        let name = name.to_ascii_lowercase();
        assert!([PURE, IMPURE].concat().contains(&&*name), "a function that the reference does not know: {name}");
        PURE.contains(&&*name)
    };
    let plain = (!spec.plain && spec.require.is_empty()) || statement.tables.len() == 1;
    let listed = statement.tables.iter().all(|(schema, name)| is_listed(spec, schema.as_deref(), name));
    if !(spec.statements.contains(&kind) && plain && listed && statement.functions.iter().all(pure)) {
        return Some(false);
    }
    let needed = spec.require.iter().filter(|one| one.on.as_ref().is_none_or(|kinds| kinds.contains(&kind)));
    every(needed.map(|required| {
        let has = |token: &Token| pinned(&required.pin, token, find);
        let place = statement.columns.iter().position(|one| column(one, &required.column));
        let several = matches!(required.pin, SqlPin::OneOf(_) | SqlPin::Integers);
        let meets = |(name, values, listed): &(String, Vec<Token>, bool)| {
            let is_here = column(name, &required.column) && (several || !listed);
            if is_here { every(values.iter().map(has)) } else { Some(false) }
        };
        match (kind, place) {
            (SqlKind::Insert, None) => Some(false),
            (SqlKind::Insert, Some(place)) => every(statement.rows.iter().map(|row| has(&row[place]))),
            (SqlKind::Update, Some(_)) if !matches!(required.pin, SqlPin::Integers) => Some(false),
            _ => some(statement.conjuncts.iter().map(meets)),
        }
    }))
}

/// Kleene's *all*, where `None` is unknown.
fn every(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let answers: Vec<_> = answers.collect();
    [Some(false), None].into_iter().find(|one| answers.contains(one)).unwrap_or(Some(true))
}

/// Kleene's *any*.
fn some(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    every(answers.map(|answer| answer.map(|yes| !yes))).map(|none| !none)
}

fn is_listed(spec: &SqlSpec, schema: Option<&str>, name: &str) -> bool {
    let same = |written: &str, stored: &str| match spec.dialect {
        SqlDialect::Postgres => written.to_ascii_lowercase() == stored,
        SqlDialect::Sqlite => written.eq_ignore_ascii_case(stored),
        _ => written == stored,
    };
    let in_schemas = |schema: &str| spec.schemas.as_ref().map(|all| all.iter().any(|one| same(schema, one)));
    let is_table = |table: &SqlTable| {
        let in_schema = match (schema, &table.schema) {
            (None, None) => true,
            (Some(schema), Some(stored)) => same(schema, stored),
            (Some(schema), None) => in_schemas(schema) == Some(true),
            (None, Some(_)) => false,
        };
        in_schema && same(name, &table.name)
    };
    match &spec.tables {
        Some(tables) => tables.iter().any(is_table),
        None => schema.is_none_or(|schema| in_schemas(schema) != Some(false)),
    }
}

fn pinned<'v>(pin: &SqlPin, literal: &Token, find: &dyn Fn(&Fact) -> Value<'v>) -> Option<bool> {
    let is = |scalar: &Scalar| match (scalar, literal) {
        (Scalar::Text(text), Token::Text(literal)) => **text == **literal,
        (Scalar::Number(number), Token::Integer(digits)) => number.to_string() == *digits,
        _ => false,
    };
    match pin {
        SqlPin::Integers => Some(matches!(literal, Token::Integer(_))),
        SqlPin::Value(value) => Some(is(value)),
        SqlPin::OneOf(values) => Some(values.iter().any(is)),
        SqlPin::Fact(fact) => match (find(fact), literal) {
            (Value::Absent, _) => Some(false),
            (Value::Unknown, _) => None,
            (Value::Json(json), _) if ![JsonKind::Text, JsonKind::Number].contains(&json.kind()) => None,
            (value, Token::Text(literal)) => Some(value.text() == Some(literal)),
            (value, Token::Integer(digits)) => {
                let exact = value
                    .number()
                    .map(|number| callgate_types::Decimal::from(digits.parse::<i64>().unwrap()) == number.into());
                Some(exact == Some(true))
            }
            _ => Some(false),
        },
        other => panic!("a predicate that the reference does not know: {other:?}"),
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut rest: Vec<char> = text.chars().rev().collect();
    let run = |mut run: String, rest: &mut Vec<char>, more: fn(&char) -> bool| {
        run.extend(std::iter::from_fn(|| rest.pop_if(|c| more(c))));
        run
    };
    let mut tokens = Vec::new();
    while let Some(c) = rest.pop() {
        tokens.push(match c {
            ' ' | '\n' => continue,
            '\'' => {
                let text = run(String::new(), &mut rest, |c| !"'\\".contains(*c));
                rest.pop_if(|c| *c == '\'')?;
                Token::Text(text)
            }
            '0'..='9' => Token::Integer(run(c.into(), &mut rest, char::is_ascii_digit)),
            'a'..='z' | 'A'..='Z' => Token::Word(run(c.into(), &mut rest, |c| c.is_ascii_alphanumeric() || *c == '_')),
            ',' | '(' | ')' | '*' | '=' | '.' | ';' => Token::Sign(c),
            _ => return None,
        });
    }
    Some(tokens)
}

/// The tokens that are left, the next one last.
struct Rest(Vec<Token>);

impl Rest {
    /// A statement and its kind; none of the kinds that a policy can list: `None` within.
    fn statement(&mut self) -> Option<(Option<SqlKind>, Statement)> {
        let mut read = Statement::default();
        let kind = if self.keyword("select") {
            self.list(|rest| rest.item(&mut read))?;
            self.keyword("from").then_some(())?;
            self.list(|rest| rest.table(&mut read))?;
            SqlKind::Select
        } else if self.keyword("delete") {
            self.keyword("from").then_some(())?;
            self.table(&mut read)?;
            SqlKind::Delete
        } else if self.keyword("update") {
            self.table(&mut read)?;
            self.keyword("set").then_some(())?;
            self.list(|rest| {
                read.columns.push(rest.name()?);
                rest.sign('=').then_some(())?;
                rest.literal().map(drop)
            })?;
            SqlKind::Update
        } else if self.keyword("insert") && self.keyword("into") {
            self.table(&mut read)?;
            read.columns = self.within(Self::name)?;
            self.keyword("values").then_some(())?;
            read.rows = self.list(|rest| rest.within(Self::literal))?;
            return Some((Some(SqlKind::Insert), read));
        } else if (self.keyword("drop") && self.keyword("table")) || self.keyword("truncate") {
            self.table(&mut read)?;
            return Some((None, read));
        } else {
            return None;
        };
        if self.keyword("where") {
            loop {
                let conjunct = self.conjunct()?;
                read.conjuncts.push(conjunct);
                if !self.keyword("and") {
                    break;
                }
            }
        }
        Some((Some(kind), read))
    }

    fn conjunct(&mut self) -> Option<(String, Vec<Token>, bool)> {
        let column = self.name()?;
        if self.keyword("in") {
            return Some((column, self.within(Self::literal)?, true));
        }
        self.sign('=').then_some(())?;
        Some((column, vec![self.literal()?], false))
    }

    /// One of what a `SELECT` selects: all, a column, or a function of one.
    fn item(&mut self, read: &mut Statement) -> Option<()> {
        if self.sign('*') {
            return Some(());
        }
        let name = self.name()?;
        if self.sign('(') {
            read.functions.push(name);
            let argument = self.sign('*') || self.name().is_some() || self.literal().is_some();
            (argument && self.sign(')')).then_some(())?;
        }
        Some(())
    }

    fn table(&mut self, read: &mut Statement) -> Option<()> {
        let name = self.name()?;
        let table = if self.sign('.') { (Some(name), self.name()?) } else { (None, name) };
        read.tables.push(table);
        Some(())
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.sign(',') {
            all.push(one(self)?);
        }
        Some(all)
    }

    fn within<T>(&mut self, one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.sign('(').then_some(())?;
        let all = self.list(one)?;
        self.sign(')').then_some(all)
    }

    fn keyword(&mut self, word: &str) -> bool {
        self.0.pop_if(|token| matches!(token, Token::Word(found) if found.eq_ignore_ascii_case(word))).is_some()
    }

    fn sign(&mut self, sign: char) -> bool {
        self.0.pop_if(|token| *token == Token::Sign(sign)).is_some()
    }

    fn name(&mut self) -> Option<String> {
        match self.0.pop_if(|token| matches!(token, Token::Word(_)))? {
            Token::Word(name) => Some(name),
            _ => None,
        }
    }

    fn literal(&mut self) -> Option<Token> {
        self.0.pop_if(|token| matches!(token, Token::Integer(_) | Token::Text(_)))
    }
}
