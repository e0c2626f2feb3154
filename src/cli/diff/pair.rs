//! Which old policy belongs to which new one.

use std::rc::Rc;

use corslint::analyze::Analysis;
use corslint::compare::{Pair, Side, pairs_by_address};
use corslint::report::difference::name;
use corslint::report::escape_control;

use super::load::Versions;

/// Pairs the policies of files by their addresses. `address` selects one.
pub(super) fn pairs(versions: Vec<Versions>, address: Option<&str>) -> Result<Vec<Pair>, String> {
    let mut pairs = Vec::new();
    let mut left = Vec::new();
    let mut addresses = Vec::new();
    for versions in versions {
        let (old, new) = (sides(versions.old.as_ref()), sides(versions.new.as_ref()));
        for side in old.iter().chain(&new) {
            addresses.push(side.located().address.clone());
        }
        let (mut old, mut new) = match address {
            Some(address) => (selected(old, address), selected(new, address)),
            None => (old, new),
        };
        // Two files that the user names are compared, whatever they are called.
        if versions.is_named
            && let ([_], [_]) = (&old[..], &new[..])
        {
            pairs.push((old.pop(), new.pop()));
            continue;
        }
        for pair in pairs_by_address(old, new) {
            match pair {
                (Some(_), Some(_)) => pairs.push(pair),
                _ => left.push(pair),
            }
        }
        if versions.is_named && (!left.is_empty() || pairs.is_empty()) {
            return Err(unpaired(address, addresses));
        }
    }
    if let Some(address) = address
        && pairs.is_empty()
        && left.is_empty()
    {
        return Err(unpaired(Some(address), addresses));
    }
    // A policy that moved to another file keeps its address there, or is the same in all.
    let (mut old, new): (Vec<Pair>, Vec<Pair>) =
        left.into_iter().partition(|(old, _)| old.is_some());
    for (_, side) in new {
        let is_same = |(other, _): &Pair| {
            let (Some(other), Some(side)) = (other, &side) else {
                return false;
            };
            let address = &side.located().address;
            *address == other.located().address
                && (!address.is_empty()
                    || side.analysis.source.text() == other.analysis.source.text())
        };
        let moved = old.iter().position(is_same).map(|index| old.remove(index));
        pairs.push((moved.and_then(|(old, _)| old), side));
    }
    pairs.append(&mut old);
    pairs.sort_by_key(|(old, new)| new.as_ref().or(old.as_ref()).map(name));
    Ok(pairs)
}

fn sides(analysis: Option<&Rc<Analysis>>) -> Vec<Side> {
    analysis.into_iter().flat_map(Side::all_of).collect()
}

/// Returns the policy at an address. A file with one policy needs no address.
fn selected(sides: Vec<Side>, address: &str) -> Vec<Side> {
    let mut sides = sides;
    if sides.len() > 1 || sides.iter().any(|it| !it.located().address.is_empty()) {
        sides.retain(|side| side.located().address == address);
    }
    sides
}

fn unpaired(address: Option<&str>, mut addresses: Vec<String>) -> String {
    addresses.retain(|address| !address.is_empty());
    addresses.sort();
    addresses.dedup();
    let listed = escape_control(&addresses.join(", ")).into_owned();
    match address {
        Some(address) => format!(
            "no policy at {} in both files; there are: {listed}",
            escape_control(address)
        ),
        None => format!(
            "the files have policies at different addresses; choose one with --policy: {listed}"
        ),
    }
}
