//! The rules, each as a function that tries it on a store of its own.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;

use super::Rule;
use super::kit::{Finding, Test, same};
use super::sample::{LONG, SHORT, asked, done, load, now, user};
use crate::{
    Allowance, Approval, ApprovalId, ApprovalStore, Listing, Look, Opened, State, Step, Taken,
    Withdrawn,
};

/// All rules, in the order in which they are tried.
pub(super) fn all<S: ApprovalStore>() -> [(Rule, Test<S>); 10] {
    [
        (Rule::KeepsAll, keeps_all),
        (Rule::FindsByBinding, finds_by_binding),
        (Rule::HoldsThePlace, holds_the_place),
        (Rule::FreesThePlace, frees_the_place),
        (Rule::TakesAStepOnce, takes_a_step_once),
        (Rule::KeepsTheWindow, keeps_the_window),
        (Rule::CountsAsks, counts_asks),
        (Rule::ListsInOrder, lists_in_order),
        (Rule::ForgetsTheDead, forgets_the_dead),
        (Rule::LetsOneThrough, lets_one_through),
    ]
}

fn keeps_all(store: &impl ApprovalStore) -> Result<(), Finding> {
    let new = asked(store, "acme", "alice", "a", LONG)?;
    open(store, &new)?;
    expect(store, &new)?;
    same(
        "nothing of another id",
        &load(store, other(&new))?.approval,
        &None,
    )?;
    let error = store.open(&new, None);
    match error {
        // The same one holds its own place.
        Ok(Opened::There(there)) => same("the first one", &*there, &new),
        found => Err(Finding::new("that it is there", found)),
    }
}

fn finds_by_binding(store: &impl ApprovalStore) -> Result<(), Finding> {
    let first = asked(store, "acme", "alice", "a", LONG)?;
    let second = asked(store, "acme", "alice", "b", LONG)?;
    open(store, &first)?;
    open(store, &second)?;
    take(store, &withdrawn(&first)?)?;
    let third = asked(store, "acme", "alice", "a", LONG)?;
    open(store, &third)?;
    for (binding, expected) in [("b", Some(second)), ("a", Some(third)), ("c", None)] {
        let like = asked(store, "acme", "alice", binding, LONG)?;
        let alice = user("alice")?;
        let look = Look::new(like.question.binding, Some("acme"), &alice, LONG);
        same(
            "what was asked last",
            &done(store.find(&look))?.approval,
            &expected,
        )?;
    }
    Ok(())
}

fn holds_the_place(store: &impl ApprovalStore) -> Result<(), Finding> {
    let first = asked(store, "acme", "alice", "a", LONG)?;
    open(store, &first)?;
    let second = asked(store, "acme", "alice", "a", LONG)?;
    match done(store.open(&second, None))? {
        Opened::There(there) => same("the first one", &*there, &first)?,
        found => return Err(Finding::new("that one is there", found)),
    }
    same(
        "nothing of the second",
        &load(store, second.id)?.approval,
        &None,
    )?;
    take(store, &withdrawn(&first)?)?;
    open(store, &second)?;

    // By when it was opened, and not by the time at which its text was begun.
    let slow = asked(store, "acme", "alice", "b", LONG)?;
    wait(SHORT);
    let quick = asked(store, "acme", "alice", "b", LONG)?;
    open(store, &quick)?;
    take(store, &withdrawn(&quick)?)?;
    open(store, &slow)?;
    let third = asked(store, "acme", "alice", "b", LONG)?;
    match done(store.open(&third, None))? {
        Opened::There(there) => same("the one that was opened late", &*there, &slow),
        found => Err(Finding::new("that one is there", found)),
    }
}

fn frees_the_place(store: &impl ApprovalStore) -> Result<(), Finding> {
    let first = asked(store, "acme", "alice", "a", SHORT)?;
    open(store, &first)?;
    wait(SHORT);
    open(store, &asked(store, "acme", "alice", "a", LONG)?)?;
    let late = asked(store, "acme", "alice", "b", SHORT)?;
    wait(SHORT);
    match store.open(&late, None) {
        Err(_) => same(
            "nothing that had expired",
            &load(store, late.id)?.approval,
            &None,
        ),
        found => Err(Finding::new("an error for what has expired already", found)),
    }
}

fn takes_a_step_once(store: &impl ApprovalStore) -> Result<(), Finding> {
    let new = asked(store, "acme", "alice", "a", LONG)?;
    let step = withdrawn(&new)?;
    same(
        "no step of nothing",
        &done(store.take(&step))?,
        &Taken::Moved,
    )?;
    open(store, &new)?;
    let ahead = Step {
        next: Approval {
            revision: 2,
            ..step.next.clone()
        },
        ..step.clone()
    };
    same(
        "no step from another revision",
        &done(store.take(&ahead))?,
        &Taken::Moved,
    )?;
    expect(store, &new)?;
    take(store, &step)?;
    expect(store, &step.next)?;
    same("no step twice", &done(store.take(&step))?, &Taken::Moved)?;
    expect(store, &step.next)
}

fn keeps_the_window(store: &impl ApprovalStore) -> Result<(), Finding> {
    let new = asked(store, "acme", "alice", "a", LONG)?;
    open(store, &new)?;
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
        same(
            "no step outside its window",
            &done(store.take(&step))?,
            &Taken::OutOfTime,
        )?;
    }
    expect(store, &new)?;
    let soon = now.checked_add_signed(TimeDelta::from_std(SHORT).unwrap_or_default());
    let step = Step {
        from: past,
        before: soon,
        ..step
    };
    wait(SHORT);
    same(
        "no step too late",
        &done(store.take(&step))?,
        &Taken::OutOfTime,
    )?;
    take(
        store,
        &Step {
            from: past,
            before: future,
            ..step
        },
    )
}

fn counts_asks(store: &impl ApprovalStore) -> Result<(), Finding> {
    let twice = Some(Allowance::new(2, LONG));
    let ask = |tenant: &str, subject: &str, binding: &str| {
        let new = asked(store, tenant, subject, binding, LONG)?;
        done(store.open(&new, twice))
    };
    same("a first ask", &ask("acme", "alice", "a")?, &Opened::New)?;
    same("a second ask", &ask("acme", "alice", "b")?, &Opened::New)?;
    same(
        "no third ask",
        &ask("acme", "alice", "c")?,
        &Opened::TooMany,
    )?;
    same("asks of others", &ask("acme", "bob", "d")?, &Opened::New)?;
    same(
        "asks in other tenants",
        &ask("globex", "alice", "e")?,
        &Opened::New,
    )?;
    let alice = user("alice")?;
    let like = asked(store, "acme", "alice", "c", LONG)?;
    let look = Look::new(like.question.binding, Some("acme"), &alice, LONG);
    let found = done(store.find(&look))?;
    same("two asks", &found.asked, &2)?;
    same("nothing of the third", &found.approval, &None)?;
    wait(SHORT);
    let look = Look::new(like.question.binding, Some("acme"), &alice, SHORT);
    same("no ask of late", &done(store.find(&look))?.asked, &0)
}

fn lists_in_order(store: &impl ApprovalStore) -> Result<(), Finding> {
    let mut all = Vec::new();
    for number in 0..5 {
        let tenant = if number == 3 { "globex" } else { "acme" };
        let new = asked(store, tenant, "alice", &number.to_string(), LONG)?;
        open(store, &new)?;
        all.push(new);
    }
    let ended = all.remove(1);
    let ended = withdrawn(&ended)?;
    take(store, &ended)?;
    let listed = done(store.list(&Listing::new()))?.approvals;
    same("those that have not ended", &listed, &all)?;
    let page = Listing {
        most: 2,
        ..Listing::new()
    };
    let first = done(store.list(&page))?.approvals;
    same(
        "the first page",
        &first.as_slice(),
        &all.get(..2).unwrap_or_default(),
    )?;
    let Some(last) = first.last() else {
        return Err(Finding::new("two approvals", first));
    };
    let second = done(store.list(&page.after(last)))?.approvals;
    same(
        "the second page",
        &second.as_slice(),
        &all.get(2..).unwrap_or_default(),
    )?;
    let of_globex = done(store.list(&Listing::new().of_tenant("globex")))?.approvals;
    same(
        "those of a tenant",
        &of_globex.as_slice(),
        &all.get(2..3).unwrap_or_default(),
    )?;
    let with_ended = done(store.list(&Listing::new().with_ended()))?.approvals;
    all.insert(1, ended.next);
    same("those that have ended, too", &with_ended, &all)
}

fn forgets_the_dead(store: &impl ApprovalStore) -> Result<(), Finding> {
    let dead = asked(store, "acme", "alice", "a", SHORT)?;
    let alive = asked(store, "acme", "alice", "b", LONG)?;
    open(store, &dead)?;
    open(store, &alive)?;
    wait(SHORT);
    same("nothing dead for long", &done(store.forget_dead(LONG))?, &0)?;
    expect(store, &dead)?;
    same("one dead", &done(store.forget_dead(Duration::ZERO))?, &1)?;
    same(
        "nothing of the dead",
        &load(store, dead.id)?.approval,
        &None,
    )?;
    expect(store, &alive)
}

fn lets_one_through(store: &impl ApprovalStore) -> Result<(), Finding> {
    for round in 0..20 {
        let binding = format!("race {round}");
        let racers: Vec<Approval> = (0..8)
            .map(|_| asked(store, "acme", "alice", &binding, LONG))
            .collect::<Result<_, _>>()?;
        let opened = at_once(&racers, |new| store.open(new, None));
        let mut winners = racers
            .iter()
            .zip(&opened)
            .filter(|(_, got)| matches!(got, Ok(Opened::New)));
        let (Some((winner, _)), None) = (winners.next(), winners.next()) else {
            return Err(Finding::new("one that is new", opened));
        };
        let claims: Vec<Step> = racers
            .iter()
            .map(|racer| {
                let mut step = withdrawn(winner)?;
                // Each would leave something else behind.
                Arc::make_mut(&mut step.next.question).supersedes = Some(racer.id);
                Ok(step)
            })
            .collect::<Result<_, Finding>>()?;
        let taken = at_once(&claims, |step| store.take(step));
        let through = taken.iter().filter(|got| matches!(got, Ok(Taken::Yes)));
        same("one step taken", &through.count(), &1)?;
    }
    Ok(())
}

pub(crate) fn at_once<T: Sync, R: Send>(inputs: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let run = &run;
    thread::scope(|scope| {
        let threads: Vec<_> = inputs
            .iter()
            .map(|input| scope.spawn(move || run(input)))
            .collect();
        let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ended.flatten().collect()
    })
}

fn open(store: &impl ApprovalStore, new: &Approval) -> Result<(), Finding> {
    same(
        "that it is new",
        &done(store.open(new, None))?,
        &Opened::New,
    )
}

fn take(store: &impl ApprovalStore, step: &Step) -> Result<(), Finding> {
    same(
        "that the step is taken",
        &done(store.take(step))?,
        &Taken::Yes,
    )
}

/// The store must hold `approval`.
fn expect(store: &impl ApprovalStore, approval: &Approval) -> Result<(), Finding> {
    let found = load(store, approval.id)?.approval;
    same("what was kept", &found.as_ref(), &Some(approval))
}

fn withdrawn(approval: &Approval) -> Result<Step, Finding> {
    let step = approval.withdraw(approval.asked_at, Withdrawn::Cancelled);
    let step = step.map_err(|error| Finding::new("a step", error))?;
    same("an end", &step.next.state, &State::Cancelled)?;
    Ok(step)
}

fn other(approval: &Approval) -> ApprovalId {
    let mut bytes = *approval.id.as_bytes();
    if let Some(first) = bytes.first_mut() {
        *first ^= 1;
    }
    ApprovalId::from_bytes(bytes)
}

/// Waits until `time` is over, whatever grain the clock of the store has.
pub(crate) fn wait(time: Duration) {
    thread::sleep(time.saturating_add(Duration::from_millis(50)));
}
