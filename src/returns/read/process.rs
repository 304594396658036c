//! Reading a workbook in a process of its own, which has little memory and little time.
//!
//! The library that reads workbooks can be made to ask for hundreds of gigabytes by a small file; here
//! that ends the child, and the sender is told.

#![expect(unsafe_code, reason = "the limits on a process are set by a call of the C library")]

use super::{LARGEST_WORKBOOK, ReadError, frames, workbook};
use std::{
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

/// The first argument that makes the program read a workbook: it stands in no help text.
const READ_WORKBOOK: &str = "read-workbook";
/// The most memory that the child may have, in bytes.
const MOST_MEMORY: libc::rlim_t = 512 << 20;
/// The most processor time that the child may use, in seconds.
const MOST_PROCESSOR_SECONDS: libc::rlim_t = 10;
/// The longest that the parent waits for the child.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

static READER: OnceLock<PathBuf> = OnceLock::new();

/// Sets the program that reads workbooks, for a program that is not `outturn` itself; it counts once.
pub fn set_workbook_reader(program: &Path) {
    READER.get_or_init(|| program.to_owned());
}

/// This very program where nothing else was set. On Linux the running file is named through the
/// kernel, so that it is found even after an upgrade has replaced it.
fn reader() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    match READER.get() {
        Some(program) => Ok(program.clone()),
        None if running.exists() => Ok(running.to_owned()),
        None => std::env::current_exe(),
    }
}

/// The frames that the child wrote, perhaps cut short by its death.
pub(super) fn read_in_child(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    if cfg!(test) && READER.get().is_none() {
        // The unit tests' own program knows nothing of workbooks.
        let mut answer = Vec::new();
        return match workbook::write_tables(bytes, &mut answer) {
            Ok(()) => Ok(answer),
            Err(_) => Err(ReadError::ReaderNotStarted),
        };
    }
    let not_started = |_| ReadError::ReaderNotStarted;
    let mut child = Command::new(reader().map_err(not_started)?)
        .arg(READ_WORKBOOK)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(not_started)?;
    let mut stdin = child.stdin.take().expect("its standard input is a pipe");
    let stdout = child.stdout.take().expect("its standard output is a pipe");
    thread::scope(|scope| {
        // A child that dies closes the pipe; that is told by its unfinished answer.
        scope.spawn(move || drop(stdin.write_all(bytes)));
        let (send, received) = mpsc::channel();
        scope.spawn(move || {
            let mut answer = Vec::new();
            let read = stdout.take(frames::LONGEST_ANSWER).read_to_end(&mut answer);
            drop(send.send(read.map(|_| answer)));
        });
        let answer = received.recv_timeout(LONGEST_WAIT);
        // Its answer is all that counts: by now the child has ended, or must.
        drop(child.kill());
        drop(child.wait());
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(ReadError::WorkbookTooDemanding),
        }
    })
}

/// Reads the workbook on standard input and writes its tables on standard output. This is what the
/// program does when its first argument is `read-workbook`; only the program itself asks for it.
pub fn read_workbook_child() -> ExitCode {
    let read = limit_this_process().and_then(|()| {
        let mut bytes = Vec::new();
        io::stdin().lock().take(LARGEST_WORKBOOK as u64).read_to_end(&mut bytes)?;
        workbook::write_tables(&bytes, &mut BufWriter::new(io::stdout().lock()))
    });
    if read.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// No more memory and time than the limits, no core dump, and nothing written to any file.
fn limit_this_process() -> io::Result<()> {
    let limit = |resource, most| {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: the call reads the two numbers behind the pointer and keeps nothing.
        if unsafe { libc::setrlimit(resource, &limit) } == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    };
    limit(libc::RLIMIT_AS, MOST_MEMORY)?;
    limit(libc::RLIMIT_CPU, MOST_PROCESSOR_SECONDS)?;
    limit(libc::RLIMIT_CORE, 0)?;
    limit(libc::RLIMIT_FSIZE, 0)
}
