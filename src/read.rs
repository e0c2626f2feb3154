//! Reading files.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::source::Source;

/// Reads a file that the user named; `None` if it is too large to be a policy. Rejects named pipes, because
/// reading one without a writer blocks forever. Pipes that the shell creates for `<(command)` are allowed.
pub fn read_named(path: &Path) -> Result<Option<Vec<u8>>, String> {
    if is_named_pipe(path) {
        return Err("this is a named pipe; pass <(cat NAME) to read from it".to_owned());
    }
    read(path)
}

/// Returns true if a path that the user did not name must not be read: it is a directory, a device or a pipe, or a link
/// into `/proc`, `/sys` or `/dev`, where files may never end or contain secrets.
pub fn is_special(path: &Path) -> bool {
    let is_virtual = |target: &Path| {
        let mut tops = ["/proc", "/sys", "/dev"].iter();
        tops.any(|top| target.starts_with(top)) && !target.starts_with("/dev/shm")
    };
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
        || path.is_symlink() && path.canonicalize().is_ok_and(|target| is_virtual(&target))
}

/// Returns true for a named pipe, unless the shell created it for process substitution.
pub fn is_named_pipe(path: &Path) -> bool {
    is_pipe(path) && !path.starts_with("/dev") && !path.starts_with("/proc")
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let bytes = read_if(path, |_| true)?;
    Ok(bytes.flatten())
}

thread_local! {
    /// A reusable buffer. Most files are small and contain no policy, so their bytes are copied from it only
    /// if they are wanted.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reads a file. Returns `None` if its bytes are not wanted, and `Some(None)` if it is too large to be a
/// policy.
#[allow(clippy::option_option)]
pub(crate) fn read_if(
    path: &Path,
    is_wanted: impl FnOnce(Option<&[u8]>) -> bool,
) -> Result<Option<Option<Vec<u8>>>, String> {
    // Take the buffer instead of borrowing it: `is_wanted` may call this function to read a configuration.
    let mut buffer = BUFFER.take();
    let found = read_into(&mut buffer, path, is_wanted);
    BUFFER.set(buffer);
    found.map_err(|error| io_message(&error))
}

#[allow(clippy::option_option)]
fn read_into(
    buffer: &mut Vec<u8>,
    path: &Path,
    is_wanted: impl FnOnce(Option<&[u8]>) -> bool,
) -> io::Result<Option<Option<Vec<u8>>>> {
    const SMALL: usize = 64 * 1024;
    let mut file = File::open(path)?;
    buffer.resize(SMALL, 0);
    let mut length = 0;
    while length < SMALL {
        match file.read(&mut buffer[length..]) {
            Ok(0) => {
                let bytes = &buffer[..length];
                return Ok(is_wanted(Some(bytes)).then(|| Some(bytes.to_vec())));
            }
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let bytes = read_large(file, buffer)?;
    Ok(is_wanted(bytes.as_deref()).then_some(bytes))
}

/// Reads the rest of a file; `None` if it is too large.
fn read_large(file: File, start: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let length = file.metadata()?.len();
    if length > Source::MAX_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    bytes.extend_from_slice(start);
    // Limit the read too: the file may grow in the meantime, and a pipe has no length.
    file.take(Source::MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= Source::MAX_BYTES))
}

/// Reads standard input or another stream; `None` if it is too large to be a policy.
pub fn read_stream(stream: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    stream.take(Source::MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= Source::MAX_BYTES))
}

/// Returns the message of an I/O error, without the OS error number.
pub fn io_message(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}
