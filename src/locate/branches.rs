//! Values that a condition selects when a tool runs. Each can be checked on its own, in a copy of its rule that
//! contains no other value of that condition.

use crate::document::{Node, Value, Why};

/// A value that may be part of a policy.
#[derive(Debug, Clone)]
pub struct Branch {
    /// A copy of its rule with this value. Other values that depend on a condition are unknown.
    pub rule: Node,
    /// The value: what is outside of it is checked with the policy itself.
    pub value: crate::source::Span,
}

/// How many values of one rule are checked in copies of it. No rule that a person writes has more.
const MAX_OF_RULE: usize = 100;

/// Returns the values in rules that conditions select.
pub(super) fn of_rules(rules: &[Node]) -> Vec<Branch> {
    let mut found = Vec::new();
    for rule in rules {
        match &rule.value {
            Value::Choice(branches) => {
                for branch in branches.iter().filter(|branch| branch.members().is_some()) {
                    found.push(Branch {
                        rule: branch.clone(),
                        value: branch.span,
                    });
                    found.extend(of_fields(branch));
                }
            }
            _ => found.extend(of_fields(rule)),
        }
    }
    found
}

/// Returns the values in the fields of a rule that conditions select.
fn of_fields(rule: &Node) -> Vec<Branch> {
    let members = rule.members().unwrap_or_default();
    let places = members.iter().enumerate();
    let found = places.flat_map(|(place, member)| {
        let values = alternatives(&member.value).into_iter();
        values.map(move |(value, span)| {
            let mut rule = rule.clone();
            if let Value::Map(members) = &mut rule.value {
                members[place].value = value;
            }
            Branch { rule, value: span }
        })
    });
    found.take(MAX_OF_RULE).collect()
}

/// Returns what a value may be, each with the part of it that a condition selects.
fn alternatives(value: &Node) -> Vec<(Node, crate::source::Span)> {
    match &value.value {
        Value::Choice(branches) => {
            let branches = branches.iter().filter(|branch| !branch.is_unknown());
            let whole = branches.map(|branch| (branch.clone(), branch.span));
            whole.collect()
        }
        Value::List(items) => {
            let choices = items.iter().filter_map(|item| match &item.value {
                Value::Choice(branches) => Some((item, branches)),
                _ => None,
            });
            let literals = choices.flat_map(|(choice, branches)| {
                let literals = branches.iter().filter(|branch| branch.text().is_some());
                literals.map(move |literal| (choice, literal))
            });
            let lists = literals.map(|(choice, literal)| {
                let unknown = Node {
                    value: Value::Unknown(Why::Expression),
                    ..*choice
                };
                let list = Node {
                    value: Value::List(vec![literal.clone(), unknown]),
                    ..*value
                };
                (list, literal.span)
            });
            lists.collect()
        }
        _ => Vec::new(),
    }
}
