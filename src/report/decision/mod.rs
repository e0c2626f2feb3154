//! Reports about what a bucket does with a browser's request, and why, with one module per format.

mod json;
mod text;

pub use json::{render as json, report};
pub use text::describe as text;

use super::escape::escape_control;
use crate::analyze::{Analysis, LocatedPolicy};
use crate::fetch::{is_forbidden_header, is_safelisted_header, normalized_method};
use crate::matching::{Decision, Request, evaluate};
use crate::origin::why_not_sent;

/// A request of a page.
pub struct PageRequest {
    /// The origin of the page.
    pub origin: String,
    /// The method.
    pub method: String,
    /// The headers that the preflight asks for.
    pub headers: Vec<String>,
    /// What is unusual about the request, one line each.
    pub notes: Vec<String>,
    /// Why no browser sends the origin; `None` if browsers may send it.
    pub not_sent: Option<String>,
}

impl PageRequest {
    /// Returns the request as a browser sends it. The error says which argument is not part of any request.
    pub fn new(origin: &str, method: &str, headers: &[String]) -> Result<PageRequest, String> {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if origin.is_empty() {
            return Err(
                "--origin is empty; browsers send an origin such as https://app.acme.io".to_owned(),
            );
        }
        if method.is_empty() {
            return Err("--method is empty".to_owned());
        }
        if !method.bytes().all(is_token) {
            return Err(format!("{}: not a method", escape_control(method)));
        }
        let mut notes = Vec::new();
        let mut asked = Vec::new();
        let names = headers.iter().flat_map(|list| list.split(','));
        for name in names.map(str::trim).filter(|name| !name.is_empty()) {
            if !name.bytes().all(is_token) {
                return Err(format!(
                    "{}: not a header name; pass only the name, as in --header content-type",
                    escape_control(name)
                ));
            }
            let lower_case = name.to_ascii_lowercase();
            if is_forbidden_header(&lower_case) {
                notes.push(format!(
                    "pages cannot set {name}, so no preflight asks for it"
                ));
            } else if is_safelisted_header(&lower_case) {
                notes.push(format!(
                    "no preflight asks for {name}: pages may always set it"
                ));
            } else {
                asked.push(name.to_owned());
            }
        }
        Ok(PageRequest {
            origin: origin.to_owned(),
            method: normalized_method(method).to_owned(),
            headers: asked,
            notes,
            not_sent: why_not_sent(origin),
        })
    }
}

/// The decision of one policy.
pub struct Tested<'a> {
    /// The file.
    pub analysis: &'a Analysis,
    /// The policy.
    pub located: &'a LocatedPolicy,
    /// Its decision.
    pub decision: Decision,
}

impl<'a> Tested<'a> {
    /// Tests a policy of a file.
    pub fn new(
        analysis: &'a Analysis,
        located: &'a LocatedPolicy,
        request: &PageRequest,
    ) -> Tested<'a> {
        let headers = request.headers.join(",");
        let preflight = Request::preflight(&request.origin, &request.method, &headers);
        Tested {
            analysis,
            located,
            decision: evaluate(&located.policy, &preflight),
        }
    }

    /// Returns true if the bucket allows the request. A policy that the provider rejects never takes effect.
    pub fn is_allowed(&self) -> bool {
        matches!(self.decision, Decision::Allowed(_)) && !self.located.is_rejected
    }
}
