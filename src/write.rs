//! Writing files so that each holds either its old or its new bytes, whenever the run is killed: a
//! temporary file beside it is renamed over it.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::Path;

use crate::discover;

/// Writes a file that may be there. A device or a pipe cannot be replaced, and is written into.
pub fn whole(path: &Path, new: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => replace(path, &metadata, |_| Ok(()), new),
        // A pipe that nobody reads from would be waited for without end; those of the shell are read.
        Ok(_) if discover::is_lone_pipe(path) => Err(io::Error::other(
            "this is a named pipe; give >(cat > NAME) to write to it",
        )),
        Ok(_) => fs::write(path, new),
        // A link that names nothing yet stays, and what it names is made.
        Err(_) if path.is_symlink() => fs::write(path, new),
        Err(_) => {
            let file = beside(path, new)?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        }
    }
}

/// Writes a file anew that held `old` when it was read; one that holds something else now is left
/// alone.
pub fn over(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let is_old = |path: &Path| match fs::read(path)? == old {
        true => Ok(()),
        false => Err(io::Error::other("the file changed since it was read")),
    };
    replace(path, &fs::metadata(path)?, is_old, new)
}

/// A link stays, and the file that it names is replaced by one with its permissions and its owner,
/// if at the last moment it still `may_go`.
fn replace(
    path: &Path,
    metadata: &Metadata,
    may_go: impl FnOnce(&Path) -> io::Result<()>,
    new: &[u8],
) -> io::Result<()> {
    if metadata.permissions().readonly() {
        let error = io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only");
        return Err(error);
    }
    let path = path.canonicalize()?;
    // To replace a file only its folder must be writable; who may not write the file may not do that.
    fs::OpenOptions::new().write(true).open(&path)?;
    let file = beside(&path, new)?;
    file.as_file().set_permissions(metadata.permissions())?;
    keep_owner(file.path(), metadata);
    file.as_file().sync_all()?;
    may_go(&path)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file in the folder of another, with the permissions that any new file gets.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".corslint-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Gives the new file the owner of the old one, where the system lets us.
#[cfg(unix)]
fn keep_owner(path: &Path, metadata: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    // Only an administrator can give a file away; a group of ours it can have all the same.
    if chown(path, Some(metadata.uid()), Some(metadata.gid())).is_err() {
        let _ = chown(path, None, Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Metadata) {}
