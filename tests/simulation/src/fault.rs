//! What may go wrong with a call of a port: by a script that names the calls, or by rates.

use fastrand::Rng;

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It takes effect and is answered.
    Work,
    /// The caller dies before it takes effect.
    CrashBefore,
    /// It takes effect; the caller dies before the answer.
    CrashAfter,
    /// It takes effect; the answer is lost.
    LoseReply,
    /// It is refused for sure and has no effect.
    Refuse,
}

impl Fate {
    /// All that go wrong.
    pub const FAULTS: [Self; 4] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::LoseReply,
        Self::Refuse,
    ];
}

/// How often things go wrong, in ten thousand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Calls during which the invocation dies, half of them before the effect.
    pub crash: u32,
    /// Calls whose answer is lost.
    pub lost_reply: u32,
    /// Calls that are refused: throttling, a 4xx of the provider.
    pub refusal: u32,
    /// Mails of which the provider's events are lost, all of them together.
    pub lost_evidence: u32,
    /// Calls that take seconds.
    pub slow: u32,
}

/// Which calls go wrong, and how.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Fates of calls by their number in the world, from 0.
    pub script: Vec<(u64, Fate)>,
    /// Fates of the others.
    pub rates: Rates,
}

impl Faults {
    /// The fate of call number `n`.
    pub fn fate(&self, n: u64, rng: &mut Rng) -> Fate {
        if let Some((_, fate)) = self.script.iter().find(|(call, _)| *call == n) {
            return *fate;
        }
        let Rates {
            crash,
            lost_reply,
            refusal,
            ..
        } = self.rates;
        let any = crash + lost_reply + refusal;
        if any == 0 {
            return Fate::Work;
        }
        match rng.u32(0..10_000) {
            roll if roll < crash / 2 => Fate::CrashBefore,
            roll if roll < crash => Fate::CrashAfter,
            roll if roll < crash + lost_reply => Fate::LoseReply,
            roll if roll < any => Fate::Refuse,
            _ => Fate::Work,
        }
    }
}

/// Whether something happens that happens `per_10k` times in ten thousand.
pub fn chance(rng: &mut Rng, per_10k: u32) -> bool {
    per_10k != 0 && rng.u32(0..10_000) < per_10k
}
