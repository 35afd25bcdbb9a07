//! How long silence is waited for.

use super::*;
use crate::ids::CartKey;

fn reserved() -> Sequence {
    let cart = CartKey::new(&"demo".parse().unwrap(), &"c".parse().unwrap());
    let now = Timestamp::UNIX_EPOCH;
    let mut sequence = Sequence::default();
    sequence.arm(now);
    assert!(sequence.reserve(Attempt::new(1, &cart, 1, now), now));
    sequence
}

#[test]
fn a_look_that_comes_late_gives_evidence_its_time_again() {
    let mut sequence = reserved();
    let in_time = Timestamp::UNIX_EPOCH + EVIDENCE_WAIT + LATE_LOOK;
    let resent = sequence.clone().expire(Verdict::Resend, in_time);
    assert_eq!(resent, Expiry::WillResend);
    let late = in_time + SignedDuration::from_secs(1);
    assert_eq!(sequence.expire(Verdict::Resend, late), Expiry::WillWait);
    assert_eq!(sequence.due(), Some((Stage::Nudge, late + EVIDENCE_WAIT)));
    let next = late + EVIDENCE_WAIT;
    assert_eq!(sequence.expire(Verdict::Resend, next), Expiry::WillResend);
}

#[test]
fn while_nobody_can_tell_a_reservation_waits_as_long_as_it_is_told_to() {
    let mut sequence = reserved();
    let mut now = Timestamp::UNIX_EPOCH + EVIDENCE_WAIT;
    for _ in 0..20 {
        assert_eq!(sequence.expire(Verdict::Wait, now), Expiry::WillWait);
        now += EVIDENCE_WAIT;
        assert_eq!(sequence.due(), Some((Stage::Nudge, now)));
    }
    assert_eq!(sequence.expire(Verdict::Presume, now), Expiry::Presumed);
}
