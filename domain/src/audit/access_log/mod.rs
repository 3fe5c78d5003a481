//! What one person was shown of others, was refused, or did to what the log does not hold; or what one key of a service was
//! sent; on one UTC day (ADM-07, AUD-02).

mod error;
mod events;
mod record;
mod state;

pub use error::AccessLogError;
pub use events::*;
pub use record::{RecordAct, RecordDenial, RecordFetch, RecordView};
pub use state::AccessLog;

use crate::{aggregate::aggregate, ids::AccessLogId};

aggregate! {
    AccessLog = "access_log", id AccessLogId, error AccessLogError;
    commands AccessLogCommand { RecordView, RecordFetch, RecordDenial, RecordAct }
    events AccessLogEvent {
        PersonalDataViewed = "personal_data_viewed" "1",
        PersonalDataFetched = "personal_data_fetched" "1",
        AccessDenied = "access_denied" "1",
        OperatorActed = "operator_acted" "1",
    }
}
