//! Resources of Kubernetes controllers that manage buckets: ACK, Crossplane and Config Connector.
//!
//! Sources: the custom resource definitions of these controllers.

use super::Location;
use crate::dialect::{Dialect, GCS_CONFIG_CONNECTOR, PolicyText, S3_KUBERNETES};
use crate::document::Node;

/// A kind of resource with CORS rules.
struct Kind {
    /// The API group of `apiVersion`, without the version.
    group: &'static str,
    kind: &'static str,
    /// The keys on the way to the rules.
    path: &'static [&'static str],
    dialect: &'static Dialect,
}

const KINDS: &[Kind] = &[
    Kind {
        group: "s3.services.k8s.aws",
        kind: "Bucket",
        path: &["spec", "cors", "corsRules"],
        dialect: &S3_KUBERNETES,
    },
    Kind {
        group: "s3.aws.crossplane.io",
        kind: "Bucket",
        path: &["spec", "forProvider", "corsConfiguration", "corsRules"],
        dialect: &S3_KUBERNETES,
    },
    Kind {
        group: "s3.aws.upbound.io",
        kind: "BucketCorsConfiguration",
        path: &["spec", "forProvider", "corsRule"],
        dialect: &S3_KUBERNETES,
    },
    Kind {
        group: "s3.aws.m.upbound.io",
        kind: "BucketCorsConfiguration",
        path: &["spec", "forProvider", "corsRule"],
        dialect: &S3_KUBERNETES,
    },
    Kind {
        group: "storage.cnrm.cloud.google.com",
        kind: "StorageBucket",
        path: &["spec", "cors"],
        dialect: &GCS_CONFIG_CONNECTOR,
    },
];

/// Returns the policies of a resource, or of each resource of a `List`.
pub(super) fn find(root: &Node) -> Vec<Location<'_>> {
    let text = |key: &str| Some(root.get(key)?.value.text()?.value());
    let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return Vec::new();
    };
    if kind == "List" {
        let items = root.get("items").and_then(|items| items.value.items());
        return items.unwrap_or_default().iter().flat_map(find).collect();
    }
    let group = version.split('/').next().unwrap_or(version);
    let mut kinds = KINDS.iter();
    let Some(row) = kinds.find(|row| row.group == group && row.kind == kind) else {
        return Vec::new();
    };
    let rules = row
        .path
        .iter()
        .try_fold(root, |node, key| Some(&node.get(key)?.value));
    let Some(rules) = rules.filter(|rules| rules.items().is_some() || rules.is_unknown()) else {
        return Vec::new();
    };
    let name = root
        .get("metadata")
        .and_then(|metadata| metadata.value.get("name")?.value.text());
    let name = name.map_or("", |name| name.value());
    let text = match rules.is_unknown() {
        true => PolicyText::computed(rules),
        false => PolicyText::list(rules),
    };
    vec![Location {
        resource: Some(root.span),
        ..Location::new(row.dialect, text).at(format!("{kind}/{name}"))
    }]
}
