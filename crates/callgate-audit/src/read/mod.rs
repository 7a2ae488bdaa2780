//! Reading a log: record by record, without judging whether it is whole.
//!
//! A [`LogReader`] takes a folder or a stream as it is: it steps over lines that are no records
//! and says so, knows nothing of kinds that it has not heard of, and may be asked again for what
//! was appended meanwhile. It does not check the chain: what it shows may have been changed,
//! moved or left out. That is for [`verify_folder`](crate::verify_folder) to say.

mod committed;
mod feed;
mod filter;
mod folder;
mod kept;
mod log;
mod name;
mod record;
mod sink;
mod value;

pub use committed::CommittedText;
pub(crate) use feed::{Feed, Step};
pub use filter::{Filter, Sieve};
pub use kept::KeptView;
pub use log::{LogReader, ReadError, ReadItem};
pub use name::{NameView, PrincipalView};
pub use record::{DecisionView, RecordView};
pub use value::{ValueItems, ValueMembers, ValueView};
