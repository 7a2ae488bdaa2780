//! What stands in `FROM`: tables, sub-queries, functions and joins.

use sqlparser::ast::{JoinConstraint, JoinOperator, TableAlias, TableFactor, TableWithJoins};

use super::names::Part;
use super::walk::{Piece, Scope, Walk};
use super::{Breach, Checked, SqlDialect, allowed, understood};

impl<'a> Walk<'_, 'a> {
    pub(super) fn from(&mut self, from: &'a TableWithJoins, scope: Scope) -> Checked {
        self.factor(&from.relation, scope)?;
        for join in &from.joins {
            understood(!join.global)?;
            self.join(&join.join_operator, scope)?;
            self.factor(&join.relation, scope)?;
        }
        Ok(())
    }

    fn join(&mut self, operator: &'a JoinOperator, scope: Scope) -> Checked {
        allowed(!self.spec.is_plain())?;
        let (JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::StraightJoin(constraint)) = operator
        else {
            return Err(Breach::Unclear);
        };
        // Only the others join without saying by what, and cross by saying it.
        let crosses = matches!(operator, JoinOperator::CrossJoin(_));
        let says_by_what = !matches!(constraint, JoinConstraint::None);
        understood(self.dialect() != SqlDialect::Postgres || crosses != says_by_what)?;
        if let JoinConstraint::On(expr) = constraint {
            self.later(Piece::Expr(expr), scope);
        }
        Ok(())
    }

    fn factor(&mut self, factor: &'a TableFactor, scope: Scope) -> Checked {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality: _,
                partitions: _,
                json_path,
                sample,
                index_hints: _,
            } => {
                understood(with_hints.is_empty() && version.is_none())?;
                understood(json_path.is_none() && sample.is_none())?;
                self.alias(alias.as_ref())?;
                match args {
                    None => self.table(name, scope),
                    Some(args) => {
                        understood(args.settings.is_none())?;
                        self.function_name(name)?;
                        self.arguments(&args.args, scope)
                    }
                }
            }
            TableFactor::Derived {
                lateral: _,
                subquery,
                alias,
                sample,
            } => {
                understood(sample.is_none())?;
                self.alias(alias.as_ref())?;
                self.sub_query(subquery, scope)
            }
            TableFactor::Function {
                lateral: _,
                name,
                args,
                with_ordinality: _,
                alias,
            } => {
                self.alias(alias.as_ref())?;
                self.function_name(name)?;
                self.arguments(args, scope)
            }
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset,
                with_offset_alias: _,
                with_ordinality: _,
            } => {
                understood(!with_offset)?;
                self.alias(alias.as_ref())?;
                self.special("unnest")?;
                self.exprs(array_exprs, scope);
                Ok(())
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias,
            } => {
                self.alias(alias.as_ref())?;
                self.later(Piece::From(table_with_joins), scope);
                Ok(())
            }
            _ => Err(Breach::Unclear),
        }
    }

    fn alias(&self, alias: Option<&'a TableAlias>) -> Checked {
        let Some(alias) = alias else {
            return Ok(());
        };
        understood(alias.at.is_none())?;
        Part::of(&alias.name, self.dialect())?;
        let types = alias
            .columns
            .iter()
            .filter_map(|column| column.data_type.as_ref());
        for data_type in types {
            self.data_type(data_type)?;
        }
        Ok(())
    }
}
