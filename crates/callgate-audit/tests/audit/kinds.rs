//! The kinds of record beside the calls: `docs/spec/vectors/audit-records.json`.

use std::collections::BTreeMap;
use std::time::Duration;

use callgate_audit::{
    ApprovalAnsweredRecord, ApprovalAskedRecord, ApprovalConsumedRecord, BasisKind, BasisPart,
    Budget, CredentialIssuedRecord, ErasedRecord, ErasedText, Head, Kept, LimitEffect, LimitKey,
    LimitReachedRecord, Masked, OutcomeRecord, OutcomeStatus, Record, ReviewDecidedRecord,
    ReviewVerdict, Revocable, Revocation, RevokedRecord, Standing, TaskBegunRecord, TaskEnd,
    TaskEndedRecord, TokenIssuedRecord, TokenRevokedRecord, Verdict, VerifyOptions, Window,
    verify_reader,
};
use callgate_types::{
    Approver, ApproverGroup, Caller, Decimal, Digest, Friction, Principal, PrincipalId,
    ResourceName,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::rig::noon;

const VECTORS: &str = include_str!("../../../../docs/spec/vectors/audit-records.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "why")]
    _why: String,
    line: String,
}

/// The lines that were written, by the names of their cases.
#[derive(Default)]
struct Written(BTreeMap<&'static str, String>);

impl Written {
    #[track_caller]
    fn add(&mut self, name: &'static str, record: &Record<'_>) {
        let mut body = Vec::new();
        record.encode(0, &mut body);
        let mut line = Vec::new();
        let head = Head::EMPTY.link(&body, &mut line);
        let report = verify_reader(&*line, &VerifyOptions::new().head(head)).unwrap();
        assert!(report.is_good(), "{name}");
        let text = String::from_utf8(line).unwrap();
        let known = self.0.insert(name, text.trim_end().to_owned());
        assert!(known.is_none(), "{name}");
    }
}

#[test]
fn vectors() {
    let mut written = Written::default();
    approvals(&mut written);
    tasks(&mut written);
    tokens(&mut written);
    revocations(&mut written);
    limits(&mut written);
    reviews(&mut written);
    erasures(&mut written);
    outcomes(&mut written);

    let vectors: Vectors = serde_json::from_str(VECTORS).unwrap();
    let expected: BTreeMap<&str, String> = vectors
        .cases
        .iter()
        .map(|case| (&*case.name, case.line.clone()))
        .collect();
    assert_eq!(expected.len(), vectors.cases.len());
    assert_eq!(written.0, expected);
}

fn later() -> DateTime<Utc> {
    noon() + TimeDelta::minutes(15)
}

fn digest() -> Digest {
    Digest::of(b"abc")
}

fn principal(text: &str) -> Principal {
    Principal::asserted(text.parse().unwrap())
}

fn alice() -> Caller {
    Caller::of(principal("user:alice").member_of("acme", ["support"]))
        .acting(principal("agent:support-bot"))
        .in_tenant("acme")
        .unwrap()
}

fn approvals(written: &mut Written) {
    let (caller, bob) = (alice(), principal("user:bob"));
    let mut friction = Friction::CONFIRM;
    let lead = Approver::Role("billing-lead".into());
    friction.approvals = vec![ApproverGroup::new(vec![lead], 1)];
    friction.expires_in = Some(Duration::from_secs(900));
    let mut asked = ApprovalAskedRecord::new(
        noon(),
        "apr_1",
        4,
        &caller,
        "adjust_billing",
        digest(),
        Digest::of(b"binding"),
        &friction,
    );
    let (unknown, nothing) = (Caller::unknown(), Friction::NONE);
    let mut bare = asked;
    (bare.caller, bare.friction) = (&unknown, &nothing);
    written.add("approval_asked_bare", &Record::ApprovalAsked(&bare));
    let basis = [
        BasisPart::new(BasisKind::Rule, Some("large-credits"), digest()),
        BasisPart::new(BasisKind::Tool, None, digest()),
        BasisPart::new(BasisKind::Definition, None, digest()),
        BasisPart::new(BasisKind::Tier, None, digest()),
        BasisPart::new(BasisKind::Friction, None, digest()),
    ];
    asked.basis = &basis;
    asked.preview = Some(digest());
    asked.expires = Some(later());
    asked.supersedes = Some("apr_0");
    written.add("approval_asked", &Record::ApprovalAsked(&asked));

    let mut answered = ApprovalAnsweredRecord::new(noon(), "apr_1", Verdict::Approved);
    answered.approver = Some((&bob).into());
    answered.settled = false;
    answered.preview = Some(digest());
    answered.reason = Some("checked\nthe invoice");
    answered.standing = Some(Standing::new("std_1", digest(), later(), 5));
    written.add("approval_answered", &Record::ApprovalAnswered(&answered));
    for (name, verdict) in [
        ("approval_refused", Verdict::Refused),
        ("approval_expired", Verdict::Expired),
        ("approval_cancelled", Verdict::Cancelled),
        ("approval_superseded", Verdict::Superseded),
    ] {
        let ended = ApprovalAnsweredRecord::new(noon(), "apr_1", verdict);
        written.add(name, &Record::ApprovalAnswered(&ended));
    }

    let mut consumed = ApprovalConsumedRecord::new(noon(), "apr_1", 9);
    written.add("approval_consumed", &Record::ApprovalConsumed(consumed));
    consumed.approval = "std_1";
    consumed.left = Some(4);
    written.add(
        "standing_approval_consumed",
        &Record::ApprovalConsumed(consumed),
    );
}

fn tasks(written: &mut Written) {
    let (caller, bob) = (alice(), principal("user:bob"));
    let mut begun = TaskBegunRecord::new(noon(), "t-3", &caller);
    written.add("task_begun_bare", &Record::TaskBegun(&begun));
    let (calls, euros) = (Decimal::from(20), "500.00".parse::<Decimal>().unwrap());
    let mut money = Budget::new("credits", &euros);
    money.unit = Some("EUR");
    let budget = [Budget::new("calls", &calls), money];
    let resources = [
        ResourceName::new("account", Some("acc_1")),
        ResourceName::new("invoice", None),
    ];
    begun.session = Some("s-17");
    begun.purpose = Some(Kept::Text("give back what we owe"));
    begun.tools = Some(&["adjust_billing", "search_tickets"]);
    begun.resources = Some(&resources);
    begun.scopes = Some(&["billing:adjust"]);
    begun.budget = &budget;
    begun.expires = Some(later());
    written.add("task_begun", &Record::TaskBegun(&begun));

    let mut ended = TaskEndedRecord::new(noon(), "t-3", TaskEnd::Done);
    written.add("task_done", &Record::TaskEnded(&ended));
    for (name, end) in [
        ("task_cancelled", TaskEnd::Cancelled),
        ("task_expired", TaskEnd::Expired),
    ] {
        ended.end = end;
        written.add(name, &Record::TaskEnded(&ended));
    }
    ended.end = TaskEnd::Revoked;
    ended.by = Some(&bob);
    ended.tenant = Some("acme");
    (ended.tokens, ended.permits) = (Some(2), 1);
    ended.reason = Some("it went astray");
    written.add("task_revoked", &Record::TaskEnded(&ended));
}

fn tokens(written: &mut Written) {
    let (caller, bob) = (alice(), principal("user:bob"));
    let mut issued = TokenIssuedRecord::new(noon(), "tok_2", &caller);
    written.add("token_issued_bare", &Record::TokenIssued(&issued));
    issued.parent = Some("tok_1");
    issued.issuer = Some(&bob);
    issued.holder_key = Some(digest());
    issued.task = Some("t-3");
    issued.scopes = Some(&["billing:adjust"]);
    issued.tools = Some(&[]);
    issued.bounds = Some(digest());
    issued.expires = Some(later());
    written.add("token_issued", &Record::TokenIssued(&issued));

    let mut revoked = TokenRevokedRecord::new(noon(), "tok_2");
    written.add("token_revoked_by_itself", &Record::TokenRevoked(revoked));
    revoked.by = Some(&bob);
    revoked.reason = Some("lost");
    written.add("token_revoked", &Record::TokenRevoked(revoked));

    let mut credential = CredentialIssuedRecord::new(noon(), "crd_1", 4, "vault");
    written.add(
        "credential_issued_bare",
        &Record::CredentialIssued(&credential),
    );
    credential.audience = Some("billing.internal");
    credential.scopes = &["credit"];
    credential.expires = Some(later());
    written.add("credential_issued", &Record::CredentialIssued(&credential));
}

fn revocations(written: &mut Written) {
    let bob = principal("user:bob");
    for (name, of) in [
        ("revoked_credential", Revocable::Credential),
        ("revoked_task", Revocable::Task),
        ("revoked_session", Revocable::Session),
        ("revoked_approval", Revocable::Approval),
    ] {
        let revoked = RevokedRecord::new(noon(), of, "x-1");
        written.add(name, &Record::Revoked(&revoked));
    }
    let mut revoked = RevokedRecord::new(noon(), Revocable::Principal, "agent:support-bot");
    revoked.action = Revocation::Quarantined;
    revoked.tenant = Some("acme");
    revoked.by = Some((&bob).into());
    revoked.reason = Some("it deletes what it should read");
    written.add("quarantined_principal", &Record::Revoked(&revoked));
    revoked.of = Revocable::Tenant;
    revoked.id = "acme";
    revoked.action = Revocation::Lifted;
    written.add("lifted_tenant", &Record::Revoked(&revoked));
}

fn limits(written: &mut Written) {
    let most: Decimal = "1000.00".parse().unwrap();
    let used: Decimal = "980.50".parse().unwrap();
    let wanted: Decimal = "20".parse().unwrap();
    let mut reached = LimitReachedRecord::new(noon(), "credits-a-day", &most);
    written.add("limit_reached_uncounted", &Record::LimitReached(&reached));
    reached.used = Some(&used);
    reached.wanted = Some(&wanted);
    written.add("limit_reached_bare", &Record::LimitReached(&reached));
    let key = [
        LimitKey::new("tenant", Some("acme")),
        LimitKey::new("session", None),
    ];
    reached.decision_seq = Some(4);
    reached.key = &key;
    reached.window = Some(Window::Fixed(Duration::from_secs(86_400)));
    reached.unit = Some("EUR");
    reached.effect = LimitEffect::Ask;
    written.add("limit_reached", &Record::LimitReached(&reached));
    reached.window = Some(Window::Sliding(Duration::from_secs(60)));
    written.add("sliding_limit_reached", &Record::LimitReached(&reached));
}

fn reviews(written: &mut Written) {
    let bob = principal("user:bob");
    let alice: PrincipalId = "user:alice".parse().unwrap();
    for (name, verdict) in [
        ("review_confirmed", ReviewVerdict::Confirmed),
        ("review_revoked", ReviewVerdict::Revoked),
        ("review_postponed", ReviewVerdict::Postponed),
    ] {
        let bare = ReviewDecidedRecord::new(noon(), "rev_1", verdict);
        written.add(name, &Record::ReviewDecided(&bare));
    }
    let mut right = ReviewDecidedRecord::new(noon(), "rev_1", ReviewVerdict::Narrowed);
    right.principal = Some(&alice);
    right.right = Some("scope billing:adjust");
    right.by = Some(&bob);
    right.policy = Some(digest());
    right.log = Some(Head::new(120, digest()));
    right.until = Some(later());
    right.reason = Some("no use in ninety days");
    written.add("review_of_a_right", &Record::ReviewDecided(&right));
    let mut call = ReviewDecidedRecord::new(noon(), "rev_2", ReviewVerdict::Objected);
    call.decision_seq = Some(4);
    call.by = Some(&bob);
    written.add("review_of_a_call", &Record::ReviewDecided(&call));
}

fn erasures(written: &mut Written) {
    let bob = principal("user:bob");
    let texts = [
        ErasedText::new(digest()).at(4, "arguments/note"),
        ErasedText::new(Digest::of(b"other")),
    ];
    let mut erased = ErasedRecord::new(noon(), &texts, &bob).unwrap();
    written.add("erased_bare", &Record::Erased(&erased));
    erased.subject = Some("user:alice");
    erased.reason = Some("she asked for it");
    written.add("erased", &Record::Erased(&erased));
}

fn outcomes(written: &mut Written) {
    let took = Duration::from_micros(1500);
    let mut outcome = OutcomeRecord::new(noon(), 4, OutcomeStatus::Ok, took);
    written.add("outcome_bare", &Record::Outcome(outcome));
    outcome.effects = Some(&[]);
    outcome.masked = Some(&[]);
    written.add("outcome_without_effects", &Record::Outcome(outcome));
    let masked = [Masked::new("card-numbers", 2)];
    outcome.effects = Some(&["credited acc_1 by 20.00 EUR"]);
    outcome.masked = Some(&masked);
    written.add("outcome_with_effects", &Record::Outcome(outcome));
    outcome.effects_omitted = 3;
    written.add("outcome_with_more_effects", &Record::Outcome(outcome));
}

#[test]
fn an_erasure_of_too_many_texts_is_no_record() {
    let bob = principal("user:bob");
    let texts = vec![ErasedText::new(digest()).at(u64::MAX, "arguments"); 257];
    assert!(ErasedRecord::new(noon(), &texts, &bob).is_none());
}

/// However long its names are, the record of an erasure names every text.
#[test]
fn largest_erasure_fits_a_line() {
    let awful = "\u{1}".repeat(600);
    let bob = principal("user:bob");
    let texts = vec![ErasedText::new(digest()).at(u64::MAX, &awful); ErasedRecord::MAX_TEXTS];
    let mut erased = ErasedRecord::new(noon(), &texts, &bob).unwrap();
    erased.subject = Some(&awful);
    erased.reason = Some(&awful);
    let mut body = Vec::new();
    Record::Erased(&erased).encode(0, &mut body);
    assert!(body.len() < 1 << 19, "{}", body.len());
    let text = String::from_utf8(body).unwrap();
    assert_eq!(text.matches("\"commitment\"").count(), 256);
}
