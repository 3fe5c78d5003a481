//! From what somebody calls a badge to the badge: through the store's claims, which are never behind (C-24).

use super::Badges;
use crate::CommandError;
use domain::{
    BadgeId, ClaimKind,
    badge::BadgeError,
    values::{BadgeName, BadgeSlug},
};

impl Badges {
    /// The badge of this id, slug or name, in this order; letter case and spaces of a name make no difference.
    /// A UUID in its hyphenated form is an id, whether or not there is such a badge.
    ///
    /// # Errors
    /// [`BadgeError::NotDefined`].
    pub async fn find(&self, text: &str) -> Result<BadgeId, CommandError> {
        let text = text.trim();
        if let Ok(id) = text.parse()
            && text.len() == 36
        {
            return Ok(id);
        }
        let slug = BadgeSlug::parse(text).ok();
        // Of any time: what names may hold has narrowed since.
        let name = BadgeName::claimed(text);
        // Another spelling of a slug, such as `first-post`, after what is somebody's name.
        let derived = BadgeSlug::derived(text);
        let claims = [
            slug.map(|slug| (ClaimKind::BadgeSlug, slug.as_str().to_owned())),
            name.map(|name| (ClaimKind::BadgeName, name)),
            derived.map(|slug| (ClaimKind::BadgeSlug, slug.as_str().to_owned())),
        ];
        for (kind, value) in claims.into_iter().flatten() {
            if let Some(badge) = self.executor.store().claim_owner(kind, &value).await? {
                return Ok(BadgeId::from_uuid(badge));
            }
        }
        Err(CommandError::rejected(BadgeError::NotDefined))
    }
}
