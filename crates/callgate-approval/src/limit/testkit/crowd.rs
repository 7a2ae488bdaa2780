//! Many processes on one store: what each of them does, and what must be true afterwards.

use std::thread;
use std::time::Duration;

use callgate_types::Amount;

use super::{Broken, Rule};
use crate::limit::{Counted, LimitStore, LimitStoreError, ReservationId, Reserved, Want, Window};
use crate::testkit::kit::Finding;

/// How long a reservation of a crowd lasts: longer than any of its calls takes.
const LASTS: Duration = Duration::from_secs(5);

/// The limits that a crowd shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "made by tests")]
pub struct Crowd {
    /// How many keys there are.
    pub keys: u8,
    /// The most under each of them.
    pub at_most: u32,
}

/// What was counted: under which key, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "read by tests")]
pub struct CountedUse {
    /// The number of the key.
    pub key: u8,
    /// How much.
    pub amount: u32,
}

impl Crowd {
    /// What one process does: so many calls, each of which reserves 1 to 5 under two keys; of seven
    /// that hold, four are counted, two given back and one is left alone, as if its host were gone. What
    /// is counted is told to `counted` at once.
    ///
    /// # Errors
    ///
    /// Where the store fails, after it was asked again.
    pub fn work(
        self,
        store: &impl LimitStore,
        process: u32,
        calls: u32,
        mut counted: impl FnMut(CountedUse),
    ) -> Result<(), LimitStoreError> {
        let mut random = Random(u64::from(process).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for call in 0..calls {
            let first = random.below(self.keys);
            let second = first.wrapping_add(1).checked_rem(self.keys).unwrap_or(0);
            let amount = u32::from(random.below(5)).wrapping_add(1);
            let id = (u128::from(process) << 64) | u128::from(call);
            let id = ReservationId::from_bytes(id.to_be_bytes());
            let keys = [[first], [second]];
            let wants = keys.each_ref().map(|key| {
                Want::new(
                    key,
                    Window::Ever,
                    Amount::whole(amount),
                    Amount::whole(self.at_most),
                )
            });
            let wants = if first == second {
                &wants[..1]
            } else {
                &wants[..]
            };
            if again(|| store.reserve(id, LASTS, wants))? != Reserved::Held {
                continue;
            }
            match random.below(7) {
                0 => {}
                1 | 2 => again(|| store.give_back(&[id]))?,
                _ if again(|| store.count(id))? == Counted::Yes => {
                    for want in wants {
                        let key = want.key.first().copied().unwrap_or_default();
                        counted(CountedUse { key, amount });
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the store adds up once all processes are gone and what they left alone has lapsed.
    /// `counted` is all that they told; as much as `untold` may have been counted and not told by
    /// processes that were killed.
    ///
    /// # Errors
    ///
    /// The rule that it breaks.
    pub fn check(
        self,
        store: &impl LimitStore,
        counted: &[CountedUse],
        untold: u32,
    ) -> Result<(), Broken> {
        thread::sleep(LASTS.saturating_add(Duration::from_secs(1)));
        self.adds_up(store, counted, untold)
            .map_err(|finding| finding.of(Rule::LetsNoMoreThrough))
    }

    fn adds_up(
        self,
        store: &impl LimitStore,
        counted: &[CountedUse],
        untold: u32,
    ) -> Result<(), Finding> {
        for key in 0..self.keys {
            let told = counted.iter().filter(|one| one.key == key);
            let told: u32 = told.map(|one| one.amount).sum();
            let used = store.used(&[key], Window::Ever)?;
            let most = told.saturating_add(untold).min(self.at_most);
            if used < Amount::whole(told) || used > Amount::whole(most) {
                let expected = format!("{told} to {most} used under key {key}");
                return Err(Finding::new(expected, used));
            }
            // All that is left can be reserved: nothing is held for ever.
            let rest = Amount::whole(self.at_most).checked_sub(used);
            let rest = rest.ok_or_else(|| Finding::new("an amount", used))?;
            let id = ReservationId::from_bytes([u8::MAX.wrapping_sub(key); 16]);
            let want = Want::new(
                std::slice::from_ref(&key),
                Window::Ever,
                rest,
                Amount::whole(self.at_most),
            );
            let reserved = store.reserve(id, LASTS, &[want])?;
            if reserved != Reserved::Held {
                return Err(Finding::new(format!("the rest of key {key}"), reserved));
            }
        }
        Ok(())
    }
}

/// Asks again where the store fails: nothing is done twice under one id.
fn again<T>(ask: impl Fn() -> Result<T, LimitStoreError>) -> Result<T, LimitStoreError> {
    let mut left = 5_u32;
    loop {
        match ask() {
            Err(_) if left > 0 => left = left.wrapping_sub(1),
            answer => return answer,
        }
    }
}

/// Numbers that look random, and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u8) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let rest = (self.0 >> 24).checked_rem(u64::from(bound)).unwrap_or(0);
        u8::try_from(rest).unwrap_or(0)
    }
}
