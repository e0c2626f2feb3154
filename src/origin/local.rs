//! Hosts of developers and of private networks.

use std::net::{IpAddr, Ipv4Addr};

use super::{OriginPattern, is_subdomain_of};

/// Names that never leave a machine or a private network: RFC 6761 (`localhost`, `test`), RFC 6762
/// (`local`), RFC 8375 (`home.arpa`), ICANN SAC113 (`internal`), and `lan`, which routers use.
const PRIVATE_DOMAINS: &[&str] = &[
    "localhost",
    "local",
    "test",
    "internal",
    "home.arpa",
    "lan",
    // Public names that resolve to 127.0.0.1, or to the host of a container.
    "host.docker.internal",
    "lvh.me",
    "localtest.me",
    "ddev.site",
];

/// The origin of a Tauri app on Windows and Android, not of a developer's machine.
const TAURI: &str = "tauri.localhost";

impl OriginPattern<'_> {
    /// Returns true for an origin on a developer's machine or in a private network.
    pub fn is_local(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        let name = host.trim_start_matches("*.");
        match self.address() {
            Some(address) => is_local_address(address),
            None if name.is_empty() || name == TAURI => false,
            None => {
                PRIVATE_DOMAINS
                    .iter()
                    .any(|domain| is_subdomain_of(name, domain))
                    || !name.contains(['.', ':', '*'])
                    || nip_address(name).is_some_and(is_local_address)
            }
        }
    }

    /// Returns true for an origin that apps with a bundled web view send (Tauri, Capacitor, Ionic): neither
    /// local nor public.
    pub fn is_app(&self) -> bool {
        match self.scheme() {
            Some("http" | "https") => self.host().eq_ignore_ascii_case(TAURI),
            Some(_) => !self.is_http_family(),
            None => false,
        }
    }
}

fn is_local_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4 == Ipv4Addr::UNSPECIFIED
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Returns the address that a name below `nip.io` resolves to: `10.0.0.1` for `app.10.0.0.1.nip.io`.
fn nip_address(name: &str) -> Option<IpAddr> {
    let name = name
        .strip_suffix(".nip.io")
        .or_else(|| name.strip_suffix(".sslip.io"))?;
    let name = name.replace('-', ".");
    let labels: Vec<_> = name.split('.').collect();
    let last = labels.get(labels.len().checked_sub(4)?..)?;
    last.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_hosts() {
        for text in [
            "http://localhost:3000",
            "http://127.0.0.2",
            "http://[::1]",
            "http://0.0.0.0:80",
            "http://a.local",
            "http://app.test",
            "http://192.168.1.5",
            "http://10.0.0.1:8080",
            "http://169.254.1.1",
            "http://intranet",
            "http://[fe80::1]",
            "http://host.docker.internal:3000",
            "https://api.corp.internal",
            "http://nas.home.arpa",
            "http://printer.lan",
            "http://app.lvh.me",
            "https://shop.ddev.site",
            "http://app.10.0.0.1.nip.io",
            "http://*.localhost",
        ] {
            assert!(OriginPattern::parse(text).is_local(), "{text}");
        }
        for text in [
            "http://acme.io",
            "http://34.102.158.218",
            "http://*.acme.io",
            "http://contest.io",
            "http://tauri.localhost",
            "http://app.34.102.158.218.nip.io",
            "https://x.ngrok.io",
            "*",
        ] {
            assert!(!OriginPattern::parse(text).is_local(), "{text}");
        }
        assert!(OriginPattern::parse("http://tauri.localhost").is_app());
        assert!(OriginPattern::parse("capacitor://localhost").is_app());
        assert!(!OriginPattern::parse("http://localhost").is_app());
    }
}
