//! The lines of a cart's history: how they are stored, and under which keys.

use std::collections::BTreeSet;

use cartback::decide::{Channel, Decision, DeferReason};
use cartback::entry::{DecisionRecord, Entry, Line, What};
use cartback::evidence::MailEventKind;
use cartback::stage::Stage;
use jiff::Timestamp;

use crate::samples::{HOUR, MINUTE, SKIP_REASONS, attempt, cart_key, noon, time};

pub(crate) const DEFER_REASONS: [DeferReason; 11] = [
    DeferReason::NewerActivity,
    DeferReason::PaymentPending,
    DeferReason::TooSoon,
    DeferReason::QuietHours,
    DeferReason::Paused,
    DeferReason::Restored,
    DeferReason::OrdersSilent,
    DeferReason::OrdersUnverified,
    DeferReason::Bounces,
    DeferReason::Complaints,
    DeferReason::Strangers,
];

pub(crate) const MAIL_EVENTS: [MailEventKind; 8] = [
    MailEventKind::Send,
    MailEventKind::Delivery,
    MailEventKind::DeliveryDelay,
    MailEventKind::HardBounce,
    MailEventKind::SoftBounce,
    MailEventKind::Complaint,
    MailEventKind::Reject,
    MailEventKind::Click,
];

fn line(at: Timestamp, what: What) -> Entry {
    Entry::new(&cart_key("c1"), at, what)
}

pub(crate) fn decided(at: Timestamp, stage: Stage, decision: Decision) -> Entry {
    let record = DecisionRecord {
        stage,
        decision,
        payment: None,
        attempt: (decision == Decision::Send).then(|| attempt(1)),
        channel: Channel::Mail,
        offer: None,
        digest: "0123456789abcdef".to_owned(),
    };
    line(at, What::Decided(record))
}

pub(crate) fn received(at: Timestamp, id: &str, kinds: &[&str]) -> Entry {
    let what = What::Received {
        id: id.to_owned(),
        happened_at: at,
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
    };
    line(at + MINUTE, what)
}

pub(crate) fn mailed(at: Timestamp, stage: Stage, event: &str) -> Entry {
    let (attempt, event) = (attempt(1), event.to_owned());
    line(
        at,
        What::Mailed {
            stage,
            attempt,
            event,
        },
    )
}

pub(crate) fn restored(at: Timestamp) -> Entry {
    line(
        at,
        What::Restored {
            attempt: attempt(1),
        },
    )
}

/// One line of each kind, with every decision among them.
pub(crate) fn lines(at: Timestamp) -> Vec<Entry> {
    let until = at + HOUR;
    let mut decisions = vec![Decision::Send];
    decisions.extend(SKIP_REASONS.map(|reason| Decision::Skip { reason }));
    decisions.extend(DEFER_REASONS.map(|reason| Decision::Defer { until, reason }));
    let mut lines = vec![
        received(at, "evt-1", &["cart.updated", "contact.identified"]),
        mailed(at, Stage::FollowUp, "delivery"),
        restored(at),
    ];
    lines.extend(
        decisions
            .into_iter()
            .map(|decision| decided(at, Stage::Nudge, decision)),
    );
    lines
}

#[test]
fn every_line_reads_back_as_itself() {
    for entry in lines(noon()) {
        let text = serde_json::to_string(&entry).unwrap();
        let line: Line = serde_json::from_str(&text).unwrap();
        assert_eq!(line.of(&cart_key("c1")), entry, "{text}");
    }
}

#[test]
fn lines_of_a_kind_sort_by_time() {
    let times = [
        "2026-07-01T09:59:59.999Z",
        "2026-07-01T10:00:00Z",
        "2026-07-01T10:00:00.001Z",
        "2026-07-01T10:00:00.01Z",
        "2026-07-01T10:00:00.1Z",
        "2026-07-01T10:00:01Z",
        "2026-07-02T00:00:00Z",
        "2026-10-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    ];
    let of_kind: [fn(Timestamp) -> Entry; 4] = [
        |at| received(at, "evt", &[]),
        |at| decided(at, Stage::Final, Decision::Send),
        |at| mailed(at, Stage::Nudge, "click"),
        restored,
    ];
    for make in of_kind {
        let keys: Vec<_> = times.iter().map(|at| make(time(at)).sort_key()).collect();
        assert!(keys.is_sorted_by(|one, next| one < next), "{keys:?}");
    }
}

#[test]
fn a_line_is_filed_under_its_kind_time_and_name() {
    let at = time("2026-07-01T10:00:00.5Z");
    let attempt = attempt(1);
    let skip = Decision::Skip {
        reason: SKIP_REASONS[0],
    };
    for (entry, key) in [
        (
            received(at, "evt-1", &[]),
            "EVENT#2026-07-01T10:00:00.500Z#evt-1".to_owned(),
        ),
        (
            decided(at, Stage::Final, Decision::Send),
            format!("DECISION#2026-07-01T10:00:00.500Z#final#{attempt}"),
        ),
        (
            decided(at, Stage::Final, skip),
            "DECISION#2026-07-01T10:00:00.500Z#final".to_owned(),
        ),
        (
            mailed(at, Stage::Nudge, "click"),
            format!("MAIL#2026-07-01T10:00:00.500Z#nudge#{attempt}#click"),
        ),
        (
            restored(at),
            format!("VISIT#2026-07-01T10:00:00.500Z#{attempt}"),
        ),
    ] {
        assert_eq!(entry.sort_key(), key);
    }
}

#[test]
fn different_lines_of_one_millisecond_have_different_keys() {
    let at = noon();
    let mut lines = vec![
        received(at, "evt-1", &[]),
        received(at, "evt-2", &[]),
        restored(at),
    ];
    for stage in Stage::ALL {
        lines.push(decided(at, stage, Decision::Send));
        lines.extend(MAIL_EVENTS.map(|kind| mailed(at, stage, kind.name())));
    }
    let keys: BTreeSet<_> = lines.iter().map(Entry::sort_key).collect();
    assert_eq!(keys.len(), lines.len());
}

#[test]
fn a_message_told_again_is_filed_under_the_same_key() {
    let first = received(noon(), "evt-1", &["cart.updated"]);
    let again = Entry {
        at: noon() + HOUR,
        ..first.clone()
    };
    assert_eq!(first.sort_key(), again.sort_key());
}
