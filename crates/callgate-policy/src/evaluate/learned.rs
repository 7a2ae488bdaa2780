//! Where the arguments of earlier calls stood.

use std::sync::OnceLock;

use callgate_types::{Json, Layout};

/// The slots of the layouts in which a tool's arguments came first.
///
/// It never decides anything: a layout that fits gives the slots that looking for every key would
/// give, and whatever does not fit is looked for.
#[derive(Debug, Default)]
pub(crate) struct Learned([OnceLock<(Layout, Box<[u32]>)>; 2]);

impl Learned {
    /// The slots, where the layout is known.
    #[inline]
    pub(super) fn place(&self, json: &Json) -> Option<&[u32]> {
        for place in &self.0 {
            let (layout, slots) = place.get()?;
            if layout.fits(json) {
                return Some(slots);
            }
        }
        None
    }

    /// Keeps the slots of a layout that was looked for, while there is room.
    #[inline]
    pub(super) fn learn(&self, json: &Json, slots: &[u32]) {
        if let Some(free) = self.0.iter().find(|place| place.get().is_none()) {
            Self::keep(free, json, slots);
        }
    }

    #[cold]
    fn keep(free: &OnceLock<(Layout, Box<[u32]>)>, json: &Json, slots: &[u32]) {
        if let Some(layout) = Layout::of(json) {
            free.get_or_init(|| (layout, slots.into()));
        }
    }
}
