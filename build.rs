//! Builds again when a migration changes: migrations are embedded in the program.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
