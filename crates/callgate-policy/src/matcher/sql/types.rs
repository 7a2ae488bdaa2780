//! Types, as in a cast: the built-in ones, and others by a name without a schema.

use sqlparser::ast::{ArrayElemTypeDef, DataType};

use super::names::{Name, same};
use super::walk::Walk;
use super::{Breach, Checked, SqlDialect, understood};

/// Built-in types of `PostgreSQL` that the parser knows by name only.
const BY_NAME: &[&str] = &[
    "box",
    "bpchar",
    "cidr",
    "circle",
    "citext",
    "daterange",
    "inet",
    "int2",
    "int4",
    "int4range",
    "int8",
    "int8range",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numrange",
    "oid",
    "path",
    "point",
    "polygon",
    "regnamespace",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "timestamptz",
    "timetz",
    "tsquery",
    "tsrange",
    "tstzrange",
    "tsvector",
    "xml",
];

impl Walk<'_, '_> {
    /// Whether values may be cast to `data_type`.
    pub(super) fn data_type(&self, mut data_type: &DataType) -> Checked {
        loop {
            match data_type {
                DataType::Array(ArrayElemTypeDef::SquareBracket(inner, _)) => data_type = inner,
                DataType::Custom(name, _) => {
                    let name = Name::of(name, self.dialect())?;
                    return self.custom_type(&name);
                }
                _ => return understood(is_built_in(data_type)),
            }
        }
    }

    /// The type of a row of a table has the table's name: where tables are limited, so are types.
    fn custom_type(&self, name: &Name<'_>) -> Checked {
        let known = |part| {
            BY_NAME
                .iter()
                .any(|known| same(self.dialect(), part, known))
        };
        match name.parts() {
            [only] => understood(self.spec.tables.is_none() || known(only)),
            [schema, only] if self.dialect() == SqlDialect::Postgres => {
                understood(same(self.dialect(), schema, "pg_catalog") && known(only))
            }
            _ => Err(Breach::Unclear),
        }
    }
}

fn is_built_in(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Character(_)
            | DataType::Char(_)
            | DataType::CharacterVarying(_)
            | DataType::CharVarying(_)
            | DataType::Varchar(_)
            | DataType::Nvarchar(_)
            | DataType::Uuid
            | DataType::Binary(_)
            | DataType::Varbinary(_)
            | DataType::Blob(_)
            | DataType::Numeric(_)
            | DataType::Decimal(_)
            | DataType::DecimalUnsigned(_)
            | DataType::Dec(_)
            | DataType::Float(_)
            | DataType::TinyInt(_)
            | DataType::Int2(_)
            | DataType::SmallInt(_)
            | DataType::MediumInt(_)
            | DataType::Int(_)
            | DataType::Int4(_)
            | DataType::Int8(_)
            | DataType::Integer(_)
            | DataType::IntUnsigned(_)
            | DataType::IntegerUnsigned(_)
            | DataType::BigInt(_)
            | DataType::BigIntUnsigned(_)
            | DataType::Signed
            | DataType::SignedInteger
            | DataType::Unsigned
            | DataType::UnsignedInteger
            | DataType::Float4
            | DataType::Float8
            | DataType::Real
            | DataType::Double(_)
            | DataType::DoublePrecision
            | DataType::Bool
            | DataType::Boolean
            | DataType::Date
            | DataType::Time(..)
            | DataType::Datetime(_)
            | DataType::Timestamp(..)
            | DataType::Interval { .. }
            | DataType::JSON
            | DataType::JSONB
            | DataType::Regclass
            | DataType::Text
            | DataType::String(_)
            | DataType::Bytea
            | DataType::Bit(_)
            | DataType::BitVarying(_)
            | DataType::VarBit(_)
            | DataType::GeometricType(_)
            | DataType::TsVector
            | DataType::TsQuery
    )
}
