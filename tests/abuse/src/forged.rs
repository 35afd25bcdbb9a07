//! Messages with a signature that is none: bent, cut, written another way, of another body, of another
//! secret, or of another time.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use cartback::storefront::secret::Secret;
use fastrand::Rng;
use http::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use crate::genuine::{Genuine, Kind, NOW, kinds};
use crate::talk;

/// A body longer than the door lets in; verifying it must not be the way around that.
const OVERSIZED_BYTES: usize = 300 * 1024;

/// What became of the forgeries.
pub struct Forgeries {
    /// How many were tried.
    pub n_tried: u64,
    /// Of how many storefronts.
    pub n_storefronts: usize,
    /// What was believed, in words.
    pub accepted: Vec<String>,
}

impl Forgeries {
    /// Whether nothing was believed, and everything was tried.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.accepted.is_empty() && self.n_storefronts == cartback::storefront::ALL.len()
    }
}

/// How a genuine message is spoilt.
#[derive(Debug, Clone, Copy)]
enum Forgery {
    Signature,
    Respelt,
    Cut,
    Body,
    Swapped,
    OtherSecret,
    OtherTime,
    Oversized,
}

const ALL: [Forgery; 8] = [
    Forgery::Signature,
    Forgery::Respelt,
    Forgery::Cut,
    Forgery::Body,
    Forgery::Swapped,
    Forgery::OtherSecret,
    Forgery::OtherTime,
    Forgery::Oversized,
];

/// Tries `n` forgeries, as many for each storefront.
#[must_use]
pub fn forge(n: u64, seed: u64) -> Forgeries {
    let mut random = Rng::with_seed(seed);
    let kinds = kinds();
    let genuine: Vec<Vec<Genuine>> = kinds
        .iter()
        .map(|kind| {
            kind.samples()
                .iter()
                .map(|body| kind.signed("", body))
                .collect()
        })
        .collect();
    let mut forgeries = Forgeries {
        n_tried: 0,
        n_storefronts: kinds.len(),
        accepted: Vec::new(),
    };
    while forgeries.n_tried < n {
        for (kind, genuine) in kinds.iter().zip(&genuine) {
            let Some(forged) = forged(kind, genuine, &mut random) else {
                continue;
            };
            forgeries.n_tried += 1;
            if talk::is_believed(kind, &forged.message, &forged.secrets, forged.now) {
                forgeries
                    .accepted
                    .push(format!("{} by {:?}", kind.name, forged.by));
            }
        }
    }
    forgeries
}

struct Forged {
    by: Forgery,
    message: Genuine,
    secrets: Vec<Secret>,
    now: Timestamp,
}

/// A forgery, or `None` if chance has made the message what it was.
fn forged(kind: &Kind, genuine: &[Genuine], random: &mut Rng) -> Option<Forged> {
    let original = random.choice(genuine)?;
    // Long bodies take long to sign; one in a thousand is enough.
    let by = match random.u32(..1000) {
        0 => Forgery::Oversized,
        n => ALL[n as usize % (ALL.len() - 1)],
    };
    let mut forged = Forged {
        by,
        message: original.clone(),
        secrets: kind.secrets(),
        now: NOW,
    };
    let signature = signature(kind, original)?;
    match by {
        // Its token says nothing of the body: Snipcart takes it once, and within an hour.
        Forgery::Body | Forgery::Swapped | Forgery::OtherTime | Forgery::Oversized
            if kind.name == "snipcart" =>
        {
            return None;
        }
        Forgery::Signature => put(kind, &mut forged.message, &bent(&signature, random))?,
        Forgery::Respelt => put(kind, &mut forged.message, &respelt(&signature, random)?)?,
        Forgery::Cut => {
            let n = random.usize(..signature.len().max(1));
            put(kind, &mut forged.message, signature.get(..n)?)?;
        }
        Forgery::Body => spoil_body(kind, &mut forged.message, random),
        // Whoever has a page's session may tell anything of its cart.
        Forgery::Swapped if kind.signature.is_empty() => return None,
        Forgery::Swapped => {
            let other = random.choice(genuine)?;
            forged.message.body.clone_from(&other.body);
        }
        Forgery::OtherSecret => forged.secrets = vec![other_secret(kind, random)?],
        Forgery::OtherTime => {
            let minutes = SignedDuration::from_mins(random.i64(6..100_000));
            forged.now = if random.bool() {
                NOW + minutes
            } else {
                NOW - minutes
            };
            spoil_times(kind, &mut forged, random);
        }
        Forgery::Oversized => {
            forged.message.body.resize(OVERSIZED_BYTES, b' ');
            // The rest of a page's report is not signed; its session is.
            if kind.signature.is_empty() {
                forged.message.body[0] ^= 1;
            }
        }
    }
    let is_changed = forged.message.body != original.body
        || signature != self::signature(kind, &forged.message)?
        || matches!(by, Forgery::OtherSecret)
        || (matches!(by, Forgery::OtherTime) && is_timed(kind));
    is_changed.then_some(forged)
}

/// The signature, or of a page's report the line that stands for it.
fn signature(kind: &Kind, message: &Genuine) -> Option<String> {
    if kind.signature.is_empty() {
        let line = message.body.split(|byte| *byte == b'\n').next()?;
        return Some(String::from_utf8_lossy(line).into_owned());
    }
    Some(
        message
            .headers
            .get(kind.signature)?
            .to_str()
            .ok()?
            .to_owned(),
    )
}

fn put(kind: &Kind, message: &mut Genuine, signature: &str) -> Option<()> {
    if kind.signature.is_empty() {
        let end = message.body.iter().position(|byte| *byte == b'\n')?;
        message.body.splice(..end, signature.bytes());
        return Some(());
    }
    // Spaces at its ends are no part of a header's value.
    let value = HeaderValue::from_str(signature.trim()).ok()?;
    message
        .headers
        .insert(HeaderName::from_static(kind.signature), value);
    Some(())
}

/// A few letters changed, added or taken out. None of them is a space or comma, behind which the genuine
/// signature would still stand.
fn bent(signature: &str, random: &mut Rng) -> String {
    const LETTERS: &[u8] = b"ABab01+/-_=.~";
    let mut letters = signature.as_bytes().to_vec();
    for _ in 0..random.usize(1..4) {
        let letter = *random.choice(LETTERS).unwrap_or(&b'x');
        let place = random.usize(..letters.len().max(1));
        match random.u8(..3) {
            0 if place < letters.len() => letters[place] = letter,
            1 if place < letters.len() => drop(letters.remove(place)),
            _ => letters.insert(place.min(letters.len()), letter),
        }
    }
    String::from_utf8(letters).unwrap_or_default()
}

/// The same bytes in other letters: another case, another alphabet, padding, encoded twice.
fn respelt(signature: &str, random: &mut Rng) -> Option<String> {
    let respelt = match random.u8(..8) {
        0 => signature.to_uppercase(),
        1 => signature.to_lowercase(),
        2 => signature.replace('+', "-").replace('/', "_"),
        3 => signature.replace('-', "+").replace('_', "/"),
        4 => format!("{signature}="),
        5 => signature.trim_end_matches('=').to_owned(),
        6 => STANDARD.encode(signature),
        _ => {
            let (mark, text) = signature
                .rsplit_once([',', '.', ' '])
                .unwrap_or(("", signature));
            let bytes = STANDARD
                .decode(text)
                .or_else(|_| URL_SAFE.decode(text))
                .ok()?;
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{mark},{hex}")
        }
    };
    Some(respelt)
}

/// Any change of what is signed: a byte, a space, the end, or the same JSON written again.
fn spoil_body(kind: &Kind, message: &mut Genuine, random: &mut Rng) {
    // Of a page's report only the first line is signed.
    let n_signed = if kind.signature.is_empty() {
        message
            .body
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(0)
    } else {
        message.body.len()
    };
    let place = random.usize(..n_signed.max(1));
    match random.u8(..5) {
        0 => message.body[place] ^= 1 << random.u8(..7),
        1 => message.body.insert(place, b' '),
        2 => message.body.truncate(place),
        3 => drop(message.body.remove(place)),
        _ => {
            let json: Result<serde_json::Value, _> = serde_json::from_slice(&message.body);
            match json {
                Ok(json) => message.body = json.to_string().into_bytes(),
                Err(_) => message.body[place] ^= 1,
            }
        }
    }
}

/// A secret of the same kind that is another.
fn other_secret(kind: &Kind, random: &mut Rng) -> Option<Secret> {
    let mut letters = kind.secret.clone().into_bytes();
    // The last letters of base64 may be spare; those of a key set's modulus are in its middle.
    let from = letters.len() / 4;
    let place = random.usize(from..from * 3);
    let old = *letters.get(place)?;
    let new = *random.choice(b"ABCDEFGHabcdefgh2345")?;
    if old == new || !old.is_ascii_alphanumeric() {
        return None;
    }
    letters[place] = new;
    let text = String::from_utf8(letters).ok()?;
    let is_page = kind.signature.is_empty();
    // What stands around a page's secret or a key is no part of it.
    let is_meant = !is_page || text.starts_with("pk_demo:");
    let is_of_key = kind.name != "saleor" || kind.secret.get(..place)?.contains("\"n\"");
    let is_before_e = kind.name != "saleor" || !kind.secret.get(..place)?.contains("\"e\"");
    (is_meant && is_of_key && is_before_e).then_some(Secret(text))
}

/// Where no time is signed, a replay is no forgery; then the id that is signed is changed, or the body.
fn spoil_times(kind: &Kind, forged: &mut Forged, random: &mut Rng) {
    if is_timed(kind) && random.bool() {
        let seconds = forged.now.as_second().to_string();
        if let Ok(value) = HeaderValue::from_str(&seconds) {
            // Moved to where it would be timely, if only it were signed.
            forged.message.headers.insert("webhook-timestamp", value);
        }
    } else if !is_timed(kind) {
        spoil_body(kind, &mut forged.message, random);
    }
}

/// Whether a replay is refused by its time alone.
fn is_timed(kind: &Kind) -> bool {
    let mut headers = kind.headers.iter();
    kind.name == "stripe" || headers.any(|(name, _)| *name == "webhook-timestamp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_forgeries_open_nothing() {
        let forgeries = forge(10_000, 7);
        assert_eq!(forgeries.accepted, Vec::<String>::new());
        assert!(forgeries.is_held());
    }
}
