//! One row per act: where it answers, who may do it and what it does; each area lists its own.
//!
//! A row reads: methods, each with its id; path; who may call; what an API key needs; what it does; handler.
//! `form` follows where a form attracts bots, and `also` with other spellings of the path.

use crate::{App, access::Access, bots::FormPurpose, key_access::KeyAccess};
use axum::{http::Method, routing::MethodRouter};
use utoipa::openapi::{Paths, RefOr, Schema};

/// What calling an act does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It reads a resource: it waits for `Annals-Min-Position`, and its body has an `ETag`.
    Reads,
    /// As `Reads`, but the body has no end and therefore no `ETag`.
    Streams,
    /// It serves what is no resource: documents, keys, health.
    Serves,
    /// It answers a question that is asked by `POST`; nothing in the log changes.
    Asks,
    /// It is a command. What it changes has no version, so that `If-Match` with a version is 412.
    Changes,
    /// It is a command, and its handler compares the version in `If-Match`.
    Compares,
}

impl Effect {
    pub const fn is_command(self) -> bool {
        matches!(self, Self::Changes | Self::Compares)
    }
}

/// The schemas and operations that a handler documents.
pub type Documented = (Vec<(String, RefOr<Schema>)>, Paths);

/// What all methods of a row have in common.
#[derive(Clone)]
pub struct Row {
    /// Without a trailing slash and `/v1`: each path also answers with them (see [`crate::normalize`]).
    pub path: &'static str,
    pub access: Access,
    pub key: KeyAccess,
    pub effect: Effect,
    /// The form that is sent, if it attracts bots.
    pub form: Option<FormPurpose>,
    /// Other spellings of the path: same handler, same access, same schema.
    pub also: &'static [&'static str],
    /// Its own path is not looked at.
    pub documented: Documented,
}

/// One thing that can be done, and where.
pub struct Act {
    pub method: Method,
    /// Unique; also the operation id of the canonical path.
    pub id: &'static str,
    pub row: Row,
    pub handler: MethodRouter<App>,
}

impl Act {
    /// The canonical path first.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.row.path).chain(self.row.also.iter().copied())
    }
}

macro_rules! acts {
    ($($($method:ident $id:literal)|+ $path:literal $access:ident $key:ident $(($scope:ident))? $effect:ident
        $handler:path $(, form $form:ident)? $(, also [$($also:literal),+])?;)+) => {
        /// What can be done in this area.
        pub fn acts() -> Vec<$crate::acts::Act> {
            let mut acts = Vec::new();
            $({
                let (schemas, paths, _): utoipa_axum::router::UtoipaMethodRouter<$crate::App> =
                    utoipa_axum::routes!($handler);
                let row = $crate::acts::Row {
                    path: $path,
                    access: $crate::access::Access::$access,
                    key: $crate::key_access::KeyAccess::$key $((domain::values::Scope::$scope))?,
                    effect: $crate::acts::Effect::$effect,
                    form: None $(.or(Some($crate::bots::FormPurpose::$form)))?,
                    also: &[$($($also),+)?],
                    documented: (schemas, paths),
                };
                $(acts.push($crate::acts::Act {
                    method: axum::http::Method::$method,
                    id: $id,
                    row: row.clone(),
                    handler: axum::routing::on(axum::routing::MethodFilter::$method, $handler),
                });)+
            })+
            acts
        }
    };
}

pub(crate) use acts;
