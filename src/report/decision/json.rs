//! `corslint test --format json`.

use super::super::json::to_text as to_json_text;
use crate::document::Why;
use crate::matching::{Decision, Fact, Refusal, Response};
use serde::Serialize;

use super::text::{explained, unknown};
use super::{PageRequest, Tested};

#[derive(Serialize)]
struct Report<'r> {
    version: u32,
    request: RequestReport<'r>,
    policies: Vec<PolicyReport<'r>>,
}

/// The request as the browser sends it.
#[derive(Serialize)]
struct RequestReport<'r> {
    origin: &'r str,
    method: &'r str,
    headers: &'r [String],
    /// What is unusual about it.
    notes: &'r [String],
    /// Why no browser sends it, so that it is refused; `None` if browsers may send it.
    not_sent: Option<&'r str>,
}

#[derive(Serialize)]
struct PolicyReport<'r> {
    path: &'r str,
    /// The location of the policy in the file; `None` if the policy is the whole file.
    address: Option<&'r str>,
    provider: &'static str,
    /// `allowed`, `refused` or `unknown`; `rejected` if the provider does not accept the policy, so that it never
    /// takes effect.
    decision: &'static str,
    /// The decision if the policy were accepted as it is meant; `None` if it is accepted.
    if_accepted: Option<&'static str>,
    /// The rules that were compared, in order, and the result of each.
    rules: Vec<RuleReport>,
    response: Option<ResponseReport>,
}

#[derive(Serialize)]
struct RuleReport {
    /// The number of the rule, from 1.
    rule: usize,
    line: usize,
    column: usize,
    explanation: String,
}

/// The response headers; `None` for a header that is not sent or not known.
#[derive(Serialize)]
struct ResponseReport {
    allow_origin: Option<String>,
    allow_credentials: Option<bool>,
    allow_methods: Option<Vec<String>>,
    allow_headers: Option<Vec<String>>,
    expose_headers: Option<Vec<String>>,
    max_age: Option<i64>,
    /// The headers that are not known, each with the reason.
    unknown: Vec<(&'static str, &'static str)>,
}

/// Renders the decisions.
pub fn render(tested: &[Tested<'_>], request: &PageRequest) -> String {
    to_json_text(&report(tested, request))
}

/// Returns what [`render`] renders, for a document that contains it.
pub fn report<'r>(tested: &'r [Tested<'_>], request: &'r PageRequest) -> impl Serialize + 'r {
    let policies = tested.iter().map(|tested| policy(tested, request));
    Report {
        version: 1,
        request: RequestReport {
            origin: &request.origin,
            method: &request.method,
            headers: &request.headers,
            notes: &request.notes,
            not_sent: request.not_sent.as_deref(),
        },
        policies: policies.collect(),
    }
}

fn policy<'r>(tested: &'r Tested<'_>, request: &PageRequest) -> PolicyReport<'r> {
    let (source, located) = (&tested.analysis.source, tested.located);
    let policy = &located.policy;
    let (decision, lines, response) = match &tested.decision {
        _ if request.not_sent.is_some() => ("refused", Vec::new(), None),
        Decision::Allowed(response) => {
            let rule = &policy.rules[response.rule];
            let lines = vec![(rule, "matches".to_owned())];
            ("allowed", lines, Some(response_report(response)))
        }
        Decision::Undetermined { rule, why, before } => {
            let mut lines = explained(policy, before, request);
            lines.push((&policy.rules[*rule], unknown(policy, *rule, *why, request)));
            ("unknown", lines, None)
        }
        Decision::Refused(Refusal::NoRule(mismatches)) => {
            ("refused", explained(policy, mismatches, request), None)
        }
        Decision::Refused(Refusal::NoOrigin | Refusal::NoRequestMethod) => {
            ("refused", Vec::new(), None)
        }
    };
    let rules = lines.into_iter().map(|(rule, explanation)| {
        let at = source.position(rule.head.start());
        RuleReport {
            rule: rule.index + 1,
            line: at.line,
            column: at.column,
            explanation,
        }
    });
    PolicyReport {
        path: source.name(),
        address: Some(&*located.address).filter(|address| !address.is_empty()),
        provider: policy.provider().id,
        decision: match located.is_rejected && request.not_sent.is_none() {
            true => "rejected",
            false => decision,
        },
        if_accepted: Some(decision).filter(|_| located.is_rejected && request.not_sent.is_none()),
        rules: rules.collect(),
        response,
    }
}

fn response_report(response: &Response) -> ResponseReport {
    let mut unknown = Vec::new();
    ResponseReport {
        allow_origin: known("allow_origin", &response.allow_origin, &mut unknown),
        allow_credentials: known(
            "allow_credentials",
            &response.allow_credentials,
            &mut unknown,
        ),
        allow_methods: known("allow_methods", &response.allow_methods, &mut unknown),
        allow_headers: known("allow_headers", &response.allow_headers, &mut unknown),
        expose_headers: known("expose_headers", &response.expose_headers, &mut unknown),
        max_age: known("max_age", &response.max_age, &mut unknown).flatten(),
        unknown,
    }
}

fn known<T: Clone>(
    name: &'static str,
    fact: &Fact<T>,
    unknown: &mut Vec<(&'static str, &'static str)>,
) -> Option<T> {
    match fact {
        Fact::Known(value) => Some(value.clone()),
        Fact::Unknown(why) => {
            let why = match why {
                Why::Undocumented => "undocumented",
                Why::Template | Why::Expression | Why::TooDeep => "computed",
                Why::Rejected => "invalid",
            };
            unknown.push((name, why));
            None
        }
    }
}
