//! Whether a file lies on another machine, where SQLite's locks cannot be relied on.
//!
//! Source: SQLite's manual, "SQLite Over a Network, Caveats and Considerations".

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Kinds of file system whose files lie on another machine.
const ON_THE_NETWORK: [&str; 18] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "davfs",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb3",
];

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileSystem {
    /// On this machine, on a file system of this kind.
    Here(String),
    Network(String),
    /// The machine does not say, as only Linux does.
    Unknown,
}

/// The kind of file system that a file lies on, or will lie on when it is made.
pub(super) fn file_system_of(file: &Path) -> FileSystem {
    let told = fs::canonicalize(file)
        .and_then(|file| Ok((file, fs::read_to_string("/proc/self/mountinfo")?)))
        .ok()
        .and_then(|(file, mounts)| kind_at(&mounts, &file));
    match told {
        None => FileSystem::Unknown,
        Some(kind) if ON_THE_NETWORK.contains(&kind.as_str()) => FileSystem::Network(kind),
        Some(kind) => FileSystem::Here(kind),
    }
}

/// The kind of the last of the innermost mounts that a path lies in.
///
/// Source: proc_pid_mountinfo(5): the fifth field is the place, the one after ` - ` the kind.
fn kind_at(mounts: &str, path: &Path) -> Option<String> {
    let mut innermost: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let Some((mount, source)) = line.split_once(" - ") else { continue };
        let (Some(place), Some(kind)) = (mount.split(' ').nth(4), source.split(' ').next()) else { continue };
        let place = unescaped(place);
        let depth = place.components().count();
        if path.starts_with(&place) && innermost.is_none_or(|(deepest, _)| depth >= deepest) {
            innermost = Some((depth, kind));
        }
    }
    innermost.map(|(_, kind)| kind.to_owned())
}

/// Spaces and their like are written as three octal digits after a backslash.
fn unescaped(place: &str) -> PathBuf {
    let mut read = place.to_owned();
    for (written, meant) in [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")] {
        read = read.replace(written, meant);
    }
    read.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /srv rw,relatime shared:5 - nfs4 files.example.org:/srv rw,vers=4.2
31 30 254:1 / /srv/local\\040disc rw - xfs /dev/vdb rw
";

    #[test]
    fn a_file_lies_on_the_innermost_mount_that_holds_it() {
        for (path, kind) in [
            ("/var/lib/outturn.db", "ext4"),
            ("/srv/outturn.db", "nfs4"),
            ("/srvant/outturn.db", "ext4"),
            ("/srv/local disc/outturn.db", "xfs"),
        ] {
            assert_eq!(kind_at(MOUNTS, Path::new(path)).as_deref(), Some(kind), "{path}");
        }
        assert_eq!(kind_at("", Path::new("/srv")), None);
    }
}
