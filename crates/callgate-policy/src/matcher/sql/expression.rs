//! Expressions.

use sqlparser::ast::{AccessExpr, BinaryOperator, CaseWhen, CastKind, Expr, Ident, Subscript};

use super::names::Part;
use super::walk::{Piece, Scope, Walk};
use super::{Breach, Checked, SqlDialect, understood};

/// Names that call a function without parentheses in `PostgreSQL`.
const CALLED_IN_POSTGRES: &[&str] = &[
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "system_user",
    "user",
];

/// Names that call a function without parentheses in `MySQL`.
const CALLED_IN_MYSQL: &[&str] = &[
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];

impl<'a> Walk<'_, 'a> {
    pub(super) fn expr(&mut self, expr: &'a Expr, scope: Scope) -> Checked {
        match expr {
            Expr::Identifier(ident) => self.identifier(ident),
            Expr::CompoundIdentifier(path) => {
                let first = path.first().ok_or(Breach::Unclear)?;
                Part::of(first, self.dialect()).map(drop)
            }
            Expr::Value(_)
            | Expr::Wildcard(_)
            | Expr::QualifiedWildcard(..)
            | Expr::MatchAgainst { .. } => Ok(()),
            Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner)
            | Expr::Nested(inner)
            | Expr::IsJson { expr: inner, .. }
            | Expr::IsNormalized { expr: inner, .. }
            | Expr::Collate { expr: inner, .. }
            | Expr::Prefixed { value: inner, .. }
            | Expr::UnaryOp { expr: inner, .. } => self.each([&**inner], scope),
            Expr::IsDistinctFrom(one, other) | Expr::IsNotDistinctFrom(one, other) => {
                self.each([&**one, &**other], scope)
            }
            Expr::BinaryOp { left, op, right } => {
                self.operator(op)?;
                self.each([&**left, &**right], scope)
            }
            Expr::AnyOp {
                left,
                compare_op,
                right,
                is_some: _,
            }
            | Expr::AllOp {
                left,
                compare_op,
                right,
            } => {
                self.operator(compare_op)?;
                self.each([&**left, &**right], scope)
            }
            _ => self.several(expr, scope),
        }
    }

    /// Expressions of more than two parts.
    fn several(&mut self, expr: &'a Expr, scope: Scope) -> Checked {
        match expr {
            Expr::InList { expr, list, .. } => {
                self.exprs(list, scope);
                self.each([&**expr], scope)
            }
            Expr::InSubquery { expr, subquery, .. } => {
                self.sub_query(subquery, scope)?;
                self.each([&**expr], scope)
            }
            Expr::Between {
                expr, low, high, ..
            } => self.each([&**expr, &**low, &**high], scope),
            Expr::Like {
                any,
                expr,
                pattern,
                escape_char,
                negated: _,
            }
            | Expr::ILike {
                any,
                expr,
                pattern,
                escape_char,
                negated: _,
            } => {
                understood(!any)?;
                self.exprs(escape_char.as_deref(), scope);
                self.each([&**expr, &**pattern], scope)
            }
            Expr::SimilarTo {
                expr,
                pattern,
                escape_char,
                negated: _,
            } => {
                self.exprs(escape_char.as_deref(), scope);
                self.each([&**expr, &**pattern], scope)
            }
            Expr::RLike { expr, pattern, .. } => self.each([&**expr, &**pattern], scope),
            Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => {
                for CaseWhen { condition, result } in conditions {
                    self.exprs([condition, result], scope);
                }
                self.exprs(operand.as_deref(), scope);
                self.exprs(else_result.as_deref(), scope);
                Ok(())
            }
            Expr::Exists { subquery, .. } | Expr::Subquery(subquery) => {
                self.sub_query(subquery, scope)
            }
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                self.exprs(sets.iter().flatten(), scope);
                Ok(())
            }
            Expr::Tuple(list) => {
                self.exprs(list, scope);
                Ok(())
            }
            Expr::Array(array) => {
                self.exprs(&array.elem, scope);
                Ok(())
            }
            Expr::Interval(interval) => self.each([&*interval.value], scope),
            Expr::MemberOf(member) => self.each([&*member.value, &*member.array], scope),
            Expr::CompoundFieldAccess { root, access_chain } => {
                // A literal has no fields: what follows it is no SQL.
                let has_fields = !matches!(**root, Expr::Value(_));
                understood(has_fields && self.dialect() == SqlDialect::Postgres)?;
                self.later(Piece::Expr(root), scope);
                self.access(access_chain, scope)
            }
            Expr::Cast {
                kind,
                expr,
                data_type,
                format,
            } => {
                understood(matches!(kind, CastKind::Cast | CastKind::DoubleColon))?;
                understood(format.is_none())?;
                self.data_type(data_type)?;
                self.each([&**expr], scope)
            }
            Expr::TypedString(typed) => {
                understood(!typed.uses_odbc_syntax)?;
                self.data_type(&typed.data_type)
            }
            Expr::Function(function) => self.function(function, scope),
            _ => self.special_function(expr, scope),
        }
    }

    fn access(&mut self, chain: &'a [AccessExpr], scope: Scope) -> Checked {
        for access in chain {
            match access {
                AccessExpr::Dot(Expr::Identifier(_) | Expr::Wildcard(_)) => {}
                AccessExpr::Dot(_) => return Err(Breach::Unclear),
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    self.later(Piece::Expr(index), scope);
                }
                AccessExpr::Subscript(Subscript::Slice {
                    lower_bound,
                    upper_bound,
                    stride,
                }) => {
                    understood(stride.is_none())?;
                    self.exprs(lower_bound, scope);
                    self.exprs(upper_bound, scope);
                }
            }
        }
        Ok(())
    }

    fn identifier(&self, ident: &'a Ident) -> Checked {
        let called: &[&str] = match self.dialect() {
            _ if ident.quote_style.is_some() => &[],
            SqlDialect::Postgres => CALLED_IN_POSTGRES,
            SqlDialect::MySql => CALLED_IN_MYSQL,
            SqlDialect::Sqlite => &[],
        };
        let called = called
            .iter()
            .find(|name| name.eq_ignore_ascii_case(&ident.value));
        match called {
            Some(name) => self.special(name),
            None if self.dialect() == SqlDialect::MySql && ident.quote_style == Some('"') => Ok(()),
            None => Part::of(ident, self.dialect()).map(drop),
        }
    }

    fn operator(&mut self, operator: &BinaryOperator) -> Checked {
        match operator {
            BinaryOperator::Assignment => Err(Breach::Refused),
            BinaryOperator::Custom(_) => Err(Breach::Unclear),
            BinaryOperator::PGCustomBinaryOperator(name) => {
                // An operator of another schema is another operator.
                understood(matches!(&**name, [schema, _] if schema == "pg_catalog"))
            }
            BinaryOperator::StringConcat | BinaryOperator::PGOverlap | BinaryOperator::Xor => {
                // `||` may be `OR`, `&&` is `AND`, and `XOR` binds less than `AND`.
                self.ambiguous |= self.dialect() == SqlDialect::MySql;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "it ends the arms of matches that may refuse"
    )]
    pub(super) fn each<const N: usize>(&mut self, exprs: [&'a Expr; N], scope: Scope) -> Checked {
        self.exprs(exprs, scope);
        Ok(())
    }
}
