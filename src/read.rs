//! Reading files.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::source::Source;

/// Reads a file that the user named; `None` if it is too large for a policy. Reading a pipe without a writer
/// writes to never ends, so only those are read that the shell makes for `<(command)`.
pub fn read_named(path: &Path) -> Result<Option<Vec<u8>>, String> {
    if is_named_pipe(path) {
        return Err("this is a named pipe; pass <(cat NAME) to read from it".to_owned());
    }
    read(path)
}

/// Returns true for a named pipe that the shell did not make.
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
    /// Most files are small and contain no policy: they are read into this buffer, and only those of
    /// interest are copied.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reads a file if its bytes are wanted. The inner `None` stands for a file that is too large for a
/// policy.
#[allow(clippy::option_option)]
pub(crate) fn read_if(
    path: &Path,
    is_wanted: impl FnOnce(Option<&[u8]>) -> bool,
) -> Result<Option<Option<Vec<u8>>>, String> {
    // The buffer is free meanwhile: `is_wanted` may read a configuration.
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
    // The file may grow while it is read, and a pipe has no length.
    file.take(Source::MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= Source::MAX_BYTES))
}

/// Reads standard input or another stream; `None` if it is larger than a policy can be.
pub fn read_stream(stream: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    stream.take(Source::MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= Source::MAX_BYTES))
}

/// Returns an I/O error in words, without its number.
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
