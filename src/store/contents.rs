//! Everything that a SQLite file holds, table by table, as a number of rows and a SHA-256: what two
//! files have in common when they hold the same, however their pages lie.

use super::{Sha256, Store, StoreError, db::Db};
use diesel::{
    deserialize::{self, QueryableByName},
    prelude::*,
    row::{Field, NamedRow, Row},
    sql_types::Text,
    sqlite::{Sqlite, SqliteType},
};
use sha2::Digest;

/// A table's name, and all of its rows in the order of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableContents {
    pub name: String,
    pub rows: u64,
    /// Over every value of every row, each with its type and length before it.
    pub sha256: Sha256,
}

impl Store {
    /// What every table of a SQLite file holds, the definitions of tables, indexes and triggers first;
    /// nothing on PostgreSQL, whose tables are compared by its own tools.
    pub fn contents(&mut self) -> Result<Vec<TableContents>, StoreError> {
        self.db.read(|db| {
            let Db::Sqlite(connection) = db else { return Ok(Vec::new()) };
            let definitions = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
            let mut found = vec![contents_of(connection, "sqlite_schema".to_owned(), definitions)?];
            let tables =
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL ORDER BY name";
            for table in names(connection, tables)? {
                let order = order_of(connection, &table)?;
                let rows = format!("SELECT * FROM {} ORDER BY {order}", quoted(&table));
                found.push(contents_of(connection, table, &rows)?);
            }
            Ok(found)
        })
    }
}

/// The columns of a table's key, or the number that SQLite gives each row.
fn order_of(connection: &mut SqliteConnection, table: &str) -> Result<String, StoreError> {
    let literal = table.replace('\'', "''");
    let key = format!("SELECT name FROM pragma_table_info('{literal}') WHERE pk > 0 ORDER BY pk");
    let columns: Vec<String> = names(connection, &key)?.iter().map(|name| quoted(name)).collect();
    Ok(if columns.is_empty() { "rowid".to_owned() } else { columns.join(", ") })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn names(connection: &mut SqliteConnection, query: &str) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let named: Vec<Named> = diesel::sql_query(query).load(connection)?;
    Ok(named.into_iter().map(|named| named.name).collect())
}

fn contents_of(
    connection: &mut SqliteConnection,
    name: String,
    query: &str,
) -> Result<TableContents, StoreError> {
    let mut digest = sha2::Sha256::new();
    let mut rows = 0;
    for row in diesel::sql_query(query).load_iter::<WrittenRow, _>(connection)? {
        digest.update(row?.0);
        rows += 1;
    }
    Ok(TableContents { name, rows, sha256: digest.finalize().into() })
}

/// A row's values as bytes, so written that no two rows read alike.
struct WrittenRow(Vec<u8>);

impl QueryableByName<Sqlite> for WrittenRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<WrittenRow> {
        let mut written = Vec::new();
        written.extend((row.field_count() as u64).to_be_bytes());
        for column in 0..row.field_count() {
            let field = Row::get(row, column).ok_or("a row lacks a column")?;
            let Some(mut value) = field.value() else {
                written.push(b'0');
                continue;
            };
            match value.value_type() {
                Some(SqliteType::Text) => part(&mut written, b't', value.read_blob()),
                Some(SqliteType::Binary) => part(&mut written, b'b', value.read_blob()),
                Some(SqliteType::Float | SqliteType::Double) => {
                    part(&mut written, b'f', &value.read_double().to_bits().to_be_bytes());
                }
                Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
                    part(&mut written, b'i', &value.read_long().to_be_bytes());
                }
                None => written.push(b'0'),
            }
        }
        Ok(WrittenRow(written))
    }
}

fn part(written: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    written.push(kind);
    written.extend((bytes.len() as u64).to_be_bytes());
    written.extend(bytes);
}

#[cfg(test)]
mod tests {
    use crate::store::{DatabaseUrl, Store, db::Db};
    use diesel::connection::SimpleConnection;

    fn store_with(folder: &tempfile::TempDir, name: &str, statements: &str) -> Store {
        let mut store = Store::open(&DatabaseUrl::Sqlite(folder.path().join(name))).unwrap();
        let Db::Sqlite(connection) = &mut store.db else { panic!("a file") };
        connection.batch_execute("DROP TABLE measure_fact").unwrap();
        connection.batch_execute(statements).unwrap();
        store
    }

    #[test]
    fn contents_are_equal_for_the_same_rows_in_whichever_order_they_came_and_for_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let table = "CREATE TABLE measure_fact (a TEXT, b, PRIMARY KEY (a));";
        let contents = |name: &str, rows: &str| {
            let contents = store_with(&folder, name, &format!("{table} {rows}")).contents().unwrap();
            contents.into_iter().find(|table| table.name == "measure_fact").unwrap()
        };
        let one = contents("1", "INSERT INTO measure_fact VALUES ('x', 1), ('y', NULL)");
        assert_eq!(one.rows, 2);
        assert_eq!(one, contents("2", "INSERT INTO measure_fact VALUES ('y', NULL), ('x', 1)"));
        for (name, rows) in
            [("3", "('x', 2), ('y', NULL)"), ("4", "('x', '1'), ('y', NULL)"), ("5", "('x', 1), ('y', 0)")]
        {
            assert_ne!(one, contents(name, &format!("INSERT INTO measure_fact VALUES {rows}")), "{rows}");
        }
    }
}
