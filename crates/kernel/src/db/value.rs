//! The closed set of values that cross the border of the database, and rows read by name and type.
//! The same Rust type gives the native type of PostgreSQL and the affinity of SQLite.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

/// Type of a null, which PostgreSQL wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `boolean`
    Bool,
    /// `bigint`
    I64,
    /// `double precision`
    F64,
    /// `text`
    Text,
    /// `uuid`
    Uuid,
    /// `timestamptz`
    Timestamp,
    /// `date`
    Date,
    /// `jsonb`
    Json,
    /// `bytea`
    Bytes,
}

impl Type {
    /// The type that a column was declared with, in the words of the catalogue of either database.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" | "bool" => Self::Bool,
            "bigint" | "int8" => Self::I64,
            "double precision" | "float8" => Self::F64,
            "text" => Self::Text,
            "uuid" => Self::Uuid,
            "timestamptz" => Self::Timestamp,
            "date" => Self::Date,
            "jsonb" => Self::Json,
            "bytea" => Self::Bytes,
            _ => return None,
        })
    }
}

/// A value given to a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Null, of a type.
    Null(Type),
    /// `boolean`
    Bool(bool),
    /// `bigint`
    I64(i64),
    /// `double precision`
    F64(f64),
    /// `text`
    Text(String),
    /// `uuid`
    Uuid(Uuid),
    /// `timestamptz`, whole microseconds
    Timestamp(Timestamp),
    /// `date`
    Date(Date),
    /// `jsonb`: an object or an array
    Json(serde_json::Value),
    /// `bytea`
    Bytes(Vec<u8>),
    /// Several values for `in ($2...)`; never empty, `Value::list` sees to it.
    List(Vec<Value>),
}

impl Value {
    /// The values of an `in ($n...)`; an empty list matches nothing.
    pub fn list<T>(items: impl IntoIterator<Item = T>) -> Self
    where
        Self: From<T> + From<Option<T>>,
    {
        let mut values: Vec<Self> = items.into_iter().map(Self::from).collect();
        if values.is_empty() {
            values.push(Self::from(None::<T>));
        }
        Self::List(values)
    }

    /// The type that PostgreSQL is told.
    pub(crate) fn type_(&self) -> Type {
        match self {
            Self::Null(of) => *of,
            Self::Bool(_) => Type::Bool,
            Self::I64(_) => Type::I64,
            Self::F64(_) => Type::F64,
            Self::Text(_) => Type::Text,
            Self::Uuid(_) => Type::Uuid,
            Self::Timestamp(_) => Type::Timestamp,
            Self::Date(_) => Type::Date,
            Self::Json(_) => Type::Json,
            Self::Bytes(_) => Type::Bytes,
            Self::List(items) => items[0].type_(),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident, $null:ident;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self { Self::$variant(value.into()) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self { value.map_or(Self::Null(Type::$null), Self::from) }
        }
    )*};
}
from! {
    bool => Bool, Bool;
    i64 => I64, I64;
    i32 => I64, I64;
    u32 => I64, I64;
    f64 => F64, F64;
    String => Text, Text;
    &str => Text, Text;
    &String => Text, Text;
    Uuid => Uuid, Uuid;
    Timestamp => Timestamp, Timestamp;
    Date => Date, Date;
    serde_json::Value => Json, Json;
    Vec<u8> => Bytes, Bytes;
}

/// Values for a statement: `params![id, "texte", None::<i64>]`. `$1` is the tenant; these start at `$2`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*][..] };
}

impl From<Vec<Self>> for Value {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}

/// A row, read by name.
#[derive(Debug, Clone)]
pub struct Row(pub(crate) Cells);

#[derive(Debug, Clone)]
pub(crate) enum Cells {
    Sqlite { names: Arc<[String]>, values: Vec<rusqlite::types::Value> },
    Postgres(Arc<tokio_postgres::Row>),
}

impl Row {
    /// The value of a column. An unknown column or a wrong type is a fault of ours: `Error::Internal`.
    pub fn get<T: FromColumn>(&self, name: &str) -> crate::Result<T> {
        self.read(name).with_context(|| format!("column {name}")).map_err(Into::into)
    }

    fn read<T: FromColumn>(&self, name: &str) -> anyhow::Result<T> {
        match &self.0 {
            Cells::Sqlite { names, values } => {
                let at = names.iter().position(|n| n == name).context("no such column")?;
                T::from_column(&Column::Sqlite(&values[at]))
            }
            Cells::Postgres(row) => {
                let at = row.columns().iter().position(|c| c.name() == name).context("no such column")?;
                T::from_column(&Column::Postgres(row, at))
            }
        }
    }
}

/// One cell, of either database.
pub enum Column<'a> {
    /// As SQLite stored it.
    Sqlite(&'a rusqlite::types::Value),
    /// A row of PostgreSQL and the index in it.
    Postgres(&'a tokio_postgres::Row, usize),
}

/// What a cell can be read as.
pub trait FromColumn: Sized {
    /// Reads the cell; a null is an error, but for `Option`.
    fn from_column(column: &Column<'_>) -> anyhow::Result<Self>;
}

struct IsNull(bool);

impl<'a> tokio_postgres::types::FromSql<'a> for IsNull {
    fn from_sql(_: &tokio_postgres::types::Type, _: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(false))
    }
    fn from_sql_null(_: &tokio_postgres::types::Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(true))
    }
    fn accepts(_: &tokio_postgres::types::Type) -> bool {
        true
    }
}

impl Column<'_> {
    fn is_null(&self) -> anyhow::Result<bool> {
        Ok(match self {
            Self::Sqlite(value) => matches!(value, rusqlite::types::Value::Null),
            Self::Postgres(row, at) => row.try_get::<_, IsNull>(*at)?.0,
        })
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: &Column<'_>) -> anyhow::Result<Self> {
        if column.is_null()? { Ok(None) } else { T::from_column(column).map(Some) }
    }
}

macro_rules! column {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {$(
        impl FromColumn for $type {
            fn from_column(column: &Column<'_>) -> anyhow::Result<Self> {
                use rusqlite::types::Value as V;
                match column {
                    Column::Postgres(row, at) => Ok(row.try_get(*at)?),
                    Column::Sqlite($pattern) => $value,
                    Column::Sqlite(other) => bail!("found {:?}", other.data_type()),
                }
            }
        }
    )*};
}
column! {
    bool: V::Integer(n) => Ok(*n != 0);
    i64: V::Integer(n) => Ok(*n);
    f64: V::Real(n) => Ok(*n);
    String: V::Text(text) => Ok(text.clone());
    Uuid: V::Blob(bytes) => Ok(Uuid::from_slice(bytes)?);
    Timestamp: V::Text(text) => Ok(text.parse()?);
    Date: V::Text(text) => Ok(text.parse()?);
    serde_json::Value: V::Text(text) => Ok(serde_json::from_str(text)?);
    Vec<u8>: V::Blob(bytes) => Ok(bytes.clone());
}

/// A timestamp as SQLite keeps it: fixed width, UTC, so that text order is time order.
pub(crate) fn timestamp_text(at: Timestamp) -> String {
    jiff::fmt::temporal::DateTimePrinter::new().precision(Some(6)).timestamp_to_string(&at)
}
