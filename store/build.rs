//! Builds anew when a migration is added: `sqlx::migrate!` embeds the folder and does not notice by itself.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
