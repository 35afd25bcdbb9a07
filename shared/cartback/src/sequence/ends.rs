//! What silence, a bad try or an expired reservation leads to.

/// What silence about a mail means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: the policy or the time does not allow a resend.
    Presume,
    /// Nothing yet: other mails' evidence does not come in either, or nobody can tell.
    Wait,
    /// The mail did not leave: other mails' evidence comes in.
    Resend,
}

/// What follows a try that would not render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The stage waits for its next try.
    WillRetry,
    /// It was the last try.
    GivenUp,
}

/// What follows an expired reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Evidence gets more time.
    WillWait,
    /// The stage is due again.
    WillResend,
    /// The mail counts as sent; nobody knows.
    Presumed,
}
