//! Limits, written as `burst/seconds`: so many at once, and one more after so many seconds.

use super::{Values, invalid};
use anyhow::Result;
use commands::{Limit, Throttles};
use std::time::Duration;

pub(super) fn throttles(values: &Values) -> Result<Throttles> {
    let of = |key: &str| limit(values, key);
    Ok(Throttles {
        login_address: of("throttle.login_address")?,
        login_account: of("throttle.login_account")?,
        login_anywhere: of("throttle.login_anywhere")?,
        password_check: of("throttle.password_check")?,
        reset_address: of("throttle.reset_address")?,
        reset_account: of("throttle.reset_account")?,
        code_mail: of("throttle.code_mail")?,
        code_try: of("throttle.code_try")?,
        registration: of("throttle.registration")?,
        haste: of("throttle.haste")?,
    })
}

/// None: off.
pub(super) fn limit(values: &Values, key: &str) -> Result<Option<Limit>> {
    match values.get(key) {
        None | Some("off") => Ok(None),
        Some(text) => {
            parsed(text).map(Some).ok_or_else(|| invalid(values, key, "burst/seconds, such as 5/60, or off"))
        }
    }
}

fn parsed(text: &str) -> Option<Limit> {
    let (burst, seconds) = text.split_once('/')?;
    let (burst, seconds): (u32, f64) = (burst.trim().parse().ok()?, seconds.trim().parse().ok()?);
    let sound = (1..=1_000_000).contains(&burst) && (0.001..=86_400.0).contains(&seconds);
    sound.then(|| Limit { burst, every: Duration::from_secs_f64(seconds) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_a_burst_and_seconds() {
        let limit = |burst, millis| Some(Limit { burst, every: Duration::from_millis(millis) });

        assert_eq!(parsed("5/60"), limit(5, 60_000));
        assert_eq!(parsed("600/0.05"), limit(600, 50));
        for bad in ["5", "0/1", "5/0", "-1/5", "5/1/1", "x/1", "5/nan", "5/100000"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
