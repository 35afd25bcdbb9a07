//! What the target of each storefront does: all that libFuzzer makes up is the body of a message, under every
//! topic, and what the storefront answers to a question.

use cartback::money::Currency;
use cartback::storefront::fetch::Next;
use cartback::storefront::{Message, Parsed, Reception};
use cartback_abuse::broken::broken_promise;
use cartback_abuse::genuine::{Genuine, Kind, NOW, kinds};
use cartback_abuse::samples::replies;
use cartback_abuse::talk;

/// The target of the storefront called `$name`.
#[macro_export]
macro_rules! storefront {
    ($name:literal) => {
        static DOOR: std::sync::LazyLock<$crate::Door> =
            std::sync::LazyLock::new(|| $crate::Door::of($name));
        libfuzzer_sys::fuzz_target!(|data: &[u8]| DOOR.knock(data));
    };
}

/// Where one storefront's messages come in.
pub struct Door {
    kind: Kind,
    /// Signed samples; only of one that is asked.
    genuine: Vec<Genuine>,
    replies: Vec<String>,
}

impl Door {
    /// The door of the storefront called `name`.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let mut kinds = kinds().into_iter();
        let kind = kinds
            .find(|kind| kind.name == name)
            .expect("a storefront is called so");
        let is_asked = kind.storefront().fetch().is_some();
        let samples = kind.samples().into_iter().filter(|_| is_asked);
        let replies = replies(name).into_iter();
        Self {
            genuine: samples.map(|body| kind.signed("", &body)).collect(),
            replies: replies
                .map(|body| String::from_utf8_lossy(&body).into_owned())
                .collect(),
            kind,
        }
    }

    /// Plays `data` as a message and as each reply.
    ///
    /// # Panics
    /// When a promise is broken.
    pub fn knock(&self, data: &[u8]) {
        for topic in self.kind.topics.1.iter().chain([&""]) {
            self.play(topic, data);
        }
        if self.kind.storefront().fetch().is_none() {
            return;
        }
        let signed = self.kind.signed("", data);
        let all: Vec<&str> = self.replies.iter().map(String::as_str).collect();
        self.talk(&signed, &all);
        let text = String::from_utf8_lossy(data);
        for message in &self.genuine {
            self.talk(message, &[&text, &text, &text]);
            for reply in &all {
                self.talk(message, &[reply, &text]);
            }
        }
    }

    fn play(&self, topic: &str, data: &[u8]) {
        let unsigned = self.kind.unsigned(topic, data);
        let message = Message {
            headers: &unsigned.headers,
            body: &unsigned.body,
        };
        let storefront = self.kind.storefront();
        // A page's report is nothing without its session.
        if self.kind.name != "browser" {
            assert!(
                storefront
                    .verify(&self.kind.secrets(), message, &[NOW])
                    .is_err()
            );
        }
        let _ = storefront.greeting(message);
        let reception = Reception {
            received_at: NOW,
            currency: Currency::USD,
        };
        match storefront.parse(message, reception) {
            Ok(Parsed::Events(events)) => {
                assert!(!events.is_empty());
                assert_eq!(events.iter().find_map(broken_promise), None);
            }
            Ok(_) => {}
            Err(fault) => assert!(!fault.fault.is_empty()),
        }
    }

    fn talk(&self, message: &Genuine, replies: &[&str]) {
        let mut answers = talk::proof(&self.kind);
        answers.extend(replies.iter().map(|body| talk::reply(200, body)));
        if let Some(Ok(Next::Record(events))) = talk::next(&self.kind, message, &answers) {
            assert!(!events.is_empty());
            assert_eq!(events.iter().find_map(broken_promise), None);
        }
    }
}
