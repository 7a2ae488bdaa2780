//! Calls: who makes them, and what they ask for.

use std::error::Error;

use callgate::{Arguments, Caller, Context, Principal, ToolCall};

use super::CALLS;
use super::floor::FloorCall;
use super::policy::{self, ENVIRONMENTS, Size};
use super::random::Random;

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// What else is true.
    pub context: Context,
    /// The call, its arguments parsed.
    pub call: ToolCall,
}

/// The same calls as ours and as the floor take them.
#[derive(Clone, Debug)]
pub struct Calls {
    /// For ours.
    pub ours: Vec<Call>,
    /// For the floor.
    pub floor: Vec<FloorCall>,
}

impl Call {
    /// The text of its arguments.
    pub fn text(&self) -> &str {
        self.call.arguments().map_or("", Arguments::text)
    }
}

/// Which calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every call is allowed.
    Allowed,
    /// About three in five calls are allowed.
    Mixed,
}

/// The texts of the arguments of [`CALLS`] calls, 280 bytes on average.
///
/// # Errors
///
/// As [`Calls::new`].
pub fn texts() -> Result<Vec<String>, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    Ok(calls.iter().map(|call| call.text().to_owned()).collect())
}

/// How many people call.
const PEOPLE: u32 = 64;

impl Calls {
    /// [`CALLS`] calls of this kind, for a policy of this size.
    ///
    /// They are made before any policy is loaded: where memory is in disorder, calls are spread
    /// over it, and the floor suffers more from that, for a `Value` is in many pieces.
    ///
    /// # Errors
    ///
    /// Fails where a caller cannot be resolved, or arguments are not JSON.
    pub fn new(size: Size, kind: Kind) -> Result<Self, Box<dyn Error>> {
        let mut random = Random::new(0x00ca_1194_7e00);
        let people: Vec<Person> = (0..PEOPLE)
            .map(|number| Person::new(size, number, &mut random))
            .collect::<Result<_, _>>()?;
        let contexts = ENVIRONMENTS.map(|name| Context::new().environment(name));
        let (guests, members): (Vec<_>, Vec<_>) = people.into_iter().partition(|who| who.is_guest);
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..CALLS {
            let wrong = match kind {
                Kind::Allowed => Wrong::Nothing,
                Kind::Mixed => Wrong::any(&mut random),
            };
            let from = if wrong == Wrong::Role {
                &guests
            } else {
                &members
            };
            let who = pick(from, &mut random).ok_or("nobody to call")?;
            let place = random.below(2);
            let context = contexts.get(place as usize).ok_or("no such environment")?;
            let (call, same) = make(size, who, context, place, wrong, &mut random)?;
            ours.push(call);
            floor.push(same);
        }
        // The copies of each side lie close together.
        Ok(Self {
            ours: ours.clone(),
            floor: floor.clone(),
        })
    }
}

/// What a call is denied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Nothing,
    Amount,
    Tenant,
    Currency,
    Tool,
    Role,
}

impl Wrong {
    fn any(random: &mut Random) -> Self {
        match random.below(100) {
            0..62 => Self::Nothing,
            62..72 => Self::Amount,
            72..80 => Self::Tenant,
            80..84 => Self::Currency,
            84..90 => Self::Tool,
            _ => Self::Role,
        }
    }
}

/// Somebody who calls through an agent.
struct Person {
    caller: Caller,
    tenant: u32,
    roles: Vec<u32>,
    is_guest: bool,
}

impl Person {
    fn new(size: Size, number: u32, random: &mut Random) -> Result<Self, Box<dyn Error>> {
        let tenant = random.below(size.tenants);
        let is_guest = number % 8 == 7;
        let (mut roles, mut names) = (Vec::new(), Vec::new());
        if is_guest {
            names.push("guest".to_owned());
            roles.push(size.roles.saturating_add(1));
        } else {
            let first = random.below(size.roles);
            names.push(policy::role_name(first));
            roles.push(first);
            // Every second one has two roles; where there is but one to have, it is one that
            // stands in no permit.
            if number.is_multiple_of(2) {
                let second = first.saturating_add(1);
                if second < size.roles {
                    names.push(policy::role_name(second));
                    roles.push(second);
                } else {
                    names.push("auditor".to_owned());
                    roles.push(size.roles);
                }
            }
        }
        let name = policy::tenant_name(tenant);
        let subject = Principal::asserted(format!("user:person-{number:02}").parse()?)
            .member_of(&*name, names);
        let bot = Principal::asserted("agent:support-bot".parse()?);
        Ok(Self {
            caller: Caller::of(subject).acting(bot).in_tenant(name)?,
            tenant,
            roles,
            is_guest,
        })
    }
}

fn make(
    size: Size,
    who: &Person,
    context: &Context,
    environment: u32,
    wrong: Wrong,
    random: &mut Random,
) -> Result<(Call, FloorCall), Box<dyn Error>> {
    let number = random.below(size.tools);
    let tool = match wrong {
        Wrong::Tool => "drop_everything".to_owned(),
        _ => policy::tool_name(number),
    };
    let text = arguments(who, number, wrong, random);
    let call = Call {
        caller: who.caller.clone(),
        context: context.clone(),
        call: ToolCall::new(&*tool, Arguments::parse(&*text)?),
    };
    let floor = FloorCall {
        tenant: policy::tenant_name(who.tenant),
        roles: who.roles.clone(),
        tool,
        environment,
        arguments: serde_json::from_str(&text)?,
    };
    Ok((call, floor))
}

fn arguments(who: &Person, tool: u32, wrong: Wrong, random: &mut Random) -> String {
    let tenant = match wrong {
        Wrong::Tenant => "tenant-elsewhere".to_owned(),
        _ => policy::tenant_name(who.tenant),
    };
    let [one, two, three] = policy::currencies(tool);
    let currency = match (wrong, random.below(3)) {
        (Wrong::Currency, _) => "JPY",
        (_, 0) => one,
        (_, 1) => two,
        _ => three,
    };
    // Every limit lies between 100 and 1 000.
    let whole = match wrong {
        Wrong::Amount => random.below(9_000).saturating_add(1_000),
        _ => random.below(99).saturating_add(1),
    };
    let amount = match random.below(3) {
        0 => whole.to_string(),
        1 => format!("{whole}.50"),
        _ => format!("{whole}.{:02}", random.below(99).saturating_add(1)),
    };
    let id = format!(
        "{}-{}-{:08x}-{:019}",
        policy::prefix(tool),
        random.below(30).saturating_add(2000),
        random.below(u32::MAX),
        random.next() >> 1,
    );
    let note = pick(&NOTES, random).copied().unwrap_or_default();
    let ticket = random.below(900_000).saturating_add(100_000);
    format!(
        "{{\"account\": {{\"id\": \"{id}\", \"tenant\": \"{tenant}\"}}, \
         \"amount\": {{\"value\": {amount}, \"currency\": \"{currency}\"}}, \
         \"note\": \"{note}\", \"ticket\": {ticket}}}"
    )
}

fn pick<'a, T>(from: &'a [T], random: &mut Random) -> Option<&'a T> {
    let count = u32::try_from(from.len()).unwrap_or(u32::MAX);
    from.get(random.below(count) as usize)
}

const NOTES: [&str; 4] = [
    "Customer was charged twice for the same month; the second charge is credited back, as agreed by phone on Tuesday.",
    "Refund of the setup fee: the migration took two days longer than what was promised to the customer in the offer.",
    "Goodwill credit after the outage of last week.\\nApproved by the shift lead; see the ticket for the whole story, and mail.",
    "Corrects the invoice: wrong number of seats (12 in place of 9), found by the customer's own accounting department.",
];
