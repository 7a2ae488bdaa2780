//! What is done in one tenant.

use proptest::prelude::*;

/// What is done in one tenant, under names that the other uses, too.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Authorize {
        at: At,
        id: u8,
        tool: u8,
    },
    Begin,
    Finish,
    Drop,
    Forget {
        at: At,
    },
    TakeBack {
        at: At,
    },
    Asked(Asked, usize),
    BeginTask {
        at: At,
    },
    Order(Order, At),
    /// As the two before, but of what is the other tenant's.
    PryAsked(Asked, usize),
    PryOrder(Order, At),
}

/// A session and a task.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) session: u8,
    pub(super) task: u8,
}

/// What is done with an approval.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    List,
    Look,
    Answer(bool),
    Cancel,
    Resume,
}

/// What is said of who may act.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    EndTask,
    RevokeSession,
    RevokeTask,
    RevokeAgent,
    Quarantine,
    QuarantineAll,
    Lift,
    LiftAll,
}

pub(super) fn steps() -> impl Strategy<Value = Vec<(bool, Step)>> {
    let at = || {
        (0..2_u8, 0..5_u8).prop_map(|(session, task)| At {
            session,
            task: task / 3,
        })
    };
    let asked = || {
        prop_oneof![
            Just(Asked::List),
            Just(Asked::Look),
            Just(Asked::Answer(true)),
            Just(Asked::Answer(false)),
            Just(Asked::Answer(true)),
            Just(Asked::Cancel),
            Just(Asked::Resume),
            Just(Asked::Resume),
        ]
    };
    let order = || {
        prop_oneof![
            4 => Just(Order::EndTask),
            2 => Just(Order::RevokeSession),
            2 => Just(Order::RevokeTask),
            1 => Just(Order::RevokeAgent),
            2 => Just(Order::Quarantine),
            1 => Just(Order::QuarantineAll),
            2 => Just(Order::Lift),
            1 => Just(Order::LiftAll),
        ]
    };
    let step = prop_oneof![
        12 => (at(), 0..3_u8, 0..4_u8).prop_map(|(at, id, tool)| Step::Authorize { at, id, tool }),
        6 => Just(Step::Begin),
        3 => Just(Step::Finish),
        2 => Just(Step::Drop),
        1 => at().prop_map(|at| Step::Forget { at }),
        1 => at().prop_map(|at| Step::TakeBack { at }),
        8 => (asked(), 0..3_usize).prop_map(|(asked, place)| Step::Asked(asked, place)),
        5 => at().prop_map(|at| Step::BeginTask { at }),
        2 => (order(), at()).prop_map(|(order, at)| Step::Order(order, at)),
        3 => (asked(), 0..3_usize).prop_map(|(asked, place)| Step::PryAsked(asked, place)),
        3 => (order(), at()).prop_map(|(order, at)| Step::PryOrder(order, at)),
    ];
    prop::collection::vec((any::<bool>(), step), 1..60)
}

impl At {
    pub(super) fn session(self) -> &'static str {
        if self.session == 0 { "s0" } else { "s1" }
    }

    pub(super) fn task(self) -> &'static str {
        if self.task == 0 { "t0" } else { "t1" }
    }
}
