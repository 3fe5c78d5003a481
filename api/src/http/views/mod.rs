//! Views that all areas share.

mod message;
mod page;

pub use message::MessageView;
pub use page::{PageQuery, PageView, link, not_a_cursor, numbered, paging, refused, size};
