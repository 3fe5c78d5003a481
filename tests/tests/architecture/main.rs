//! What the repository promises about itself: edges between crates, shapes of folders, documents that are true.

#![cfg(test)]
mod coverage;
mod edges;
mod files;
mod folders;
mod repository;
mod security;
mod settings;
