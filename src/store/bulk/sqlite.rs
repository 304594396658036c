//! Rows into SQLite by one `INSERT … SELECT` from a table that is not in the database: a *virtual
//! table*, whose values SQLite fetches from [`Rows`] as it goes.
//!
//! A prepared insert for each row costs twice as much: SQLite starts and ends a statement, and looks
//! for the row's place from the root of the tree, 2.6 million times. Inside one statement it keeps its
//! place at the end of the table. The statement itself is an ordinary one of diesel's, in diesel's
//! transaction; only the virtual table needs C functions, and they are all here.
//!
//! How it is safe: the functions below are registered once, before any connection is opened, and
//! SQLite installs them in each connection. They read the rows through a pointer that lives in this
//! thread from [`insert`]'s first line to its last, while the rows are borrowed; SQLite runs a
//! statement on the thread that asks for it. A text's pointer is given without a copy: it lives as
//! long as the rows, and so longer than the statement.
//!
//! Source: SQLite's manual, "The Virtual Table Mechanism Of SQLite" and `sqlite3_auto_extension`.

#![expect(unsafe_code, reason = "SQLite's virtual tables are functions and structures of C")]

use super::{Rows, Table, Value};
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};
use libsqlite3_sys as ffi;
use std::{
    cell::Cell,
    ffi::{c_char, c_int, c_void},
    ptr,
    sync::Once,
};

/// As many columns as the widest of our tables.
const DECLARATION: &std::ffi::CStr = c"CREATE TABLE rows_at_hand (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9)";

/// Has every connection opened from now on know the virtual table `rows_at_hand`, and none lock itself
/// at every call: diesel lends a connection to one thread at a time.
pub(in crate::store) fn prepare() {
    static ONCE: Once = Once::new();
    // SAFETY: nothing has used SQLite before this, as its settings require. `install` has the type
    // that is documented for an automatic extension, and stays for as long as the program.
    ONCE.call_once(|| unsafe {
        // Where something has used it after all, connections go on locking themselves.
        ffi::sqlite3_config(ffi::SQLITE_CONFIG_MULTITHREAD);
        let result = ffi::sqlite3_auto_extension(Some(install));
        assert!(result == ffi::SQLITE_OK, "SQLite has memory for one pointer");
    });
}

/// Adds `rows` to `table` and says how many were added.
pub(super) fn insert(connection: &mut SqliteConnection, table: Table, rows: &dyn Rows) -> QueryResult<usize> {
    let columns: Vec<String> = (0..table.columns()).map(|column| format!("c{column}")).collect();
    let statement = format!("INSERT INTO {} SELECT {} FROM rows_at_hand", table.name(), columns.join(", "));
    let _at_hand = AtHand::lend(rows);
    diesel::sql_query(statement).execute(connection)
}

thread_local! {
    /// The rows that this thread is adding, if it is.
    static ROWS: Cell<Option<*const dyn Rows>> = const { Cell::new(None) };
}

/// While it lives, `rows_at_hand` has these rows on this thread.
struct AtHand<'a>(std::marker::PhantomData<&'a dyn Rows>);

impl<'a> AtHand<'a> {
    fn lend(rows: &'a dyn Rows) -> AtHand<'a> {
        let rows: *const (dyn Rows + 'a) = rows;
        // SAFETY: only the lifetime is lost; `drop` takes the pointer back before the borrow ends.
        let rows =
            unsafe { std::mem::transmute::<*const (dyn Rows + 'a), *const (dyn Rows + 'static)>(rows) };
        ROWS.set(Some(rows));
        AtHand(std::marker::PhantomData)
    }
}

impl Drop for AtHand<'_> {
    fn drop(&mut self) {
        ROWS.set(None);
    }
}

/// SQLite's own part comes first, as it requires.
#[repr(C)]
struct Cursor {
    base: ffi::sqlite3_vtab_cursor,
    rows: Option<*const dyn Rows>,
    row: usize,
    count: usize,
}

/// A table that can only be read, exists in every connection and needs no `CREATE`.
struct Module(ffi::sqlite3_module);

// SAFETY: it is never written; it holds functions and null pointers.
unsafe impl Sync for Module {}

static MODULE: Module = Module({
    // SAFETY: every field is a number or an optional function, for which zero is a value.
    let mut module: ffi::sqlite3_module = unsafe { std::mem::zeroed() };
    module.iVersion = 1;
    module.xConnect = Some(connect);
    module.xBestIndex = Some(best_index);
    module.xDisconnect = Some(disconnect);
    module.xOpen = Some(open);
    module.xClose = Some(close);
    module.xFilter = Some(filter);
    module.xNext = Some(next);
    module.xEof = Some(eof);
    module.xColumn = Some(column);
    module.xRowid = Some(row_number);
    module
});

// SAFETY of all that follows: SQLite calls these with the pointers that they themselves made (a table
// from `connect`, a cursor from `open`), one at a time for each connection, and not after `disconnect`
// and `close`. None of them panics.

unsafe extern "C" fn install(
    db: *mut ffi::sqlite3,
    _message: *mut *mut c_char,
    _api: *const ffi::sqlite3_api_routines,
) -> c_int {
    unsafe { ffi::sqlite3_create_module_v2(db, c"rows_at_hand".as_ptr(), &MODULE.0, ptr::null_mut(), None) }
}

unsafe extern "C" fn connect(
    db: *mut ffi::sqlite3,
    _client: *mut c_void,
    _argc: c_int,
    _argv: *const *const c_char,
    table: *mut *mut ffi::sqlite3_vtab,
    _message: *mut *mut c_char,
) -> c_int {
    unsafe {
        let result = ffi::sqlite3_declare_vtab(db, DECLARATION.as_ptr());
        if result == ffi::SQLITE_OK {
            *table = Box::into_raw(Box::new(std::mem::zeroed()));
        }
        result
    }
}

unsafe extern "C" fn disconnect(table: *mut ffi::sqlite3_vtab) -> c_int {
    drop(unsafe { Box::from_raw(table) });
    ffi::SQLITE_OK
}

/// There is one way to read the rows: all of them, in order.
unsafe extern "C" fn best_index(_: *mut ffi::sqlite3_vtab, _: *mut ffi::sqlite3_index_info) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn open(_: *mut ffi::sqlite3_vtab, cursor: *mut *mut ffi::sqlite3_vtab_cursor) -> c_int {
    let base = ffi::sqlite3_vtab_cursor { pVtab: ptr::null_mut() };
    let made = Box::new(Cursor { base, rows: None, row: 0, count: 0 });
    unsafe { *cursor = Box::into_raw(made).cast() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    drop(unsafe { Box::from_raw(cursor.cast::<Cursor>()) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn filter(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    _plan: c_int,
    _plan_text: *const c_char,
    _argc: c_int,
    _argv: *mut *mut ffi::sqlite3_value,
) -> c_int {
    let cursor = unsafe { &mut *cursor.cast::<Cursor>() };
    cursor.rows = ROWS.get();
    cursor.row = 0;
    cursor.count = cursor.rows.map_or(0, |rows| unsafe { (*rows).count() });
    ffi::SQLITE_OK
}

unsafe extern "C" fn next(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    unsafe { (*cursor.cast::<Cursor>()).row += 1 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn eof(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    let cursor = unsafe { &*cursor.cast::<Cursor>() };
    c_int::from(cursor.row >= cursor.count)
}

unsafe extern "C" fn column(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    answer: *mut ffi::sqlite3_context,
    column: c_int,
) -> c_int {
    let cursor = unsafe { &*cursor.cast::<Cursor>() };
    let Some(rows) = cursor.rows else { return ffi::SQLITE_ERROR };
    // SAFETY: the rows are lent for as long as the statement runs.
    let value = unsafe { (*rows).value(cursor.row, column as usize) };
    match value {
        Value::Null => unsafe { ffi::sqlite3_result_null(answer) },
        Value::Integer(number) => unsafe { ffi::sqlite3_result_int64(answer, number) },
        Value::Text(text) => unsafe {
            let Ok(length) = c_int::try_from(text.len()) else { return ffi::SQLITE_TOOBIG };
            // No destructor: the text is SQLite's to read, not to free.
            ffi::sqlite3_result_text(answer, text.as_ptr().cast(), length, None);
        },
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn row_number(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    number: *mut ffi::sqlite3_int64,
) -> c_int {
    unsafe { *number = (*cursor.cast::<Cursor>()).row as ffi::sqlite3_int64 };
    ffi::SQLITE_OK
}
