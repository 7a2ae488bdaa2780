//! `INSERT`, `UPDATE` and `DELETE`.

use sqlparser::ast::{
    AssignmentTarget, Delete, Expr, FromTable, Insert, ObjectName, Query, SelectItem, SetExpr,
    TableObject, TableWithJoins, Update,
};

use super::names::Name;
use super::walk::{Piece, Walk};
use super::{Breach, Checked, SqlKind, allowed, understood};

impl<'a> Walk<'_, 'a> {
    pub(super) fn insert(&mut self, insert: &'a Insert) -> Checked {
        let Insert {
            insert_token: _,
            optimizer_hints,
            or,
            ignore,
            into,
            table,
            table_alias: _,
            columns,
            overwrite,
            source,
            assignments,
            partitioned,
            after_columns,
            has_table_keyword,
            on,
            returning,
            output,
            replace_into,
            priority,
            insert_alias,
            settings,
            format_clause,
            multi_table_insert_type,
            multi_table_into_clauses,
            multi_table_when_clauses,
            multi_table_else_clause,
        } = insert;
        // What happens on a conflict is another statement.
        allowed(or.is_none() && !ignore && on.is_none() && !replace_into && !overwrite)?;
        understood(optimizer_hints.is_empty() && *into && !has_table_keyword)?;
        understood(assignments.is_empty() && partitioned.is_none() && after_columns.is_empty())?;
        understood(output.is_none() && priority.is_none() && insert_alias.is_none())?;
        understood(settings.is_none() && format_clause.is_none())?;
        understood(multi_table_insert_type.is_none() && multi_table_into_clauses.is_empty())?;
        understood(multi_table_when_clauses.is_empty() && multi_table_else_clause.is_none())?;
        let TableObject::TableName(name) = table else {
            return Err(Breach::Unclear);
        };
        self.table(name, None)?;
        self.source(columns, source.as_deref().ok_or(Breach::Unclear)?)?;
        self.returning(returning.as_deref())
    }

    pub(super) fn update(&mut self, update: &'a Update) -> Checked {
        let Update {
            update_token: _,
            optimizer_hints,
            table,
            assignments,
            from,
            selection,
            returning,
            output,
            or,
            order_by,
            limit,
        } = update;
        understood(optimizer_hints.is_empty() && from.is_none())?;
        understood(output.is_none() && or.is_none())?;
        self.order(order_by, None)?;
        self.exprs(limit, None);
        for assignment in assignments {
            match &assignment.target {
                AssignmentTarget::ColumnName(column) => self.may_set(column)?,
                AssignmentTarget::Tuple(columns) => {
                    columns.iter().try_for_each(|column| self.may_set(column))?;
                }
            }
            self.later(Piece::Expr(&assignment.value), None);
        }
        self.changed(SqlKind::Update, table, selection.as_ref())?;
        self.returning(returning.as_deref())
    }

    pub(super) fn delete(&mut self, delete: &'a Delete) -> Checked {
        let Delete {
            delete_token: _,
            optimizer_hints,
            tables,
            from,
            using,
            selection,
            returning,
            output,
            order_by,
            limit,
        } = delete;
        understood(optimizer_hints.is_empty() && tables.is_empty() && using.is_none())?;
        understood(output.is_none())?;
        let FromTable::WithFromKeyword(from) = from else {
            return Err(Breach::Unclear);
        };
        let [from] = &**from else {
            return Err(Breach::Refused);
        };
        self.order(order_by, None)?;
        self.exprs(limit, None);
        self.changed(SqlKind::Delete, from, selection.as_ref())?;
        self.returning(returning.as_deref())
    }

    /// The rows of an `INSERT`.
    fn source(&mut self, columns: &'a [ObjectName], source: &'a Query) -> Checked {
        let SetExpr::Values(values) = &*source.body else {
            allowed(!self.spec.is_plain())?;
            self.later(Piece::Query(source), None);
            return Ok(());
        };
        for column in columns {
            Name::of(column, self.dialect())?;
        }
        let rows = values.rows.iter().map(|row| &*row.content);
        self.require_rows(columns, &rows)?;
        // `WITH` and `LIMIT` can stand around `VALUES`, too.
        self.later(Piece::Query(source), None);
        Ok(())
    }

    /// The table and the rows that a statement changes.
    fn changed(
        &mut self,
        kind: SqlKind,
        table: &'a TableWithJoins,
        selection: Option<&'a Expr>,
    ) -> Checked {
        let target = self.target(table)?;
        self.require(kind, &target, selection)?;
        self.later(Piece::From(table), None);
        self.exprs(selection, None);
        Ok(())
    }

    fn returning(&mut self, items: Option<&'a [SelectItem]>) -> Checked {
        items.map_or(Ok(()), |items| self.items(items, None))
    }
}
