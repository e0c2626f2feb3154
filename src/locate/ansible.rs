//! The tasks of Ansible that set the CORS rules of a bucket.
//!
//! Source: Ansible, 'community.aws.s3_cors', which was `aws_s3_cors` before.

use super::Location;
use crate::dialect::{PolicyText, S3_ANSIBLE};
use crate::document::Node;

/// The names of the module without those of its collection.
const MODULES: &[&str] = &["s3_cors", "aws_s3_cors"];
/// The lists of tasks in a play or a block.
const TASKS: &[&str] = &[
    "tasks",
    "pre_tasks",
    "post_tasks",
    "handlers",
    "block",
    "rescue",
    "always",
];
/// The maximum depth of blocks to follow.
const MAX_BLOCKS: usize = 16;

/// Returns the policies of a list of tasks or plays.
pub(super) fn find(root: &Node) -> Vec<Location<'_>> {
    let mut locations = Vec::new();
    in_tasks(root, MAX_BLOCKS, &mut locations);
    locations
}

fn in_tasks<'d>(list: &'d Node, depth: usize, locations: &mut Vec<Location<'d>>) {
    for task in list.items().unwrap_or_default() {
        for member in task.members().unwrap_or_default() {
            let key = member.key.value();
            if TASKS.contains(&key) && depth > 0 {
                in_tasks(&member.value, depth - 1, locations);
            }
            let module = key.rsplit('.').next().unwrap_or(key);
            let rules = member.value.get("rules").map(|rules| &rules.value);
            let rules = rules.filter(|rules| rules.items().is_some_and(|it| !it.is_empty()));
            if let Some(rules) = rules.filter(|_| MODULES.contains(&module)) {
                let name = task.get("name").and_then(|name| name.value.text());
                let bucket = member.value.get("name").and_then(|name| name.value.text());
                let address = bucket.or(name).map_or(module, |name| name.value());
                locations.push(Location {
                    resource: Some(task.span),
                    ..Location::new(&S3_ANSIBLE, PolicyText::list(rules)).at(address)
                });
            }
        }
    }
}
