//! Appending to memory allocates nothing, once warm.

use std::sync::Arc;

use callgate_audit::{
    DecisionRecord, Durability, Journal, Keep, MemorySink, Record, RecordedResource,
};
use callgate_types::{
    Caller, Code, Context, DecisionKind, Digest, Factor, FactorSource, Principal, PrincipalId,
    Resource, ResourceName, RiskTier, ToolCall,
};

use crate::rig::{accepted, durable, noon};

#[test]
fn warm_append_allocates_nothing() {
    let alice = PrincipalId::user("alice").unwrap();
    let bot = PrincipalId::agent("support-bot").unwrap();
    let caller = Caller::of(Principal::asserted(alice).member_of("acme", ["support"]))
        .acting(Principal::asserted(bot))
        .in_tenant("acme")
        .unwrap();
    let account = Resource::new("account", "acc_1234abcd")
        .tenant("acme")
        .fact("owner", "alice");
    let context = Context::new()
        .environment("prod")
        .session("s-17")
        .time(noon())
        .resource(account.clone());
    let text = r#"{"account_id": "acc_1234abcd", "amount": 20.50, "currency": "USD", "note": "ü"}"#;
    let call = ToolCall::from_text("adjust_billing", text).id("call_1");
    let resources = [RecordedResource::new(
        ResourceName::new("account", Some("acc_1234abcd")),
        Some(&account),
    )];
    let tool = Factor::new(FactorSource::Tool, "adjust_billing", RiskTier::BoundedWrite);
    let factors = [tool];
    let mut record = DecisionRecord::new(
        noon(),
        &call,
        &caller,
        &context,
        DecisionKind::Allow,
        Code::Permitted,
        Digest::of(b"policy"),
    );
    record.arguments = Keep::Text;
    record.resources = &resources;
    record.rule = Some("credits");
    record.matched = &["credits"];
    record.tier = Some(RiskTier::BoundedWrite);
    record.factors = &factors;
    record.durability = Durability::Durable;
    let record = Record::Decision(&record);

    let sink = Arc::new(MemorySink::new());
    let journal = Journal::open(Arc::clone(&sink) as Arc<_>).unwrap();
    let both = || {
        journal.append(&record, accepted().opens()).unwrap();
        journal.append(&record, durable().opens()).unwrap();
    };
    sink.reserve(1 << 20);
    for _ in 0..3 {
        both();
    }
    let info = allocation_counter::measure(|| {
        for _ in 0..100 {
            both();
        }
    });
    assert_eq!(info.count_total, 0);
}
