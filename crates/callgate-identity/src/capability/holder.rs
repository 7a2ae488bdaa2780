//! Proof that the holder of a token has the key that the token names.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use callgate_types::Digest;
use chrono::{DateTime, TimeDelta, Utc};

use super::grant::Grant;
use super::key::{PublicKey, SecretKey};
use super::signature::Signature;

const FIRST_LINE: &str = "callgate capability proof v1";
/// Longest text of a challenge: five lines, of which one holds 256 bytes of a name.
const MAX_CHALLENGE: usize = 600;

/// What a verifier asks the holder of a token to sign; its text is in `docs/spec/capability.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    token: Digest,
    audience: Box<str>,
    nonce: Digest,
    at: i64,
}

impl Challenge {
    /// Reads the text of a challenge.
    ///
    /// # Errors
    ///
    /// Refuses any other text.
    pub fn parse(text: &str) -> Result<Self, ProofFault> {
        Self::read(text).ok_or(ProofFault::MalformedChallenge)
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_CHALLENGE {
            return None;
        }
        let text = text.strip_suffix('\n')?;
        let mut lines = text.split('\n');
        let mut line = |key: &str| lines.next()?.strip_prefix(key);
        if !line(FIRST_LINE)?.is_empty() {
            return None;
        }
        let challenge = Self {
            token: line("token ")?.parse().ok()?,
            audience: line("audience ")?.into(),
            nonce: line("nonce ")?.parse().ok()?,
            at: line("at ")?.parse().ok()?,
        };
        // Read back, so that there is one spelling of each.
        (is_audience(&challenge.audience) && challenge.to_string().strip_suffix('\n') == Some(text))
            .then_some(challenge)
    }

    /// The digest of the token that the proof is for.
    pub const fn token(&self) -> Digest {
        self.token
    }

    /// Who asks.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Signs the challenge. Look first at [`token`](Challenge::token) and
    /// [`audience`](Challenge::audience): a proof for another verifier lets that one be you.
    pub fn answer(&self, key: &SecretKey) -> Signature {
        key.sign(self.to_string().as_bytes())
    }
}

/// The text that is sent, and signed.
impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            token,
            audience,
            nonce,
            at,
        } = self;
        write!(
            f,
            "{FIRST_LINE}\ntoken {token}\naudience {audience}\nnonce {nonce}\nat {at}\n"
        )
    }
}

/// That a key was at hand, for one token and some minutes; made by [`Challenges::redeem`] alone.
#[derive(Clone, Debug)]
pub struct Possession {
    token: Digest,
    key: PublicKey,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Possession {
    pub(super) fn is_of(&self, token: Digest, key: PublicKey, now: DateTime<Utc>) -> bool {
        self.token == token && self.key == key && self.from <= now && now < self.until
    }
}

/// The challenges of one verifier that wait for an answer.
///
/// # Examples
///
/// ```
/// use callgate_identity::capability::{
///     Capability, Challenge, Challenges, Restrictions, Roots, SecretKey,
/// };
/// use chrono::DateTime;
/// # let seed = |n: u8| std::array::from_fn(|at| (at as u8).wrapping_mul(7) ^ n);
/// # let random = seed(9);
/// # let root = SecretKey::from_seed(seed(1))?;
/// # let now = DateTime::from_timestamp(1_796_115_600, 0).ok_or("no such time")?;
/// # let until = DateTime::from_timestamp(1_796_126_400, 0).ok_or("no such time")?;
/// let holder = SecretKey::from_seed(seed(4))?;
/// let reach = Restrictions::new().tool("read_account").holder(holder.public()).before(until);
/// let capability = Capability::new("user:alice".parse()?, "acme", "task-7", reach);
/// let token = capability.issue(1, &root, &SecretKey::from_seed(seed(2))?)?;
/// let grant = token.verify(&Roots::new().trust(1, root.public()), now)?;
///
/// let challenges = Challenges::new("billing-gate")?;
/// let text = challenges.ask(&grant, random, now)?.to_string();
///
/// let challenge = Challenge::parse(&text)?;
/// let proof = challenge.answer(&holder);
///
/// let possession = challenges.redeem(&grant, &challenge, holder.public(), &proof, now)?;
/// assert!(challenges.redeem(&grant, &challenge, holder.public(), &proof, now).is_err());
/// # let _ = possession;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Challenges {
    audience: Box<str>,
    window: TimeDelta,
    lasting: TimeDelta,
    waiting: Mutex<BTreeMap<Digest, Challenge>>,
}

impl Challenges {
    /// Most challenges that wait at a time.
    pub const MAX_WAITING: usize = 4096;

    /// The challenges of the verifier that calls itself `audience`: 60 seconds to answer, and a
    /// proof lasts five minutes.
    ///
    /// # Errors
    ///
    /// Refuses a name that is empty, longer than 256 bytes, or has control characters.
    pub fn new(audience: &str) -> Result<Self, ProofFault> {
        if !is_audience(audience) {
            return Err(ProofFault::BadAudience);
        }
        Ok(Self {
            audience: audience.into(),
            window: TimeDelta::seconds(60),
            lasting: TimeDelta::minutes(5),
            waiting: Mutex::default(),
        })
    }

    /// How long an answer may take.
    #[must_use]
    pub const fn answered_within(mut self, window: TimeDelta) -> Self {
        self.window = window;
        self
    }

    /// How long a proof lasts, from when the challenge was made.
    #[must_use]
    pub const fn lasting(mut self, lasting: TimeDelta) -> Self {
        self.lasting = lasting;
        self
    }

    /// A challenge for whoever holds the token of `grant`, with 32 random bytes that are used once.
    ///
    /// # Errors
    ///
    /// Refuses a nonce that waits already, and a challenge too many.
    pub fn ask(
        &self,
        grant: &Grant,
        nonce: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Challenge, ProofFault> {
        let challenge = Challenge {
            token: grant.digest(),
            audience: self.audience.clone(),
            nonce: Digest::from_bytes(nonce),
            at: now.timestamp(),
        };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= Self::MAX_WAITING {
            waiting.retain(|_, other| self.is_in_time(other, now));
        }
        if waiting.len() >= Self::MAX_WAITING {
            return Err(ProofFault::TooManyWaiting);
        }
        if waiting.contains_key(&challenge.nonce) {
            return Err(ProofFault::RepeatedNonce);
        }
        waiting.insert(challenge.nonce, challenge.clone());
        Ok(challenge)
    }

    /// Takes the answer to a challenge; there is no second one.
    ///
    /// # Errors
    ///
    /// Refuses what `docs/spec/capability.md` says.
    pub fn redeem(
        &self,
        grant: &Grant,
        challenge: &Challenge,
        key: PublicKey,
        proof: &Signature,
        now: DateTime<Utc>,
    ) -> Result<Possession, ProofFault> {
        let asked = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.remove(&challenge.nonce)
        };
        let asked = asked.filter(|asked| asked == challenge);
        let asked = asked.ok_or(ProofFault::UnknownChallenge)?;
        if asked.token != grant.digest() {
            return Err(ProofFault::WrongToken);
        }
        if !grant.holders().any(|holder| holder == key) {
            return Err(ProofFault::NotTheHolder);
        }
        if !self.is_in_time(&asked, now) {
            return Err(ProofFault::TooLate);
        }
        if !key.has_signed(asked.to_string().as_bytes(), proof) {
            return Err(ProofFault::BadProof);
        }
        let from = DateTime::from_timestamp(asked.at, 0).ok_or(ProofFault::TooLate)?;
        let until = from.checked_add_signed(self.lasting);
        Ok(Possession {
            token: asked.token,
            key,
            from,
            until: until.ok_or(ProofFault::TooLate)?,
        })
    }

    fn is_in_time(&self, challenge: &Challenge, now: DateTime<Utc>) -> bool {
        let at = DateTime::from_timestamp(challenge.at, 0);
        at.is_some_and(|at| {
            let end = at.checked_add_signed(self.window);
            at <= now && end.is_some_and(|end| now <= end)
        })
    }
}

fn is_audience(text: &str) -> bool {
    (1..=256).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Why a proof is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFault {
    /// The text is no challenge.
    #[error("expected the five lines of a challenge")]
    MalformedChallenge,
    /// The challenge was not made here, or was answered already.
    #[error("the challenge is not known here, or was answered already")]
    UnknownChallenge,
    /// The challenge was for another token.
    #[error("the challenge was made for another token")]
    WrongToken,
    /// The key is not one that the token names.
    #[error("the token does not name this key as its holder")]
    NotTheHolder,
    /// The answer came out of time.
    #[error("the answer came out of time")]
    TooLate,
    /// It is no signature of the challenge.
    #[error("the proof is no signature of the challenge")]
    BadProof,
    /// The name of the verifier cannot stand in a challenge.
    #[error("expected a name of 1 to 256 bytes without control characters")]
    BadAudience,
    /// As many challenges wait as may.
    #[error(
        "expected at most {} challenges that wait for an answer",
        Challenges::MAX_WAITING
    )]
    TooManyWaiting,
    /// The nonce waits already: it is not random.
    #[error("expected a fresh nonce, found one that waits already")]
    RepeatedNonce,
}

impl ProofFault {
    /// The stable word for the cause.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedChallenge => "malformed_challenge",
            Self::UnknownChallenge => "unknown_challenge",
            Self::WrongToken => "wrong_token",
            Self::NotTheHolder => "not_the_holder",
            Self::TooLate => "too_late",
            Self::BadProof => "bad_proof",
            Self::BadAudience => "bad_audience",
            Self::TooManyWaiting => "too_many_waiting",
            Self::RepeatedNonce => "repeated_nonce",
        }
    }
}
