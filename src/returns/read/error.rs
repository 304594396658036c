//! Why a file cannot be read, in sentences for whoever sent it.
//!
//! The opening sentences are those of the GOV.UK Design System's file upload, word for word.

/// Why a file cannot be read; its text says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("The selected file is empty")]
    Empty,
    #[error("The selected file must be smaller than {megabytes}MB")]
    TooBig { megabytes: usize },
    #[error("The selected file must be a CSV or XLSX")]
    NotCsvOrXlsx,
    #[error(
        "The selected file must be a CSV or XLSX. In your spreadsheet program choose “Save as” and the type \
         “Excel workbook (.xlsx)” or “CSV (comma delimited)”"
    )]
    OtherSpreadsheet,
    #[error(
        "The selected file must be a CSV or XLSX. Its name ends in .csv but it is a workbook: give it a \
         name that ends in .xlsx, or save it as “CSV (comma delimited)”"
    )]
    WorkbookNamedCsv,
    #[error(
        "The selected file must be a CSV or XLSX. Its name ends in .xlsx but it is not a workbook: give it a \
         name that ends in .csv, or save it as “Excel workbook (.xlsx)”"
    )]
    TextNamedXlsx,
    #[error("The selected file is password protected")]
    PasswordProtected,
    #[error(
        "The selected file is “Unicode text” (UTF-16). In your spreadsheet program choose “Save as” and the \
         type “CSV UTF-8 (comma delimited)”"
    )]
    Utf16,
    #[error(
        "Row {row} of the selected file holds something that is not text. In your spreadsheet program choose \
         “Save as” and the type “CSV UTF-8 (comma delimited)”"
    )]
    NotText { row: usize },
    #[error("The columns of the selected file are not divided by commas. Save it as “CSV (comma delimited)”")]
    NotDividedByCommas,
    #[error(
        "Row {row} of the selected file has a quotation mark that is never closed. Close it, or take it out"
    )]
    UnclosedQuote { row: usize },
    #[error(
        "Row {row} of the selected file has text after a closing quotation mark. Write a quotation mark \
         within a quoted field twice, or take it out"
    )]
    MisplacedQuote { row: usize },
    #[error("Row {row} of the selected file is longer than {kilobytes}KB")]
    RowTooLong { row: usize, kilobytes: usize },
    #[error("The selected file must have no more than {most} rows")]
    TooManyRows { most: usize },
    #[error("The selected file must have no more than {most} columns")]
    TooManyColumns { most: usize },
    #[error("The selected file must have no more than {most} cells. Save each sheet as a file of its own")]
    TooManyCells { most: u64 },
    #[error(
        "The selected file unpacks to more than a workbook may hold ({megabytes}MB). Copy the return's rows \
         into a new workbook, or save it as “CSV (comma delimited)”"
    )]
    UnpacksTooLarge { megabytes: u64 },
    #[error("The selected file has more than {most} parts. Copy the return's rows into a new workbook")]
    TooManyParts { most: usize },
    #[error("The selected file holds macros. Save it as “Excel workbook (.xlsx)”, without macros")]
    Macros,
    #[error(
        "The selected file has links to other workbooks. Break the links, or copy the return's rows into a \
         new workbook as values"
    )]
    ExternalLinks,
    #[error(
        "The selected file holds more than a workbook of cells does (“{part}”). Copy the return's rows into a \
         new workbook"
    )]
    UnknownPart { part: String },
    #[error(
        "Row {row} of the selected file has a formula without its result. Open the file in your spreadsheet \
         program, save it again and send the new file"
    )]
    FormulaWithoutResult { row: u32 },
    #[error(
        "The selected file is damaged. Open it in your spreadsheet program, save it again and send the new \
         file"
    )]
    Damaged,
    #[error(
        "The selected file takes more memory or time to read than a workbook may. Copy the return's rows into \
         a new workbook, or save it as “CSV (comma delimited)”"
    )]
    WorkbookTooDemanding,
    /// The fault is ours: the process that reads workbooks could not be started.
    #[error("The selected file could not be uploaded – try again")]
    ReaderNotStarted,
}
