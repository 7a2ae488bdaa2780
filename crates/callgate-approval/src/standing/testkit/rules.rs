//! The rules, each as a function that tries it on a store of its own.

use std::time::Duration;

use chrono::TimeDelta;

use super::Rule;
use super::sample::{Sample, give, now};
use crate::standing::{Given, MOST, Spent, StandingApproval, StandingApprovalStore, Whose};
use crate::testkit::kit::{Finding, Test, same};
use crate::testkit::rules::{at_once, wait};
use crate::testkit::sample::{LONG, SHORT, done, unique_id};
use crate::{Approval, Listing, Step, Taken, Withdrawn};

const PLAIN: Sample = Sample::PLAIN;

/// All rules, in the order in which they are tried.
pub(super) fn all<S: StandingApprovalStore>() -> [(Rule, Test<S>); 11] {
    [
        (Rule::KeepsAll, keeps_all),
        (Rule::SpendsNoMore, spends_no_more),
        (Rule::SpendsInForce, spends_in_force),
        (Rule::SpendsInTime, spends_in_time),
        (Rule::TakesAStepOnce, takes_a_step_once),
        (Rule::KeepsTheWindow, keeps_the_window),
        (Rule::FindsWhose, finds_whose),
        (Rule::BoundsHowMany, bounds_how_many),
        (Rule::ListsInOrder, lists_in_order),
        (Rule::ForgetsTheDead, forgets_the_dead),
        (Rule::SpendsNoMoreAtOnce, spends_no_more_at_once),
    ]
}

fn keeps_all(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let new = PLAIN.given(store)?;
    expect(store, &new)?;
    let nothing = done(store.load(unique_id()))?.standing;
    same("nothing of another id", &nothing, &None)?;
    if let Ok(given) = store.give(&new) {
        return Err(Finding::new("an error for an id that is taken", given));
    }
    expect(store, &new)
}

fn spends_no_more(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let one = PLAIN.given(store)?;
    let other = PLAIN.given(store)?;
    let id = one.approval.id;
    for expected in [Spent::Left(1), Spent::Left(0), Spent::UsedUp, Spent::UsedUp] {
        same("what is left", &done(store.spend(id))?, &expected)?;
    }
    expect(store, &StandingApproval { used: 2, ..one })?;
    expect(store, &other)
}

fn spends_in_force(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let asked = PLAIN.asked(store)?;
    give(store, &asked)?;
    let revoked = PLAIN.given(store)?;
    take(store, &withdrawn(&revoked)?)?;
    for id in [asked.approval.id, revoked.approval.id, unique_id()] {
        same("no use", &done(store.spend(id))?, &Spent::NotInForce)?;
    }
    expect(store, &asked)
}

fn spends_in_time(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let soon = Sample {
        time: SHORT,
        ..PLAIN
    };
    let one = soon.given(store)?;
    let late = soon.approved(store)?;
    same(
        "a use",
        &done(store.spend(one.approval.id))?,
        &Spent::Left(1),
    )?;
    wait(SHORT);
    let spent = done(store.spend(one.approval.id))?;
    same("no use too late", &spent, &Spent::OutOfTime)?;
    expect(store, &StandingApproval { used: 1, ..one })?;
    match store.give(&late) {
        Err(_) => Ok(()),
        found => Err(Finding::new("an error for what has expired already", found)),
    }
}

fn takes_a_step_once(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let new = PLAIN.approved(store)?;
    let step = withdrawn(&new)?;
    let nothing = done(store.take(&step))?;
    same("no step of nothing", &nothing, &Taken::Moved)?;
    give(store, &new)?;
    let ahead = Step {
        next: Approval {
            revision: 2,
            ..step.next.clone()
        },
        ..step.clone()
    };
    let skipped = done(store.take(&ahead))?;
    same("no step from another revision", &skipped, &Taken::Moved)?;
    expect(store, &new)?;
    let spent = done(store.spend(new.approval.id))?;
    same("a use", &spent, &Spent::Left(1))?;
    take(store, &step)?;
    let ended = StandingApproval {
        approval: step.next.clone(),
        used: 1,
        ..new
    };
    expect(store, &ended)?;
    same("no step twice", &done(store.take(&step))?, &Taken::Moved)?;
    expect(store, &ended)
}

fn keeps_the_window(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let new = PLAIN.given(store)?;
    let step = withdrawn(&new)?;
    let now = now(store)?;
    let hour = TimeDelta::hours(1);
    let (past, future) = (now.checked_sub_signed(hour), now.checked_add_signed(hour));
    for (from, before) in [(future, None), (None, past), (past, past), (future, future)] {
        let step = Step {
            from,
            before,
            ..step.clone()
        };
        let taken = done(store.take(&step))?;
        same("no step outside its window", &taken, &Taken::OutOfTime)?;
    }
    expect(store, &new)?;
    take(
        store,
        &Step {
            from: past,
            before: future,
            ..step
        },
    )
}

fn finds_whose(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let later = PLAIN.given(store)?;
    let sooner = Sample {
        time: Duration::from_secs(600),
        ..PLAIN
    }
    .given(store)?;
    for other in [
        Sample {
            tenant: "globex",
            ..PLAIN
        },
        Sample {
            subject: "bob",
            ..PLAIN
        },
        Sample {
            tool: "another",
            ..PLAIN
        },
    ] {
        other.given(store)?;
    }
    let asked = PLAIN.asked(store)?;
    give(store, &asked)?;
    let used_up = Sample { uses: 1, ..PLAIN }.given(store)?;
    done(store.spend(used_up.approval.id))?;
    let revoked = PLAIN.given(store)?;
    let step = withdrawn(&revoked)?;
    take(store, &step)?;
    let untold = StandingApproval {
        approval: step.next.clone(),
        ..revoked
    };
    let expected = [sooner.clone(), later.clone(), untold];
    let found = done(store.find(&Whose::of(&later)))?.standing;
    same(
        "those in force, and one untold",
        &found.as_slice(),
        &expected.as_slice(),
    )?;
    take(store, &step.next.recorded())?;
    let found = done(store.find(&Whose::of(&later)))?.standing;
    same("those in force", &found, &vec![sooner, later])
}

fn bounds_how_many(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let mut last = PLAIN.given(store)?;
    for _ in 1..MOST {
        last = PLAIN.given(store)?;
    }
    let one_more = PLAIN.asked(store)?;
    let given = done(store.give(&one_more))?;
    same("no more of them", &given, &Given::TooMany)?;
    let nothing = done(store.load(one_more.approval.id))?.standing;
    same("nothing of the last", &nothing, &None)?;
    Sample {
        subject: "bob",
        ..PLAIN
    }
    .given(store)?;
    take(store, &withdrawn(&last)?)?;
    give(store, &one_more)
}

fn lists_in_order(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let mut all = Vec::new();
    for number in 0..5 {
        let tenant = if number == 3 { "globex" } else { "acme" };
        all.push(Sample { tenant, ..PLAIN }.given(store)?);
    }
    let revoked = all.remove(1);
    let step = withdrawn(&revoked)?;
    take(store, &step)?;
    let listed = done(store.list(&Listing::new()))?.standing;
    same("those that have not ended", &listed, &all)?;
    let page = Listing {
        most: 2,
        ..Listing::new()
    };
    let first = done(store.list(&page))?.standing;
    let expected = all.get(..2).unwrap_or_default();
    same("the first page", &first.as_slice(), &expected)?;
    let Some(last) = first.last() else {
        return Err(Finding::new("two standing approvals", first));
    };
    let second = done(store.list(&page.after(&last.approval)))?.standing;
    let expected = all.get(2..).unwrap_or_default();
    same("the second page", &second.as_slice(), &expected)?;
    let of_globex = done(store.list(&Listing::new().of_tenant("globex")))?.standing;
    let expected = all.get(2..3).unwrap_or_default();
    same("those of a tenant", &of_globex.as_slice(), &expected)?;
    let with_ended = done(store.list(&Listing::new().with_ended()))?.standing;
    all.insert(
        1,
        StandingApproval {
            approval: step.next,
            ..revoked
        },
    );
    same("those that have ended, too", &with_ended, &all)
}

fn forgets_the_dead(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    let dead = Sample {
        time: SHORT,
        ..PLAIN
    }
    .given(store)?;
    let alive = PLAIN.given(store)?;
    wait(SHORT);
    same("nothing dead for long", &done(store.forget_dead(LONG))?, &0)?;
    expect(store, &dead)?;
    same("one dead", &done(store.forget_dead(Duration::ZERO))?, &1)?;
    let nothing = done(store.load(dead.approval.id))?.standing;
    same("nothing of the dead", &nothing, &None)?;
    expect(store, &alive)
}

fn spends_no_more_at_once(store: &impl StandingApprovalStore) -> Result<(), Finding> {
    for _ in 0..5 {
        let uses = 10;
        let one = Sample { uses, ..PLAIN }.given(store)?;
        let id = one.approval.id;
        let spent = at_once(&[(); 16], |()| {
            [store.spend(id), store.spend(id)].map(|spent| spent.unwrap_or(Spent::NotInForce))
        });
        let mut left: Vec<u64> = spent
            .iter()
            .flatten()
            .filter_map(|spent| match spent {
                Spent::Left(left) => Some(*left),
                _ => None,
            })
            .collect();
        left.sort_unstable();
        same("each use once", &left, &(0..uses).collect::<Vec<u64>>())?;
        expect(store, &StandingApproval { used: uses, ..one })?;
    }
    Ok(())
}

fn take(store: &impl StandingApprovalStore, step: &Step) -> Result<(), Finding> {
    let taken = done(store.take(step))?;
    same("that the step is taken", &taken, &Taken::Yes)
}

/// The store must hold `standing`.
fn expect(store: &impl StandingApprovalStore, standing: &StandingApproval) -> Result<(), Finding> {
    let found = done(store.load(standing.approval.id))?.standing;
    same("what was kept", &found.as_ref(), &Some(standing))
}

fn withdrawn(standing: &StandingApproval) -> Result<Step, Finding> {
    let approval = &standing.approval;
    let step = approval.withdraw(approval.asked_at, Withdrawn::Cancelled);
    step.map_err(|error| Finding::new("a step", error))
}
