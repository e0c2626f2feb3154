//! What `url` uses of the crate `idna`, done by the browser: its `URL` implements the same standard, and the tables for
//! it are an eighth of the module.

use std::borrow::Cow;
use std::fmt;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::JsValue;

#[wasm_bindgen]
extern "C" {
    type URL;

    #[wasm_bindgen(constructor, catch)]
    fn new(text: &str) -> Result<URL, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn hostname(this: &URL) -> String;
}

/// The ASCII characters that a domain can't contain.
pub struct AsciiDenyList(&'static [u8]);

impl AsciiDenyList {
    /// No character.
    pub const EMPTY: AsciiDenyList = AsciiDenyList(b"");
    /// The forbidden domain code points of the URL standard; control characters are never allowed.
    pub const URL: AsciiDenyList = AsciiDenyList(b" #%/:<>?@[\\]^|\x7f");
}

/// The domain is not valid.
#[derive(Debug)]
pub struct Errors(());

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid domain")
    }
}

impl std::error::Error for Errors {}

/// Returns a domain in ASCII, as browsers send it.
pub fn domain_to_ascii_from_cow(
    domain: Cow<'_, [u8]>,
    denied: AsciiDenyList,
) -> Result<Cow<'_, str>, Errors> {
    if domain.iter().any(|byte| *byte < 0x20 || denied.0.contains(byte)) {
        return Err(Errors(()));
    }
    let text = String::from_utf8(domain.into_owned()).map_err(|_| Errors(()))?;
    let is_plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.bytes().all(is_plain) && !text.contains("xn--") {
        return Ok(text.into());
    }
    let url = URL::new(&format!("http://{text}/")).map_err(|_| Errors(()))?;
    Ok(url.hostname().into())
}

/// Fails: corslint shows domains as browsers send them.
pub fn domain_to_unicode(domain: &str) -> (String, Result<(), Errors>) {
    (domain.to_owned(), Err(Errors(())))
}
