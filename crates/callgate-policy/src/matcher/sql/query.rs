//! Queries: `SELECT` and its clauses, `WITH`, set operations, `VALUES`, and what stands in `FROM`.

use sqlparser::ast::{
    Cte, Distinct, Fetch, GroupByExpr, GroupByWithModifier, Ident, LimitClause,
    NamedWindowDefinition, NamedWindowExpr, Offset, OrderBy, OrderByExpr, OrderByKind, Query,
    Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor,
    TableWithJoins, Values, WildcardAdditionalOptions, With,
};

use super::names::{Name, Part};
use super::require::Target;
use super::walk::{Piece, Scope, Walk};
use super::{Breach, Checked, SqlDialect, SqlKind, allowed, understood};

impl<'a> Walk<'_, 'a> {
    /// The query that is the whole statement.
    pub(super) fn top_query(&mut self, query: &'a Query) -> Checked {
        if self.spec.is_plain() {
            allowed(query.with.is_none())?;
            let SetExpr::Select(select) = &*query.body else {
                return Err(Breach::Refused);
            };
            let [from] = &*select.from else {
                return Err(Breach::Refused);
            };
            let target = self.target(from)?;
            self.require(SqlKind::Select, &target, select.selection.as_ref())?;
        }
        self.query(query, None)
    }

    /// The one table of a plain statement.
    pub(super) fn target(&self, from: &'a TableWithJoins) -> Result<Target<'a>, Breach> {
        let TableFactor::Table {
            name,
            alias,
            args: None,
            ..
        } = &from.relation
        else {
            return Err(Breach::Refused);
        };
        allowed(from.joins.is_empty())?;
        // Columns renamed by an alias are not those that the policy speaks about.
        allowed(alias.as_ref().is_none_or(|alias| alias.columns.is_empty()))?;
        let alias = alias.as_ref().map(|alias| &alias.name);
        self.named(Name::of(name, self.dialect())?.parts(), alias)
    }

    pub(super) fn query(&mut self, query: &'a Query, outer: Scope) -> Checked {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        allowed(locks.is_empty())?;
        understood(for_clause.is_none() && settings.is_none())?;
        understood(format_clause.is_none() && pipe_operators.is_empty())?;
        let scope = match with {
            Some(with) => self.with(with, outer)?,
            None => outer,
        };
        if let Some(order_by) = order_by {
            self.order_by(order_by, scope)?;
        }
        match limit_clause {
            None => {}
            Some(LimitClause::LimitOffset {
                limit,
                offset,
                limit_by,
            }) => {
                understood(limit_by.is_empty())?;
                self.exprs(limit, scope);
                self.exprs(
                    offset.as_ref().map(|Offset { value, rows: _ }| value),
                    scope,
                );
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                self.exprs([offset, limit], scope);
            }
        }
        if let Some(Fetch { quantity, .. }) = fetch {
            self.exprs(quantity, scope);
        }
        self.later(Piece::Body(body), scope);
        Ok(())
    }

    pub(super) fn body(&mut self, body: &'a SetExpr, scope: Scope) -> Checked {
        match body {
            SetExpr::Select(select) => self.select(select, scope),
            SetExpr::Query(query) => {
                self.later(Piece::Query(query), scope);
                Ok(())
            }
            SetExpr::SetOperation {
                left,
                op: _,
                set_quantifier: _,
                right,
            } => {
                self.later(Piece::Body(left), scope);
                self.later(Piece::Body(right), scope);
                Ok(())
            }
            SetExpr::Values(values) => {
                self.values(values, scope);
                Ok(())
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(Breach::Refused)
            }
            // Rewritten where it can stand: elsewhere, nobody knows how its name is read.
            SetExpr::Table(_) => Err(Breach::Unclear),
        }
    }

    pub(super) fn values(&mut self, values: &'a Values, scope: Scope) {
        for row in &values.rows {
            self.exprs(row.content.iter(), scope);
        }
    }

    /// What stands between `SELECT` and `FROM`, or behind `RETURNING`.
    pub(super) fn items(&mut self, items: &'a [SelectItem], scope: Scope) -> Checked {
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr) => self.later(Piece::Expr(expr), scope),
                SelectItem::ExprWithAlias { expr, alias } => {
                    self.label(alias)?;
                    self.later(Piece::Expr(expr), scope);
                }
                SelectItem::ExprWithAliases { .. } => return Err(Breach::Unclear),
                SelectItem::QualifiedWildcard(kind, options) => {
                    all_columns(options)?;
                    match kind {
                        SelectItemQualifiedWildcardKind::ObjectName(_) => {}
                        SelectItemQualifiedWildcardKind::Expr(expr) => {
                            self.later(Piece::Expr(expr), scope);
                        }
                    }
                }
                SelectItem::Wildcard(options) => all_columns(options)?,
            }
        }
        Ok(())
    }

    pub(super) fn order(&mut self, by: &'a [OrderByExpr], scope: Scope) -> Checked {
        for OrderByExpr {
            expr,
            options,
            with_fill,
        } in by
        {
            use sqlparser::ast::OrderBySort::{Asc, Desc};
            understood(with_fill.is_none())?;
            understood(matches!(options.sort, None | Some(Asc | Desc)))?;
            self.later(Piece::Expr(expr), scope);
        }
        Ok(())
    }

    /// Looks at the queries of `WITH`; the scope of what follows it.
    ///
    /// Without `RECURSIVE` a query sees the names before its own. With it, `PostgreSQL` and
    /// `SQLite` show it all names of the list, `MySQL` those up to its own.
    fn with(&mut self, with: &'a With, outer: Scope) -> Result<Scope, Breach> {
        allowed(!self.spec.is_plain())?;
        let mut scope = outer;
        let mut bodies = Vec::with_capacity(with.cte_tables.len());
        for Cte {
            alias,
            query,
            from,
            materialized: _,
            closing_paren_token: _,
        } in &with.cte_tables
        {
            understood(from.is_none() && alias.at.is_none())?;
            let name = Part::of(&alias.name, self.dialect())?;
            let before = scope;
            scope = self.scope_with(name, scope);
            bodies.push((query, if with.recursive { scope } else { before }));
        }
        let all = with.recursive && self.dialect() != SqlDialect::MySql;
        for (body, seen) in bodies {
            self.later(Piece::Query(body), if all { scope } else { seen });
        }
        Ok(scope)
    }

    fn select(&mut self, select: &'a Select, scope: Scope) -> Checked {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers: _,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        allowed(into.is_none())?;
        understood(optimizer_hints.is_empty() && top.is_none() && exclude.is_none())?;
        understood(lateral_views.is_empty() && prewhere.is_none() && connect_by.is_empty())?;
        understood(cluster_by.is_empty() && distribute_by.is_empty() && sort_by.is_empty())?;
        understood(qualify.is_none() && value_table_mode.is_none())?;
        understood(matches!(flavor, SelectFlavor::Standard))?;
        // Postgres selects nothing, but not distinctly.
        understood(distinct.is_none() || !projection.is_empty())?;
        if let Some(Distinct::On(exprs)) = distinct {
            self.exprs(exprs, scope);
        }
        self.items(projection, scope)?;
        for from in from {
            self.later(Piece::From(from), scope);
        }
        self.exprs(selection, scope);
        self.exprs(having, scope);
        self.group_by(group_by, scope)?;
        for NamedWindowDefinition(_, window) in named_window {
            if let NamedWindowExpr::WindowSpec(window) = window {
                self.window(window, scope)?;
            }
        }
        Ok(())
    }

    fn group_by(&mut self, group_by: &'a GroupByExpr, scope: Scope) -> Checked {
        let GroupByExpr::Expressions(exprs, modifiers) = group_by else {
            return Err(Breach::Unclear);
        };
        self.exprs(exprs, scope);
        for modifier in modifiers {
            match modifier {
                GroupByWithModifier::Rollup | GroupByWithModifier::Cube => {}
                GroupByWithModifier::Totals => return Err(Breach::Unclear),
                GroupByWithModifier::GroupingSets(expr) => self.later(Piece::Expr(expr), scope),
            }
        }
        Ok(())
    }

    fn order_by(&mut self, order_by: &'a OrderBy, scope: Scope) -> Checked {
        understood(order_by.interpolate.is_none())?;
        match &order_by.kind {
            OrderByKind::All(_) => Err(Breach::Unclear),
            OrderByKind::Expressions(by) => self.order(by, scope),
        }
    }

    /// The name of a column of the result: any word but `into`, or a string.
    ///
    /// What the parser takes for such a string is the rest of a string in `PostgreSQL`.
    fn label(&self, label: &Ident) -> Checked {
        let is_into = label.quote_style.is_none() && label.value.eq_ignore_ascii_case("into");
        understood(!is_into)?;
        match label.quote_style {
            None | Some('\'') => Ok(()),
            Some('"') if self.dialect() == SqlDialect::MySql => Ok(()),
            Some(_) => Part::of(label, self.dialect()).map(drop),
        }
    }
}

/// `*`, and nothing that leaves columns out or calculates others.
pub(super) fn all_columns(options: &WildcardAdditionalOptions) -> Checked {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    understood(opt_ilike.is_none() && opt_exclude.is_none() && opt_except.is_none())?;
    understood(opt_replace.is_none() && opt_rename.is_none() && opt_alias.is_none())
}
