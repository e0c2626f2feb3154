//! Atomic writes: even if the run is killed, a file has either its old or its new content. The content is
//! written to a temporary file in the same directory, which is then renamed.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::Path;

use crate::read::is_named_pipe;

/// Creates or replaces a file. Devices and pipes can't be replaced, so they are written to directly.
pub fn write_atomic(path: &Path, new: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => replace(path, &metadata, |_| Ok(()), new),
        // Writing to a pipe without a reader blocks forever, but process substitution always has a reader.
        Ok(_) if is_named_pipe(path) => Err(io::Error::other(
            "this is a named pipe; pass >(cat > NAME) to write to it",
        )),
        Ok(_) => fs::write(path, new),
        // For a dangling link, keep the link and create its target.
        Err(_) if path.is_symlink() => fs::write(path, new),
        Err(_) => {
            let file = temp_file_next_to(path, new)?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        }
    }
}

/// Replaces a file if it still contains `old`, and fails otherwise.
pub fn replace_if_unchanged(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let is_old = |path: &Path| match fs::read(path)? == old {
        true => Ok(()),
        false => Err(io::Error::other("the file changed since it was read")),
    };
    replace(path, &fs::metadata(path)?, is_old, new)
}

/// Replaces a file, or the target of a link, if `may_replace` returns `Ok` just before the replacement.
/// Keeps the permissions and, if possible, the owner.
fn replace(
    path: &Path,
    metadata: &Metadata,
    may_replace: impl FnOnce(&Path) -> io::Result<()>,
    new: &[u8],
) -> io::Result<()> {
    if metadata.permissions().readonly() {
        let error = io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only");
        return Err(error);
    }
    let path = path.canonicalize()?;
    // Renaming only needs a writable directory, so check that the file itself is writable.
    fs::OpenOptions::new().write(true).open(&path)?;
    let file = temp_file_next_to(&path, new)?;
    file.as_file().set_permissions(metadata.permissions())?;
    keep_owner(file.path(), metadata);
    file.as_file().sync_all()?;
    may_replace(&path)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Creates a temporary file in the same directory as `path`, with default permissions.
fn temp_file_next_to(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".corslint-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Gives the new file the owner of the old one, if the system allows it.
#[cfg(unix)]
fn keep_owner(path: &Path, metadata: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    // Only root can change the owner, but we can set a group that we belong to.
    if chown(path, Some(metadata.uid()), Some(metadata.gid())).is_err() {
        let _ = chown(path, None, Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Metadata) {}
