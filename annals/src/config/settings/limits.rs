//! Settings of throttles, signs of bots, and what a node takes.

use super::{Setting, plain};

pub(super) const SETTINGS: &[Setting] = &[
    plain(
        "throttle.login_address",
        "ANNALS_THROTTLE_LOGIN_ADDRESS",
        "30/20",
        "Failed logins from one network: number at once / seconds until one more; or off.",
    ),
    plain(
        "throttle.login_account",
        "ANNALS_THROTTLE_LOGIN_ACCOUNT",
        "5/60",
        "… to one identifier from one network.",
    ),
    plain(
        "throttle.login_anywhere",
        "ANNALS_THROTTLE_LOGIN_ANYWHERE",
        "100/36",
        "… to one identifier from all networks that never logged in to it.",
    ),
    plain(
        "throttle.password_check",
        "ANNALS_THROTTLE_PASSWORD_CHECK",
        "10/60",
        "Wrong passwords of one session's user.",
    ),
    plain(
        "throttle.reset_address",
        "ANNALS_THROTTLE_RESET_ADDRESS",
        "3/1200",
        "Password resets from one network.",
    ),
    plain(
        "throttle.reset_account",
        "ANNALS_THROTTLE_RESET_ACCOUNT",
        "6/600",
        "Reset mails to one account, one valid at a time; more are silently not sent.",
    ),
    plain(
        "throttle.code_mail",
        "ANNALS_THROTTLE_CODE_MAIL",
        "10/8640",
        "Mails with a code to one address; more are silently not sent. Mails that strangers request are counted separately.",
    ),
    plain("throttle.code_try", "ANNALS_THROTTLE_CODE_TRY", "20/60", "Wrong codes from one network."),
    plain(
        "throttle.registration",
        "ANNALS_THROTTLE_REGISTRATION",
        "10/120",
        "Registrations, and corrections of their address, from one network.",
    ),
    plain(
        "throttle.haste",
        "ANNALS_THROTTLE_HASTE",
        "60/2",
        "Logins, registrations and resets of one larger network (/24, /56); more is a bot signal, not a rejection.",
    ),
    plain(
        "bots.signals",
        "ANNALS_BOT_SIGNALS",
        "enforce",
        "Reaction to bot signals: off, observe or enforce.",
    ),
    plain(
        "bots.difficulty",
        "ANNALS_BOT_DIFFICULTY",
        "18",
        "Zero bits of the proof of work for a suspected bot, 8 to 30.",
    ),
    plain(
        "bots.form_seconds",
        "ANNALS_BOT_FORM_SECONDS",
        "2",
        "Seconds that a person needs at least for a form; faster is a bot signal. 0 to 600.",
    ),
    plain(
        "throttle.requests",
        "ANNALS_THROTTLE_REQUESTS",
        "600/0.05",
        "Requests of one user, of one API key, or of one network without either.",
    ),
    plain(
        "cache.bytes",
        "ANNALS_CACHE_BYTES",
        "33554432",
        "Memory for the cache of active aggregates, in bytes.",
    ),
    plain(
        "workers.concurrency",
        "ANNALS_WORKERS",
        "4",
        "Jobs that this node runs at the same time, 1 to 256.",
    ),
];
