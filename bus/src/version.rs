//! Which nats-server answers, and whether it is one that should be replaced.

/// 2.10.27 and 2.11.1 mend CVE-2025-30215: with older ones an account's users may act on another's streams.
const MENDED: [(u32, u32, u32); 2] = [(2, 10, 27), (2, 11, 1)];

/// A warning about a server of this version; none if it is new enough.
pub fn warning(version: &str) -> Option<String> {
    let found = read(version)?;
    let needed =
        MENDED.iter().rev().find(|mended| (mended.0, mended.1) <= (found.0, found.1)).unwrap_or(&MENDED[0]);
    (found < *needed).then(|| {
        format!(
            "nats-server {version} is older than {}.{}.{}: it lets users of one account act on the streams of \
             another (CVE-2025-30215). Install a newer one, and name it by ANNALS_NATS_SERVER if it is not in the path",
            needed.0, needed.1, needed.2
        )
    })
}

/// The three numbers; what stands behind them (`-beta.1`) makes no difference.
fn read(version: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = version.trim_start_matches('v').splitn(3, '.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse().ok()
    });
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_are_warned_of_and_others_are_not() {
        for old in ["2.9.10", "2.10.26", "2.10.26-beta.1", "2.11.0", "1.4.1", "v2.9.10"] {
            assert!(warning(old).is_some(), "{old}");
        }
        for new in ["2.10.27", "2.10.29", "2.11.1", "2.12.0", "3.0.0", "", "unknown"] {
            assert_eq!(warning(new), None, "{new}");
        }
        assert!(warning("2.9.10").unwrap().contains("older than 2.10.27"));
        assert!(warning("2.11.0").unwrap().contains("older than 2.11.1"));
    }
}
