//! What the doctor saw. Nothing in here is secret: of the secrets only how many there are.

use cartback::ids::ShopId;
use cartback::stage::Stage;
use jiff::Timestamp;

/// Something that was looked for, or why it was not seen.
pub(crate) type Seen<T> = Result<T, Unseen>;

/// Why something was not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unseen {
    /// It is not there.
    Missing,
    /// Nobody answered, or not to us; the service's code.
    Unanswered(String),
}

/// An installation.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) now: Timestamp,
    pub(crate) account: Seen<Account>,
    pub(crate) destinations: Seen<Vec<Destination>>,
    pub(crate) table: Seen<Table>,
    pub(crate) secrets: Seen<SecretFacts>,
    pub(crate) shops: Seen<Vec<ShopFacts>>,
    /// What the shops' mails come from, each domain once.
    pub(crate) senders: Vec<Sender>,
    pub(crate) schedules: Seen<Vec<Schedule>>,
    /// Each stage's last sweep of the hour before, if there was one.
    pub(crate) sweeps: Seen<Vec<(Stage, Option<Timestamp>)>>,
    pub(crate) alarms: Seen<Vec<Alarm>>,
    /// The topics that alarms are told to.
    pub(crate) topics: Seen<Vec<Topic>>,
}

/// The account at SES.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) is_in_sandbox: bool,
    pub(crate) can_send: bool,
    /// `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    pub(crate) standing: String,
}

/// Where SES tells of the mails of our configuration set.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) way: Way,
    pub(crate) is_on: bool,
    /// Such as `SEND`.
    pub(crate) kinds: Vec<String>,
}

/// The two ways of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    EventBridge,
    Sns,
    Other,
}

/// What protects the table, and what it tells.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) has_stream: bool,
    pub(crate) is_protected: bool,
    /// Each asked by a call of its own, which may be denied.
    pub(crate) has_expiry: Seen<bool>,
    pub(crate) has_point_in_time_recovery: Seen<bool>,
}

/// What is wrong with the secrets, and whose they are.
#[derive(Debug, Clone)]
pub(crate) struct SecretFacts {
    pub(crate) is_encrypted: bool,
    /// The first fault, without the secret.
    pub(crate) fault: Option<String>,
    /// Shops with at least one webhook secret.
    pub(crate) shops: Vec<ShopId>,
}

/// One shop in the table.
#[derive(Debug, Clone)]
pub(crate) struct ShopFacts {
    pub(crate) id: ShopId,
    pub(crate) settings: Seen<()>,
    /// What holds its reminders back, in the words of the brake.
    pub(crate) held: Option<String>,
}

/// A domain that mails come from.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    /// In lower case.
    pub(crate) domain: String,
    pub(crate) identity: Seen<Identity>,
    /// The TXT records at `_dmarc`, of the domain or the nearest one above that has any.
    pub(crate) dmarc: Seen<Vec<String>>,
}

/// What SES knows of a sender.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// An address, the domain, or one above it.
    pub(crate) name: String,
    pub(crate) is_verified: bool,
    pub(crate) signs: bool,
    /// `SUCCESS` is what it should be.
    pub(crate) dkim: String,
    /// The custom MAIL FROM domain and its status.
    pub(crate) mail_from: Option<(String, String)>,
}

/// A schedule of a stage.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) is_on: bool,
    /// How many parts the stage has by what this schedule sends; `None` if that is no tick of ours.
    pub(crate) parts: Option<u16>,
}

/// An alarm of the stack.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) rings: bool,
    /// Whether it is told to anybody.
    pub(crate) is_told: bool,
}

/// Who hears of alarms.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) arn: String,
    pub(crate) n_confirmed: usize,
    pub(crate) n_pending: usize,
}
