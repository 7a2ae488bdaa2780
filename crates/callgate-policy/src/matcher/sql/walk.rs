//! One walk over the tree of a statement, without recursion.
//!
//! What is left to look at stands on a list, each piece with the scope it is read in. A scope is
//! the names that `WITH` has brought in: a chain from the innermost outwards.

use std::cell::Cell;

use sqlparser::ast::{
    DescribeAlias, Expr, ObjectName, Query, SetExpr, Statement, TableWithJoins, UtilityOption,
};

use super::commands::names_table;
use super::names::{Name, Part, same_parts};
use super::{Breach, Checked, Known, SqlDialect, SqlKind, SqlSpec, allowed, understood};

/// Names that `WITH` has brought in; the index of the innermost, `None` for none.
pub(super) type Scope = Option<usize>;

/// A piece of the tree that is still to be looked at.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Expr(&'a Expr),
    Query(&'a Query),
    Body(&'a SetExpr),
    From(&'a TableWithJoins),
}

#[derive(Debug)]
pub(super) struct Walk<'w, 'a> {
    pub(super) spec: &'w SqlSpec,
    pub(super) facts: &'w [Known<'w>],
    pieces: Vec<(Piece<'a>, Scope)>,
    names: Vec<(Part<'a>, Scope)>,
    /// An operator was seen that `MySQL` binds otherwise than the parser.
    pub(super) ambiguous: bool,
    /// A predicate would have to be compared with a fact that nobody knows.
    pub(super) unknown_fact: Cell<bool>,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) const fn new(spec: &'w SqlSpec, facts: &'w [Known<'w>]) -> Self {
        Self {
            spec,
            facts,
            pieces: Vec::new(),
            names: Vec::new(),
            ambiguous: false,
            unknown_fact: Cell::new(false),
        }
    }

    pub(super) const fn dialect(&self) -> SqlDialect {
        self.spec.dialect
    }

    /// Looks at the whole statement.
    pub(super) fn statement(mut self, statement: &'a Statement) -> Checked {
        let statement = match statement {
            Statement::Explain {
                describe_alias,
                analyze: _,
                verbose: _,
                query_plan,
                estimate,
                statement,
                format: _,
                options,
            } => {
                self.explain(*describe_alias, *query_plan, *estimate)?;
                understood(options.iter().flatten().all(is_plain_option))?;
                statement
            }
            statement => statement,
        };
        match statement {
            Statement::Query(query) => {
                self.kind(SqlKind::Select)?;
                self.top_query(query)?;
            }
            Statement::Insert(insert) => {
                self.kind(SqlKind::Insert)?;
                self.insert(insert)?;
            }
            Statement::Update(update) => {
                self.kind(SqlKind::Update)?;
                self.update(update)?;
            }
            Statement::Delete(delete) => {
                self.kind(SqlKind::Delete)?;
                self.delete(delete)?;
            }
            _ => return Err(Breach::Refused),
        }
        self.run()?;
        understood(!self.unknown_fact.get())?;
        understood(!self.ambiguous || self.spec.require.is_empty())
    }

    pub(super) fn kind(&self, kind: SqlKind) -> Checked {
        allowed(self.spec.allows(kind))
    }

    /// Puts a piece on the list.
    pub(super) fn later(&mut self, piece: Piece<'a>, scope: Scope) {
        self.pieces.push((piece, scope));
    }

    pub(super) fn exprs(&mut self, exprs: impl IntoIterator<Item = &'a Expr>, scope: Scope) {
        let pieces = exprs.into_iter().map(|expr| (Piece::Expr(expr), scope));
        self.pieces.extend(pieces);
    }

    /// A query inside of an expression or of `FROM`.
    pub(super) fn sub_query(&mut self, query: &'a Query, scope: Scope) -> Checked {
        allowed(!self.spec.is_plain())?;
        self.later(Piece::Query(query), scope);
        Ok(())
    }

    /// A scope with one more name.
    pub(super) fn scope_with(&mut self, name: Part<'a>, outer: Scope) -> Scope {
        self.names.push((name, outer));
        self.names.len().checked_sub(1)
    }

    /// Whether the policy allows the table `name`, or `WITH` has brought it in.
    pub(super) fn table(&self, name: &'a ObjectName, scope: Scope) -> Checked {
        let name = Name::of(name, self.dialect())?;
        match name.parts() {
            [table] => allowed(self.is_in(table, scope) || names_table(self.spec, None, table)),
            [schema, table] => allowed(names_table(self.spec, Some(schema), table)),
            // With the name of a database in front.
            _ => allowed(self.spec.tables.is_none() && self.spec.schemas.is_none()),
        }
    }

    /// Whether the policy allows a function of a syntax of its own.
    pub(super) fn special(&self, function: &str) -> Checked {
        allowed(self.spec.functions.allow_special(function))
    }

    fn run(&mut self) -> Checked {
        while let Some((piece, scope)) = self.pieces.pop() {
            match piece {
                Piece::Expr(expr) => self.expr(expr, scope)?,
                Piece::Query(query) => self.query(query, scope)?,
                Piece::Body(body) => self.body(body, scope)?,
                Piece::From(from) => self.from(from, scope)?,
            }
        }
        Ok(())
    }

    fn is_in(&self, name: &Part<'_>, mut scope: Scope) -> bool {
        while let Some((known, outer)) = scope.and_then(|at| self.names.get(at)) {
            if same_parts(self.dialect(), known, name) {
                return true;
            }
            scope = *outer;
        }
        false
    }

    fn explain(&self, alias: DescribeAlias, query_plan: bool, estimate: bool) -> Checked {
        let known = matches!(alias, DescribeAlias::Explain) || self.dialect() == SqlDialect::MySql;
        understood(known && !estimate)?;
        understood(!query_plan || self.dialect() == SqlDialect::Sqlite)?;
        self.kind(SqlKind::Explain)
    }
}

/// An option of `EXPLAIN` with a word or a literal.
fn is_plain_option(option: &UtilityOption) -> bool {
    match &option.arg {
        None => true,
        Some(arg) => matches!(arg, Expr::Identifier(_) | Expr::Value(_)),
    }
}
