//! Reading of requests, writing of replies, and the OpenAPI and AsyncAPI documents.

pub mod acts;
pub mod asyncapi;
pub mod etag;
pub mod extract;
pub mod kept;
pub mod normalize;
pub mod openapi;
pub mod owned;
pub mod problem;
pub mod repeat;
pub mod reply;
pub mod views;
