//! What is made of a shop's own words, kept from one mail to the next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Locale, Wording};

/// More shops and languages with words of their own than take turns in one function. What is kept of one is
/// no larger than a few times its settings, which DynamoDB bounds at 400 KB.
const MAX_KEPT: usize = 8;

/// The last [`MAX_KEPT`] values, each with the words that it was made of, the latest first. The words are
/// compared in full, so that a shop that has changed them is never told in old ones.
pub(crate) struct Kept<V>(Mutex<VecDeque<(Locale, Wording, Arc<V>)>>);

impl<V> Kept<V> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// What `make` makes of `wording` in `locale`; it is not called if that is kept.
    pub(crate) fn of(&self, locale: Locale, wording: &Wording, make: impl FnOnce() -> V) -> Arc<V> {
        if let Some(known) = self.find(locale, wording) {
            return known;
        }
        // Nobody waits meanwhile; made twice is as good.
        let made = Arc::new(make());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(MAX_KEPT - 1);
        kept.push_front((locale, wording.clone(), Arc::clone(&made)));
        made
    }

    fn find(&self, locale: Locale, wording: &Wording) -> Option<Arc<V>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is = |(of, own, _): &(Locale, Wording, Arc<V>)| *of == locale && own == wording;
        let found = kept.iter().position(is)?;
        let found = kept.remove(found)?;
        let known = Arc::clone(&found.2);
        kept.push_front(found);
        Some(known)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn wording(text: &str) -> Wording {
        let messages = [("en".to_owned(), text.to_owned())];
        Wording {
            messages: messages.into(),
            ..Wording::default()
        }
    }

    #[test]
    fn the_same_words_are_read_once_and_changed_ones_anew() {
        let (kept, n_made) = (Kept::new(), Cell::new(0));
        let read = |locale, text: &str| {
            let make = || {
                n_made.set(n_made.get() + 1);
                text.to_owned()
            };
            assert_eq!(*kept.of(locale, &wording(text), make), text);
            n_made.get()
        };
        let german = Locale::choose(["de"]);
        assert_eq!(read(Locale::ENGLISH, "a = A"), 1);
        assert_eq!(read(Locale::ENGLISH, "a = A"), 1);
        assert_eq!(read(german, "a = A"), 2);
        assert_eq!(read(Locale::ENGLISH, "a = B"), 3);
        assert_eq!(read(Locale::ENGLISH, "a = A"), 3);
    }

    #[test]
    fn what_was_not_asked_for_the_longest_goes_first() {
        let (kept, n_made) = (Kept::new(), Cell::new(0));
        let read = |n: usize| {
            let make = || n_made.set(n_made.get() + 1);
            kept.of(Locale::ENGLISH, &wording(&n.to_string()), make);
            n_made.get()
        };
        for n in 0..MAX_KEPT {
            read(n);
        }
        // The first is asked for again, so the second goes.
        assert_eq!(read(0), MAX_KEPT);
        assert_eq!(read(MAX_KEPT), MAX_KEPT + 1);
        assert_eq!(read(0), MAX_KEPT + 1);
        assert_eq!(read(1), MAX_KEPT + 2);
        assert_eq!(kept.0.lock().unwrap().len(), MAX_KEPT);
    }
}
