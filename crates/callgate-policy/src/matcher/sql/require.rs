//! Predicates that a statement must have.
//!
//! Only what is written as a whole conjunct of `WHERE` counts, in the one form that leaves no
//! doubt: a column and a literal. Whoever writes it in another way is refused.

use sqlparser::ast::{BinaryOperator, Expr, Ident, ObjectName, UnaryOperator, Value};

use super::names::{Name, Part, same_column, same_parts};
use super::walk::Walk;
use super::{Breach, Checked, SqlDialect, SqlKind, SqlPin, SqlRequired, allowed};
use crate::document::Scalar;
use callgate_types::{Decimal, Number};

/// The value of a fact that a predicate is compared with.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Known<'a> {
    /// A text.
    Text(&'a str),
    /// A number.
    Number(Number<'a>),
    /// Known to be absent: nothing equals it.
    Absent,
    /// Nobody knows, or it is neither text nor number.
    Unknown,
}

/// The one table of a plain statement, by its names.
#[derive(Debug)]
pub(super) struct Target<'a> {
    table: Part<'a>,
    alias: Option<Part<'a>>,
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn named(
        &self,
        parts: &[Part<'a>],
        alias: Option<&'a Ident>,
    ) -> Result<Target<'a>, Breach> {
        let alias = alias.map(|alias| Part::of(alias, self.dialect()));
        Ok(Target {
            table: *parts.last().ok_or(Breach::Unclear)?,
            alias: alias.transpose()?,
        })
    }

    /// Whether `WHERE` has every predicate that statements of this `kind` need.
    pub(super) fn require(
        &self,
        kind: SqlKind,
        target: &Target<'a>,
        selection: Option<&'a Expr>,
    ) -> Checked {
        for (required, fact) in self.required(kind) {
            let mut rest: Vec<&Expr> = selection.into_iter().collect();
            let mut found = Err(Breach::Refused);
            while let Some(expr) = rest.pop() {
                match expr {
                    Expr::Nested(inner) => rest.push(inner),
                    Expr::BinaryOp {
                        left,
                        op: BinaryOperator::And,
                        right,
                    } => rest.extend([&**left, &**right]),
                    conjunct => match self.conjunct(conjunct, target, required, fact) {
                        Err(Breach::Refused) => {}
                        judged => found = judged,
                    },
                }
                if found == Ok(()) {
                    break;
                }
            }
            found?;
        }
        Ok(())
    }

    /// Whether every row of an `INSERT` has the values that it needs.
    pub(super) fn require_rows<'r>(
        &self,
        columns: &'a [ObjectName],
        rows: &(impl Iterator<Item = &'r [Expr]> + Clone),
    ) -> Checked
    where
        'a: 'r,
    {
        for (required, fact) in self.required(SqlKind::Insert) {
            let mut places = columns.iter().enumerate().filter(|(_, column)| {
                Name::of(column, self.dialect()).is_ok_and(|name| {
                    matches!(name.parts(), [part]
                        if same_column(self.dialect(), part, &required.column))
                })
            });
            let (Some((place, _)), None) = (places.next(), places.next()) else {
                return Err(Breach::Refused);
            };
            for row in rows.clone() {
                let value = row.get(place).ok_or(Breach::Refused)?;
                self.literal(value, &required.pin, fact)?;
            }
        }
        Ok(())
    }

    /// Whether an `UPDATE` leaves the columns alone that say whose row it is.
    pub(super) fn may_set(&self, column: &'a ObjectName) -> Checked {
        let name = Name::of(column, self.dialect())?;
        let part = name.parts().last().ok_or(Breach::Unclear)?;
        let fixed = self.required(SqlKind::Update).any(|(required, _)| {
            !matches!(required.pin, SqlPin::Integers)
                && same_column(self.dialect(), part, &required.column)
        });
        allowed(!fixed)
    }

    /// What statements of this `kind` need, each with the value of its fact.
    fn required(&self, kind: SqlKind) -> impl Iterator<Item = (&SqlRequired, Known<'_>)> {
        let mut facts = self.facts.iter().copied();
        let all = self.spec.require.iter().map(move |required| {
            let known = match required.pin {
                SqlPin::Fact(_) => facts.next().unwrap_or(Known::Unknown),
                _ => Known::Unknown,
            };
            (required, known)
        });
        all.filter(move |(required, _)| {
            let on = required.on.as_ref();
            on.is_none_or(|kinds| kinds.contains(&kind))
        })
    }

    fn conjunct(
        &self,
        conjunct: &Expr,
        target: &Target<'_>,
        required: &SqlRequired,
        fact: Known<'_>,
    ) -> Checked {
        match conjunct {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Eq,
                right,
            } => {
                let value = if self.is_column(left, target, &required.column) {
                    right
                } else if self.is_column(right, target, &required.column) {
                    left
                } else {
                    return Err(Breach::Refused);
                };
                self.literal(value, &required.pin, fact)
            }
            Expr::InList {
                expr,
                list,
                negated: false,
            } => {
                let several = matches!(required.pin, SqlPin::OneOf(_) | SqlPin::Integers);
                allowed(several && !list.is_empty())?;
                allowed(self.is_column(expr, target, &required.column))?;
                list.iter()
                    .try_for_each(|value| self.literal(value, &required.pin, fact))
            }
            _ => Err(Breach::Refused),
        }
    }

    fn is_column(&self, expr: &Expr, target: &Target<'_>, column: &str) -> bool {
        let dialect = self.dialect();
        let is =
            |ident| Part::of(ident, dialect).is_ok_and(|part| same_column(dialect, &part, column));
        match expr {
            Expr::Identifier(ident) => is(ident),
            Expr::CompoundIdentifier(path) => match &**path {
                [table, ident] => {
                    let shown = target.alias.as_ref().unwrap_or(&target.table);
                    is(ident)
                        && Part::of(table, dialect)
                            .is_ok_and(|table| same_parts(dialect, &table, shown))
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn literal(&self, expr: &Expr, pin: &SqlPin, fact: Known<'_>) -> Checked {
        let literal = Literal::of(expr, self.dialect()).ok_or(Breach::Refused)?;
        match (pin, fact) {
            (SqlPin::Integers, _) => allowed(matches!(literal, Literal::Integer { .. })),
            (SqlPin::Value(value), _) => allowed(literal.is(value)),
            (SqlPin::OneOf(values), _) => allowed(values.iter().any(|value| literal.is(value))),
            (SqlPin::Fact(_), Known::Text(text)) => allowed(literal == Literal::Text(text)),
            (SqlPin::Fact(_), Known::Number(number)) => allowed(literal.is_number(number)),
            (SqlPin::Fact(_), Known::Absent) => Err(Breach::Refused),
            (SqlPin::Fact(_), Known::Unknown) => {
                // What is refused for another reason is refused, whatever the fact is.
                self.unknown_fact.set(true);
                Ok(())
            }
        }
    }
}

/// A literal that every database reads in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Literal<'a> {
    Text(&'a str),
    Integer { negative: bool, digits: &'a str },
}

impl<'a> Literal<'a> {
    fn of(expr: &'a Expr, dialect: SqlDialect) -> Option<Self> {
        let (negative, expr) = match expr {
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr,
            } => (true, &**expr),
            expr => (false, expr),
        };
        let Expr::Value(value) = expr else {
            return None;
        };
        match &value.value {
            Value::Number(digits, false) => {
                let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                // Beyond that, a database may read a number that is not exact.
                (plain && digits.len() <= 19).then_some(Self::Integer { negative, digits })
            }
            Value::SingleQuotedString(text) if !negative => {
                // With an escape in it, the text is not what is written.
                let plain =
                    !text.contains('\'') && (dialect != SqlDialect::MySql || !text.contains('\\'));
                plain.then_some(Self::Text(text))
            }
            _ => None,
        }
    }

    fn is(self, value: &Scalar) -> bool {
        match value {
            Scalar::Text(text) => matches!(self, Self::Text(written) if *written == **text),
            Scalar::Number(number) => self.is_number(number.as_number()),
            Scalar::Boolean(_) => false,
        }
    }

    fn is_number(self, number: Number<'_>) -> bool {
        let Self::Integer { negative, digits } = self else {
            return false;
        };
        digits.parse::<i64>().is_ok_and(|digits| {
            let value = if negative {
                digits.saturating_neg()
            } else {
                digits
            };
            Decimal::from(value).compare(number).is_eq()
        })
    }
}
