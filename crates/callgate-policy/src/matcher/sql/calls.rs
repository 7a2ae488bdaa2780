//! Calls of functions, those with a syntax of their own included.

use sqlparser::ast::{
    CeilFloorKind, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, ObjectName, WindowFrameBound,
    WindowSpec, WindowType,
};

use super::names::Name;
use super::query::all_columns;
use super::walk::{Piece, Scope, Walk};
use super::{Breach, Checked, SqlDialect, allowed, understood};

impl<'a> Walk<'_, 'a> {
    /// Whether `name` may be called.
    pub(super) fn function_name(&self, name: &'a ObjectName) -> Checked {
        let name = Name::of(name, self.dialect())?;
        allowed(self.spec.functions.allow(&name))
    }

    pub(super) fn window(&mut self, window: &'a WindowSpec, scope: Scope) -> Checked {
        let WindowSpec {
            window_name: _,
            partition_by,
            order_by,
            window_frame,
        } = window;
        self.exprs(partition_by, scope);
        self.order(order_by, scope)?;
        if let Some(frame) = window_frame {
            for bound in [Some(&frame.start_bound), frame.end_bound.as_ref()] {
                match bound {
                    None | Some(WindowFrameBound::CurrentRow) => {}
                    Some(WindowFrameBound::Preceding(rows) | WindowFrameBound::Following(rows)) => {
                        self.exprs(rows.as_deref(), scope);
                    }
                }
            }
        }
        Ok(())
    }

    /// Functions whose arguments have a syntax of their own.
    pub(super) fn special_function(&mut self, expr: &'a Expr, scope: Scope) -> Checked {
        match expr {
            Expr::AtTimeZone {
                timestamp,
                time_zone,
            } => {
                self.special("timezone")?;
                self.each([&**timestamp, &**time_zone], scope)
            }
            Expr::Extract { expr, .. } => {
                self.special("extract")?;
                self.each([&**expr], scope)
            }
            Expr::Ceil { expr, field } => {
                self.special("ceil")?;
                self.rounded(expr, field, scope)
            }
            Expr::Floor { expr, field } => {
                self.special("floor")?;
                self.rounded(expr, field, scope)
            }
            Expr::Position { expr, r#in } => {
                self.special("position")?;
                self.each([&**expr, &**r#in], scope)
            }
            Expr::Substring {
                expr,
                substring_from,
                substring_for,
                special: _,
                shorthand,
            } => {
                self.special(if *shorthand { "substr" } else { "substring" })?;
                self.exprs(substring_from.as_deref(), scope);
                self.exprs(substring_for.as_deref(), scope);
                self.each([&**expr], scope)
            }
            Expr::Trim {
                trim_where: _,
                trim_what,
                expr,
                trim_characters,
            } => {
                self.special("trim")?;
                self.exprs(trim_what.as_deref(), scope);
                self.exprs(trim_characters.iter().flatten(), scope);
                self.each([&**expr], scope)
            }
            Expr::Overlay {
                expr,
                overlay_what,
                overlay_from,
                overlay_for,
            } => {
                self.special("overlay")?;
                self.exprs(overlay_for.as_deref(), scope);
                self.each([&**expr, &**overlay_what, &**overlay_from], scope)
            }
            Expr::Convert {
                is_try: false,
                expr,
                data_type,
                charset: _,
                target_before_value: false,
                styles,
            } if styles.is_empty() => {
                self.special("convert")?;
                if let Some(data_type) = data_type {
                    self.data_type(data_type)?;
                }
                self.each([&**expr], scope)
            }
            _ => Err(Breach::Unclear),
        }
    }

    fn rounded(&mut self, expr: &'a Expr, field: &CeilFloorKind, scope: Scope) -> Checked {
        let plain = matches!(
            field,
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)
        );
        understood(plain)?;
        self.each([expr], scope)
    }

    pub(super) fn function(&mut self, function: &'a Function, scope: Scope) -> Checked {
        let Function {
            name,
            uses_odbc_syntax,
            parameters,
            args,
            within_group,
            filter,
            null_treatment: _,
            over,
        } = function;
        understood(!uses_odbc_syntax && matches!(parameters, FunctionArguments::None))?;
        match args {
            FunctionArguments::None => self.function_name(name)?,
            FunctionArguments::Subquery(query) => {
                // `ARRAY(SELECT …)` only: others would be calls with a sub-query.
                understood(
                    is_constructor(name, "array") && self.dialect() == SqlDialect::Postgres,
                )?;
                self.sub_query(query, scope)?;
            }
            FunctionArguments::List(list) => {
                if !(is_constructor(name, "row") && self.dialect() != SqlDialect::Sqlite) {
                    self.function_name(name)?;
                }
                self.list(list, scope)?;
            }
        }
        self.order(within_group, scope)?;
        self.exprs(filter.as_deref(), scope);
        match over {
            None | Some(WindowType::NamedWindow(_)) => Ok(()),
            Some(WindowType::WindowSpec(window)) => self.window(window, scope),
        }
    }

    fn list(&mut self, list: &'a FunctionArgumentList, scope: Scope) -> Checked {
        self.arguments(&list.args, scope)?;
        for clause in &list.clauses {
            match clause {
                FunctionArgumentClause::IgnoreOrRespectNulls(_)
                | FunctionArgumentClause::Separator(_) => {}
                FunctionArgumentClause::OrderBy(by) => self.order(by, scope)?,
                FunctionArgumentClause::Limit(expr) => self.later(Piece::Expr(expr), scope),
                _ => return Err(Breach::Unclear),
            }
        }
        Ok(())
    }

    pub(super) fn arguments(&mut self, arguments: &'a [FunctionArg], scope: Scope) -> Checked {
        for argument in arguments {
            let value = match argument {
                FunctionArg::Unnamed(value) | FunctionArg::Named { arg: value, .. } => value,
                FunctionArg::ExprNamed { .. } => return Err(Breach::Unclear),
            };
            match value {
                FunctionArgExpr::Expr(expr) => self.later(Piece::Expr(expr), scope),
                FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::Wildcard => {}
                FunctionArgExpr::WildcardWithOptions(options) => all_columns(options)?,
            }
        }
        Ok(())
    }
}

/// Whether `name` is this word, which makes a value and calls nothing.
fn is_constructor(name: &ObjectName, word: &str) -> bool {
    let [only] = &*name.0 else {
        return false;
    };
    only.as_ident()
        .is_some_and(|ident| ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case(word))
}
