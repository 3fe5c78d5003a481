//! Portfolio endpoints: what people show of their work.

pub mod skills;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "list_skills"     "/api/skills"      SignedIn Scope(PortfolioRead)  Reads    skills::list_skills;
    POST "add_skill"      "/api/skills"      Verified Scope(PortfolioWrite) Changes  skills::add_skill;
    GET "find_skill"      "/api/skills/{id}" SignedIn Scope(PortfolioRead)  Reads    skills::find_skill;
    PUT "replace_skill" |
    PATCH "change_skill"  "/api/skills/{id}" SignedIn Scope(PortfolioWrite) Compares skills::change_skill;
    DELETE "remove_skill" "/api/skills/{id}" SignedIn Scope(PortfolioWrite) Compares skills::remove_skill;
}
