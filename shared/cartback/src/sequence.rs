//! The reminder sequence of one cart: which stage is next, when, and what became of the others.
//! These are the transitions of the sending protocol, pure; the store makes each one conditional on
//! the version of the cart that it was computed from.

mod ends;
mod log;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decide::Channel;
use crate::ids::Attempt;
use crate::stage::Stage;
pub use ends::{Expiry, Refusal, Verdict};
pub use log::{Evidence, Outcome, StageLog};

/// How long a reserved stage waits for evidence before the sweep looks at it again: longer than the
/// Lambda time-out (60 s, after which the sender is surely dead) plus the lag of SES events.
pub const EVIDENCE_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// A sweep that looks this much later than it meant to was held back by an outage, and the evidence
/// may have been held back with it.
pub const LATE_LOOK: SignedDuration = SignedDuration::from_mins(3);

/// A reservation older than this is not used to send: another worker may soon act on it.
pub const SEND_DEADLINE: SignedDuration = SignedDuration::from_secs(20);

/// Sends of one stage that may follow one with an unknown outcome.
pub const MAX_RESENDS: u8 = 2;

/// Tries of one stage that would not render before it is given up.
pub const MAX_TRIES: u8 = 3;

/// Where a cart is in its sequence, and the outcome of each stage that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sequence {
    /// Where it is.
    pub phase: Phase,
    /// Ended stages, first to last; at most one entry for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<StageLog>,
}

/// Where a cart is in its sequence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Phase {
    /// Nothing is planned: the cart could not be mailed so far.
    #[default]
    Idle,
    /// A stage waits for its time.
    Wait(Pending),
    /// A worker has the right to send; its outcome is not known yet.
    Sending(Pending),
    /// Nothing more will be planned.
    Done,
}

/// A stage that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Which.
    pub stage: Stage,
    /// When the sweep looks at it next.
    pub due_at: Timestamp,
    /// Attempts whose mail may be on its way, oldest first; the last one holds the reservation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Tries that would not render.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u8,
    /// Tries that SES refused for the moment; they only make the pauses longer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusals: u8,
    /// Sends that followed one with an unknown outcome.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub resends: u8,
    /// The way of the last attempt.
    #[serde(default, skip_serializing_if = "Channel::is_mail")]
    pub channel: Channel,
}

impl Sequence {
    /// The stage that the due index lists, and when. Once a cart is closed only a send with an unknown
    /// outcome stays listed, so that it is not forgotten.
    #[must_use]
    pub fn due(&self) -> Option<(Stage, Timestamp)> {
        self.pending()
            .map(|pending| (pending.stage, pending.due_at))
    }

    /// The stage that has not ended.
    #[must_use]
    pub fn pending(&self) -> Option<&Pending> {
        match &self.phase {
            Phase::Wait(pending) | Phase::Sending(pending) => Some(pending),
            Phase::Idle | Phase::Done => None,
        }
    }

    /// The log of `stage`, once it has ended.
    #[must_use]
    pub fn outcome(&self, stage: Stage) -> Option<&StageLog> {
        self.log.iter().find(|log| log.stage == stage)
    }

    /// T0: plans the first stage. Does nothing if a stage was ever planned.
    pub fn arm(&mut self, due_at: Timestamp) {
        if self.phase == Phase::Idle && self.log.is_empty() {
            self.phase = Phase::Wait(Pending::new(Stage::Nudge, due_at));
        }
    }

    /// T0 undone: the cart is gone before its first reminder was decided on, and none can be on its way.
    /// What is told of it later plans that reminder anew.
    pub fn disarm(&mut self) {
        let is_untried = matches!(&self.phase, Phase::Wait(pending) if pending.attempts.is_empty());
        if is_untried && self.log.is_empty() {
            self.phase = Phase::Idle;
        }
    }

    /// Looks again at `until`.
    pub fn defer(&mut self, until: Timestamp) {
        if let Phase::Wait(pending) = &mut self.phase {
            pending.due_at = until;
        }
    }

    /// T1: takes the right to send for `attempt`. `false` if the cart does not wait.
    #[must_use]
    pub fn reserve(&mut self, attempt: Attempt, now: Timestamp) -> bool {
        let Phase::Wait(pending) = &self.phase else {
            return false;
        };
        let mut pending = pending.clone();
        pending.attempts.push(attempt);
        pending.due_at = now + EVIDENCE_WAIT;
        self.phase = Phase::Sending(pending);
        true
    }

    /// Notes by which way the attempt that holds the right to send goes.
    pub fn note_channel(&mut self, channel: Channel) {
        if let Phase::Sending(pending) = &mut self.phase {
            pending.channel = channel;
        }
    }

    /// Whether `attempt` holds the right to send.
    #[must_use]
    pub fn is_reserved_by(&self, attempt: Attempt) -> bool {
        matches!(&self.phase, Phase::Sending(pending) if pending.attempts.last() == Some(&attempt))
    }

    /// T4: SES refused the mail of `attempt` for the moment; tries again at `retry_at`. How often is
    /// not limited: it is SES's trouble or the account's, not the mail's. `false` if the attempt no
    /// longer holds the reservation.
    #[must_use]
    pub fn refuse(&mut self, attempt: Attempt, retry_at: Timestamp) -> bool {
        if !self.release(attempt, retry_at) {
            return false;
        }
        if let Phase::Wait(pending) = &mut self.phase {
            pending.refusals = pending.refusals.saturating_add(1);
        }
        true
    }

    /// T4: SES refused the mail of `attempt` for good. `false` if it no longer holds the reservation.
    #[must_use]
    pub fn reject(&mut self, attempt: Attempt, now: Timestamp) -> bool {
        let stage = self.pending().map(|pending| pending.stage);
        match stage {
            Some(stage) if self.is_reserved_by(attempt) => {
                self.end(stage, Outcome::Failed, now);
                true
            }
            _ => false,
        }
    }

    /// Gives the reservation of `attempt` back, which was surely not used, until `due_at`. `false` if it
    /// is not held.
    #[must_use]
    pub fn release(&mut self, attempt: Attempt, due_at: Timestamp) -> bool {
        if !self.is_reserved_by(attempt) {
            return false;
        }
        if let Phase::Sending(pending) = &self.phase {
            let mut pending = pending.clone();
            pending.attempts.pop();
            pending.due_at = due_at;
            self.phase = Phase::Wait(pending);
        }
        true
    }

    /// Counts a try that would not render, of a cart that waits; tries again at `retry_at`, or gives up
    /// after [`MAX_TRIES`].
    pub fn note_failed_try(&mut self, retry_at: Timestamp, now: Timestamp) -> Refusal {
        let Phase::Wait(pending) = &mut self.phase else {
            return Refusal::GivenUp;
        };
        pending.tries += 1;
        pending.due_at = retry_at;
        if pending.tries < MAX_TRIES {
            return Refusal::WillRetry;
        }
        let stage = pending.stage;
        self.end(stage, Outcome::Failed, now);
        Refusal::GivenUp
    }

    /// T6: the reservation expired without evidence. `verdict` says what silence means; once no resend
    /// is left, the mail is presumed sent. After an outage evidence gets its whole time again before
    /// anything is sent twice.
    #[must_use]
    pub fn expire(&mut self, verdict: Verdict, now: Timestamp) -> Expiry {
        let Phase::Sending(pending) = &self.phase else {
            return Expiry::Presumed;
        };
        let mut pending = pending.clone();
        if verdict == Verdict::Presume || MAX_RESENDS <= pending.resends {
            let attempt = pending.attempts.last().copied();
            self.end(pending.stage, Outcome::Presumed { attempt }, now);
            return Expiry::Presumed;
        }
        let is_late = LATE_LOOK < now.duration_since(pending.due_at);
        if is_late || verdict == Verdict::Wait {
            pending.due_at = now + EVIDENCE_WAIT;
            self.phase = Phase::Sending(pending);
            return Expiry::WillWait;
        }
        pending.resends += 1;
        pending.due_at = now;
        self.phase = Phase::Wait(pending);
        Expiry::WillResend
    }

    /// Whether the log of `stage` has it that SES accepted the mail of `attempt`: then no evidence of it
    /// is news.
    #[must_use]
    pub fn is_sent_by(&self, stage: Stage, attempt: Attempt) -> bool {
        self.outcome(stage)
            .is_some_and(|log| log.is_sent_by(attempt))
    }

    /// T3 and T5: SES accepted the mail of `attempt` for `stage`, says its reply or one of its events.
    #[must_use]
    pub fn accept(&mut self, stage: Stage, attempt: Attempt, now: Timestamp) -> Evidence {
        if let Some(log) = self.log.iter_mut().find(|log| log.stage == stage) {
            if log.is_sent_by(attempt) {
                return Evidence::Known;
            }
            return match log.outcome {
                Outcome::Sent { .. } => {
                    log.duplicates.push(attempt);
                    Evidence::Duplicate
                }
                Outcome::Skipped { .. } | Outcome::Failed | Outcome::Presumed { .. } => {
                    log.outcome = Outcome::Sent { attempt };
                    log.tried = None;
                    Evidence::Settled
                }
            };
        }
        let is_pending = self.pending().is_some_and(|pending| pending.stage == stage);
        if !is_pending {
            return Evidence::Known;
        }
        self.end(stage, Outcome::Sent { attempt }, now);
        Evidence::Settled
    }

    /// Ends the waiting stage without a mail.
    pub fn skip(&mut self, reason: crate::decide::SkipReason, now: Timestamp) {
        let Phase::Wait(pending) = self.phase.clone() else {
            return;
        };
        self.end(pending.stage, Outcome::Skipped { reason }, now);
        let is_untried = pending == Pending::new(pending.stage, pending.due_at);
        let is_lost = reason == crate::decide::SkipReason::NewerCart && !is_untried;
        if let Some(log) = self.log.last_mut().filter(|_| is_lost) {
            log.tried = Some(pending);
        }
    }

    /// T7: nothing more is planned. A waiting stage is logged as skipped; a send under way stays
    /// until its outcome is known.
    pub fn close(&mut self, reason: crate::decide::SkipReason, now: Timestamp) {
        self.skip(reason, now);
        if !matches!(self.phase, Phase::Sending(_)) {
            self.phase = Phase::Done;
        }
    }

    /// The stage at which the cart gave way to a newer one of its person.
    #[must_use]
    pub fn lost_stage(&self) -> Option<Stage> {
        let reason = crate::decide::SkipReason::NewerCart;
        let last = self.log.last().filter(|_| self.phase == Phase::Done)?;
        (last.outcome == Outcome::Skipped { reason }).then_some(last.stage)
    }

    /// A cart that gave way is used again: its lost stage is planned once more with what was tried, and
    /// the next decision sees which cart is the newest.
    pub fn revive(&mut self, due_at: Timestamp) {
        if let Some(stage) = self.lost_stage() {
            let tried = self.log.pop().and_then(|log| log.tried);
            let pending = tried.unwrap_or_else(|| Pending::new(stage, due_at));
            self.phase = Phase::Wait(Pending { due_at, ..pending });
        }
    }

    /// The stage to plan after one that has just ended; `None` between no two stages.
    #[must_use]
    pub fn next_stage(&self) -> Option<Stage> {
        match self.phase {
            Phase::Idle => self.log.last().and_then(|log| log.stage.next()),
            Phase::Wait(_) | Phase::Sending(_) | Phase::Done => None,
        }
    }

    /// Plans `next`, or ends the sequence after its last stage. Does nothing while a stage is open or
    /// none has ended yet.
    pub fn advance(&mut self, next: Option<(Stage, Timestamp)>) {
        if self.phase == Phase::Idle && !self.log.is_empty() {
            self.phase = next.map_or(Phase::Done, |(stage, due_at)| {
                Phase::Wait(Pending::new(stage, due_at))
            });
        }
    }

    /// Logs the end of `stage` and leaves the sequence between two stages: the caller advances it.
    fn end(&mut self, stage: Stage, outcome: Outcome, now: Timestamp) {
        self.log.push(StageLog {
            stage,
            at: now,
            outcome,
            duplicates: Vec::new(),
            tried: None,
        });
        self.phase = Phase::Idle;
    }
}

impl Pending {
    fn new(stage: Stage, due_at: Timestamp) -> Self {
        Self {
            stage,
            due_at,
            attempts: Vec::new(),
            tries: 0,
            refusals: 0,
            resends: 0,
            channel: Channel::Mail,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(n: &u8) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests;
