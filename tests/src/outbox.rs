//! A mailer in memory: keeps mails, and answers as told. Nothing leaves the process.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cartback::mail::Mail;
use cartback::ports::{Mailer, PushError, SendError};
use cartback::push::Push;
use cartback::stage::Stage;
use cartback_aws::push::WebPusher;
use jiff::{SignedDuration, Timestamp};

/// What SES does with a mail, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Takes it and says so.
    Accept,
    /// Refuses it for now.
    Refuse,
    /// Refuses it for good.
    Reject,
    /// Takes it, and the reply is lost.
    AcceptUnheard,
    /// Never gets it, and nobody says so.
    Lose,
}

/// The mailer; clones share their mails.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    state: Arc<Mutex<State>>,
}

/// A mail that was accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The mail.
    pub mail: Mail,
    /// When.
    pub at: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    now: Timestamp,
    next: VecDeque<Answer>,
    mails: Vec<Accepted>,
    n_requests: usize,
    n_told: usize,
    pusher: Option<Arc<WebPusher>>,
}

impl Outbox {
    /// Answers the next mails so, one each; all after them are accepted.
    pub fn answer(&self, answers: &[Answer]) {
        self.state().next.extend(answers);
    }

    /// Accepts mails at `now` from here on.
    pub fn turn(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// Hands notifications over by `pusher` from here on.
    pub fn push_by(&self, pusher: WebPusher) {
        self.state().pusher = Some(Arc::new(pusher));
    }

    /// All mails that were accepted, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Accepted> {
        self.state().mails.clone()
    }

    /// Stage and time of each accepted mail to `address`, oldest first.
    #[must_use]
    pub fn to(&self, address: &str) -> Vec<(Stage, Timestamp)> {
        let state = self.state();
        let to = state
            .mails
            .iter()
            .filter(|kept| kept.mail.to.expose() == address);
        to.map(|kept| (kept.mail.stage, kept.at)).collect()
    }

    /// How many mails were handed over, accepted or not.
    #[must_use]
    pub fn n_requests(&self) -> usize {
        self.state().n_requests
    }

    /// The accepted mails that this was not asked for yet.
    #[must_use]
    pub fn untold(&self) -> Vec<Accepted> {
        let mut state = self.state();
        let untold = state.mails[state.n_told..].to_vec();
        state.n_told = state.mails.len();
        untold
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for Outbox {
    async fn permit(&self, _: SignedDuration) -> bool {
        true
    }

    async fn push(&self, push: &Push) -> Result<(), PushError> {
        let pusher = self.state().pusher.clone();
        match pusher {
            Some(pusher) => pusher.push(push).await,
            None => Err(PushError::Refused("there is no push service here".into())),
        }
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        tokio::task::yield_now().await;
        let mut state = self.state();
        let answer = state.next.pop_front().unwrap_or(Answer::Accept);
        state.n_requests += 1;
        if matches!(answer, Answer::Accept | Answer::AcceptUnheard) {
            let at = state.now;
            state.mails.push(Accepted {
                mail: mail.clone(),
                at,
            });
        }
        match answer {
            Answer::Accept => Ok(()),
            Answer::Refuse => Err(SendError::Refused("told to refuse".into())),
            Answer::Reject => Err(SendError::Rejected("told to reject".into())),
            Answer::AcceptUnheard | Answer::Lose => {
                Err(SendError::Unknown("told to say nothing".into()))
            }
        }
    }
}
