//! The differences for programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::matching::{Access, Change, Changed, Headers, Origin, Place, Witness};
use crate::schema;

use super::words;
use crate::compare::{Compared, Side};

/// The output of `corslint diff --format json`.
#[derive(Serialize, JsonSchema)]
struct Report<'a> {
    /// The version of this format. It grows when a member is removed or changes its meaning.
    version: u32,
    /// The policies that differ, by the names of their files.
    policies: Vec<Policies<'a>>,
}

/// A policy before and after.
#[derive(Serialize, JsonSchema)]
struct Policies<'a> {
    /// `null` for a new policy.
    old: Option<File<'a>>,
    /// `null` for a deleted policy.
    new: Option<File<'a>>,
    /// What only the new policy allows.
    newly_allowed: Vec<Requests<'a>>,
    /// What only the old policy allows.
    no_longer_allowed: Vec<Requests<'a>>,
    /// What differs in the responses to requests that both allow.
    changed: Vec<Response<'a>>,
}

/// Where a policy is.
#[derive(Serialize, JsonSchema)]
struct File<'a> {
    /// The file.
    path: &'a str,
    /// Where the policy is in the file; empty if it is all of it.
    address: &'a str,
    /// The provider that evaluates the policy.
    provider: &'a str,
}

/// Requests with something in common.
#[derive(Serialize, JsonSchema)]
struct Requests<'a> {
    /// The requests in words.
    text: String,
    /// Patterns of origins; `*` for every origin, and `null` for origins that a tool computes.
    origins: Vec<Option<&'a str>>,
    /// The methods.
    methods: &'a [String],
    /// Which requests: `any`, those with at least `one` of the headers, or with several of them `together`.
    with: &'static str,
    /// Patterns of headers, in lower case; empty if `with` is `any`.
    headers: &'a [String],
    /// False if it depends on what can't be determined.
    certain: bool,
    /// One of the requests.
    example: Request<'a>,
    /// The rule that allows them.
    rule: RulePlace,
}

/// A request.
#[derive(Serialize, JsonSchema)]
struct Request<'a> {
    /// The origin.
    origin: &'a str,
    /// The method.
    method: &'a str,
    /// The headers, in lower case.
    headers: &'a [String],
}

/// A rule and a place in its file.
#[derive(Serialize, JsonSchema)]
struct RulePlace {
    /// The number of the rule, from 1.
    number: usize,
    /// The line, from 1.
    line: usize,
    /// The column in characters, from 1.
    column: usize,
}

/// A difference of responses.
#[derive(Serialize, JsonSchema)]
struct Response<'a> {
    /// The difference in words.
    text: String,
    /// Patterns of origins; `*` for every origin, and `null` for origins that a tool computes.
    origins: Vec<Option<&'a str>>,
    /// The methods.
    methods: &'a [String],
    /// `readable`, `unreadable`, `readable-unknown`, `credentials` or `max-age`.
    what: &'static str,
    /// The response headers that pages may read now, or not anymore.
    headers: &'a [String],
    /// Whether credentials are allowed now; `null` if that is not what differs.
    credentials: Option<bool>,
    /// The max age before and now; `null` if that is not what differs.
    max_age: Option<MaxAge>,
    /// False if it depends on what can't be determined.
    certain: bool,
    /// One of the requests.
    example: Request<'a>,
    /// The rule that responds.
    rule: RulePlace,
}

/// A max age in seconds.
#[derive(Serialize, JsonSchema)]
struct MaxAge {
    /// Before; `null` if none was set.
    before: Option<i64>,
    /// Now; `null` if none is set.
    now: Option<i64>,
}

/// The JSON Schema of this report.
pub fn json_schema() -> String {
    schema::of::<Report<'static>>()
}

/// Renders the differences as JSON.
pub fn render(compared: &[Compared]) -> String {
    let different = compared.iter().filter(|it| it.is_different());
    let report = Report {
        version: 1,
        policies: different.map(policies).collect(),
    };
    let text = serde_json::to_string(&report);
    text.expect("the report is made of JSON values") + "\n"
}

fn policies(compared: &Compared) -> Policies<'_> {
    let (old, new) = (compared.old.as_ref(), compared.new.as_ref());
    let difference = &compared.difference;
    let newly = difference.newly_allowed.iter();
    let gone = difference.no_longer_allowed.iter();
    let changed = difference.changed.iter();
    Policies {
        old: old.map(file),
        new: new.map(file),
        newly_allowed: newly.map(|it| requests(it, new)).collect(),
        no_longer_allowed: gone.map(|it| requests(it, old)).collect(),
        changed: changed.map(|it| response(it, new)).collect(),
    }
}

fn file(side: &Side) -> File<'_> {
    File {
        path: side.analysis.source.name(),
        address: &side.located().address,
        provider: side.located().policy.provider().id,
    }
}

fn origins(origins: &[Origin]) -> Vec<Option<&str>> {
    let origins = origins.iter();
    origins
        .map(|origin| match origin {
            Origin::Any => Some("*"),
            Origin::Pattern(pattern) => Some(&**pattern),
            Origin::Computed => None,
        })
        .collect()
}

fn requests<'a>(access: &'a Access, side: Option<&Side>) -> Requests<'a> {
    let (with, headers): (_, &[String]) = match &access.headers {
        Headers::Any => ("any", &[]),
        Headers::One(headers) => ("one", headers),
        Headers::Together(headers) => ("together", headers),
    };
    Requests {
        text: words::access(access, &words::plain),
        origins: origins(&access.origins),
        methods: &access.methods,
        with,
        headers,
        certain: access.is_certain,
        example: example(&access.witness),
        rule: rule(access.place, side),
    }
}

fn response<'a>(change: &'a Change, side: Option<&Side>) -> Response<'a> {
    let (what, headers): (_, &[String]) = match &change.what {
        Changed::Readable(headers) => ("readable", headers),
        Changed::Unreadable(headers) => ("unreadable", headers),
        Changed::UnknownReadable => ("readable-unknown", &[]),
        Changed::Credentials(_) => ("credentials", &[]),
        Changed::MaxAge(..) => ("max-age", &[]),
    };
    Response {
        text: words::change(change, &words::plain),
        origins: origins(&change.origins),
        methods: &change.methods,
        what,
        headers,
        credentials: match &change.what {
            Changed::Credentials(now) => Some(*now),
            _ => None,
        },
        max_age: match &change.what {
            Changed::MaxAge(before, now) => Some(MaxAge {
                before: *before,
                now: *now,
            }),
            _ => None,
        },
        certain: change.is_certain,
        example: example(&change.witness),
        rule: rule(change.places.1, side),
    }
}

fn example(request: &Witness) -> Request<'_> {
    Request {
        origin: &request.origin,
        method: &request.method,
        headers: &request.headers,
    }
}

fn rule(place: Place, side: Option<&Side>) -> RulePlace {
    let position = side.map(|side| side.analysis.source.position(place.span.start()));
    RulePlace {
        number: place.rule + 1,
        line: position.map_or(1, |position| position.line),
        column: position.map_or(1, |position| position.column),
    }
}
