//! What the repository promises about itself: edges between crates, shapes of folders, documents that are true.

#![cfg(test)]
#[path = "../architecture/coverage.rs"]
mod coverage;
#[path = "../architecture/edges.rs"]
mod edges;
#[path = "../architecture/files.rs"]
mod files;
#[path = "../architecture/folders.rs"]
mod folders;
#[path = "../architecture/repository.rs"]
mod repository;
#[path = "../architecture/security.rs"]
mod security;
#[path = "../architecture/settings.rs"]
mod settings;
