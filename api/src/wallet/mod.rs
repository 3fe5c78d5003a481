//! Wallet endpoints: points, credits and money of a person.

pub mod ledger;
pub mod views;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "own_wallet"             "/api/users/wallet"            SignedIn Scope(AccountRead) Reads   ledger::own_wallet;
    GET "list_wallet_entries"    "/api/users/wallet/entries"    SignedIn Scope(AccountRead) Reads   ledger::list_entries;
    GET "find_wallet"            "/api/admin/users/{id}/wallet" Staff    Never              Reads   ledger::find_wallet;
    GET "list_wallet_entries_of" "/api/admin/users/{id}/wallet/entries" Staff    Never              Reads   ledger::list_entries_of;
    POST "adjust_wallet"         "/api/admin/users/{id}/wallet/adjustments" Staff    Never              Changes ledger::adjust_wallet;
}
