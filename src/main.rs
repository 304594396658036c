use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|command| command == "read-workbook") {
        return outturn::returns::read::read_workbook_child();
    }
    outturn::cli::main()
}
