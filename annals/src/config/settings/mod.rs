//! Every setting, once: key in the file, environment variable, default, meaning. The lines are in the files beside this one.

mod accounts;
mod front;
mod limits;
mod log;
mod servers;

/// One line of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// `section.name` in the file and in `--set`.
    pub key: &'static str,
    /// The environment variable; the seeds' own name where they have one (CFG-01).
    pub env: &'static str,
    /// None: no value unless given.
    pub default: Option<&'static str>,
    /// Never shown.
    pub secret: bool,
    pub doc: &'static str,
}

const fn plain(key: &'static str, env: &'static str, default: &'static str, doc: &'static str) -> Setting {
    Setting { key, env, default: Some(default), secret: false, doc }
}

const fn unset(key: &'static str, env: &'static str, doc: &'static str) -> Setting {
    Setting { key, env, default: None, secret: false, doc }
}

const fn secret(key: &'static str, env: &'static str, doc: &'static str) -> Setting {
    Setting { key, env, default: None, secret: true, doc }
}

/// In the order in which they are documented.
const PARTS: [&[Setting]; 5] =
    [front::SETTINGS, servers::SETTINGS, accounts::SETTINGS, limits::SETTINGS, log::SETTINGS];

const COUNT: usize = {
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
};

/// All of them.
pub const SETTINGS: &[Setting] = &{
    let mut all = [PARTS[0][0]; COUNT];
    let (mut at, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut line = 0;
        while line < PARTS[part].len() {
            all[at] = PARTS[part][line];
            (at, line) = (at + 1, line + 1);
        }
        part += 1;
    }
    all
};
