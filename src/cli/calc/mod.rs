//! `outturn calc`: any figure by itself, for other people's scripts. JSON Lines in, JSON Lines out.
//!
//! A line is one object, `{"id": …, "function": …, …}`, and gets one answer line, in order:
//! `{"id": …, …}`, or `{"id": …, "error": {"code": …, "message": …}}`. A line that is wrong leaves
//! the others alone. A further function is a file here and a line in the table of functions.

mod bands;
mod shares;
mod spc;
mod split;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, BufRead, Write},
};

/// Every function, in the order in which help lists them.
const FUNCTIONS: [&Function; 3] = [&spc::FUNCTION, &split::FUNCTION, &bands::FUNCTION];

/// Work out any figure by itself: JSON Lines on standard input, JSON Lines on standard output
#[derive(clap::Args)]
#[command(after_long_help = help())]
pub struct Calc {}

impl Calc {
    pub(super) fn run(self) -> Result<(), super::Failure> {
        Ok(run(io::stdin().lock(), io::BufWriter::new(io::stdout().lock()))?)
    }
}

/// A figure that can be asked for by name.
struct Function {
    name: &'static str,
    /// What it works out, in one line.
    about: &'static str,
    /// A whole line that can be sent as it stands.
    example: &'static str,
    /// Reads the line and writes the answer, an object of at least one field, after what is there.
    answer: fn(&[u8], &mut Vec<u8>) -> Result<(), Fault>,
}

/// Why a line has no answer: a code that stays as it is, and a message that says what to send instead.
#[derive(Debug)]
struct Fault {
    code: &'static str,
    message: String,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into() }
    }
}

/// What every line must hold.
#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    function: Option<Cow<'a, str>>,
}

/// What a line is called, which its answer gives back letter by letter.
#[derive(Default, Deserialize)]
struct Called<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Refusal<'a> {
    error: RefusalDetail<'a>,
}

#[derive(Serialize)]
struct RefusalDetail<'a> {
    code: &'a str,
    message: &'a str,
}

/// Answers every line of `input` on `output`; blank lines are passed over.
pub fn run(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let (mut line, mut answered) = (Vec::new(), Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            answer(line.trim_ascii(), &mut answered);
            output.write_all(&answered)?;
        }
        line.clear();
        answered.clear();
    }
    output.flush()
}

/// The functions with an example each, for `outturn calc --help`.
pub fn help() -> String {
    let mut text = String::from(
        "One JSON object a line, with \"id\" and \"function\"; one answer a line, in the same order.\n\nFunctions:\n",
    );
    for function in FUNCTIONS {
        write!(text, "\n  {:<7} {}\n          {}\n", function.name, function.about, function.example)
            .expect("a string takes any text");
    }
    text
}

/// Writes one line's answer, with its end of line.
fn answer(line: &[u8], output: &mut Vec<u8>) {
    // A line without an id that can be read is answered without one.
    let Called { id } = if line.starts_with(b"{") {
        serde_json::from_slice(line).unwrap_or_default()
    } else {
        Called::default()
    };
    let answer_at = write_id(id, output);
    let answered = read_request(line)
        .and_then(|function| function_named(function.as_deref()))
        .and_then(|known| (known.answer)(line, output));
    if let Err(fault) = answered {
        output.truncate(answer_at);
        let error = RefusalDetail { code: fault.code, message: &fault.message };
        write_object(&Refusal { error }, output);
    }
    // The answer's own fields follow the id within the same object.
    output[answer_at] = b',';
    output.push(b'\n');
}

/// Opens an answer with its id; gives where the object of further fields begins.
fn write_id(id: Option<&RawValue>, output: &mut Vec<u8>) -> usize {
    output.extend_from_slice(b"{\"id\":");
    output.extend_from_slice(id.map_or("null", RawValue::get).as_bytes());
    output.len()
}

/// The name of the function that a line asks for.
fn read_request(line: &[u8]) -> Result<Option<Cow<'_, str>>, Fault> {
    let request: Result<Request, _> = serde_json::from_slice(line);
    request.map(|request| request.function).map_err(|error| {
        if error.is_data() {
            let message = "a line must be one object, such as {\"id\": 1, \"function\": \"split\", …}";
            Fault::new("not_a_request", message)
        } else {
            Fault::new("not_json", format!("a line must be one JSON object, and this is not JSON: {error}"))
        }
    })
}

fn function_named(name: Option<&str>) -> Result<&'static Function, Fault> {
    let known = || FUNCTIONS.map(|function| function.name).join(", ");
    let name = name.ok_or_else(|| {
        Fault::new("no_function", format!("say which \"function\" to work out: one of {}", known()))
    })?;
    FUNCTIONS.into_iter().find(|function| function.name == name).ok_or_else(|| {
        Fault::new("unknown_function", format!("there is no function “{name}”: send one of {}", known()))
    })
}

/// Reads a function's own fields.
fn read_fields<'a, T: Deserialize<'a>>(line: &'a [u8], function: &Function) -> Result<T, Fault> {
    serde_json::from_slice(line)
        .map_err(|error| Fault::new("bad_input", format!("{error}; send fields as in {}", function.example)))
}

fn write_object<T: Serialize>(object: &T, output: &mut Vec<u8>) {
    serde_json::to_writer(output, object).expect("an answer has only keys of text");
}

#[cfg(test)]
mod tests;
