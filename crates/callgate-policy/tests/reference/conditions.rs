//! Random conditions and matchers.

use crate::languages::Language;
use crate::policies::{Class, Leaf, NUMBERS, TEXTS, Tool};
use crate::random::Random;

const EXPRESSIONS: &[&str] =
    &["acc_\\d+", "[a-z]*", "a|prod", ".*", "acc_[0-9]{2}", "[^a-z]+|(acme|a)?", "\\w+", "user:[a-z]{3,5}"];
const LANGUAGES: &[Language] = &[Language::Path, Language::Email, Language::Shell, Language::Url, Language::Sql];
const PLACES: &[&str] = &[
    "caller/tenant", "caller/subject", "caller/id", "caller/kind", "caller/actor", "caller/verified/method",
    "caller/verified/issuer", "caller/verified/age", "context/environment", "context/session", "context/task",
    "context/mode", "context/whole/inner", "context/whole/inner/more", "context/whole", "resource/kind", "resource/id",
    "resource/tenant", "resource/class", "resource/meta/level",
];

pub(crate) fn condition(random: &mut Random, meant: &[&Tool], depth: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut keys: Vec<String> = Vec::new();
    for _ in 0..=random.below(2) {
        let (key, value) = match random.below(if depth < 3 { 10 } else { 7 }) {
            7 => ("not".to_owned(), condition(random, meant, depth + 1)),
            n @ 8.. => {
                let parts: Vec<String> = (0..=random.below(3)).map(|_| condition(random, meant, depth + 1)).collect();
                (if n == 8 { "any" } else { "all" }.to_owned(), format!("[{}]", parts.join(", ")))
            }
            _ => {
                let (place, class) = fact(random, meant);
                let matcher = match class {
                    Some(class) if random.chance(80) => fitting(random, class),
                    _ => matcher(random, meant, 0),
                };
                (format!("{place:?}"), matcher)
            }
        };
        if !keys.contains(&key) {
            parts.push(format!("{key} = {value}"));
            keys.push(key);
        }
    }
    format!("{{ {} }}", parts.join(", "))
}

/// A place, and what mostly stands there.
fn fact(random: &mut Random, meant: &[&Tool]) -> (String, Option<Class>) {
    let leaves: Vec<&Leaf> = meant.iter().flat_map(|tool| &tool.arguments).collect();
    if !leaves.is_empty() && random.chance(60) {
        let leaf = leaves[random.below(leaves.len())];
        let below = match leaf.class {
            Class::Objects if leaf.can_hold_more("") => random.of(&["", "/0/id", "/1", "/0/id/x", "/01"]),
            Class::Array => random.of(&["", "", "/0", "/x", "/7"]),
            _ => "",
        };
        return match leaf.pointer.strip_prefix("/to/") {
            Some(_) if random.chance(15) => ("arguments/to".to_owned(), None),
            _ => (format!("arguments{}{below}", leaf.pointer), below.is_empty().then_some(leaf.class)),
        };
    }
    let place = random.of(PLACES);
    (place.to_owned(), place.starts_with("context/").then_some(Class::Any))
}

/// A matcher that speaks about values of a class.
fn fitting(random: &mut Random, class: Class) -> String {
    let each = random.of(&["text = {}", "one_of = ['a', 'acme', 'prod', 5]", "nullable = true, length = { min = 1 }"]);
    let optional = random.chance(50);
    let one = match class {
        Class::In(language) => language.matcher(random),
        Class::Number => return number_matcher(random),
        Class::Flag => random.of(&["boolean = {}", "equals = true", "equals = false"]).to_owned(),
        Class::Text => format!("matches = '{}'", random.of(EXPRESSIONS)),
        Class::Array => format!("array = {{ {} = {{ {each} }} }}", random.of(&["each", "some"])),
        Class::Objects => {
            let more = random.of(&["", ", '/more' = { open = true, optional = true }"]);
            let table = format!("{{ '/id' = {{ {each}, optional = {optional} }}{more} }}");
            format!("array = {{ {} = {table} }}", random.of(&["each", "some"]))
        }
        Class::Any => match random.below(4) {
            0 => "present = true".to_owned(),
            1 => "'/inner' = { one_of = ['a', 'acme', 'prod', ''], optional = true }".to_owned(),
            2 => "'/inner' = { text = {} }".to_owned(),
            _ => format!("equals = '{}'", random.of(&["prod", "staging", "a", "acme"])),
        },
    };
    format!("{{ {one} }}")
}

fn number_matcher(random: &mut Random) -> String {
    let low = random.of(&["-5", "0", "0.1", "1", "5"]);
    let high = random.of(&["6", "10.25", "50", "1e299"]);
    let number = random.of(NUMBERS);
    match random.below(3) {
        0 => format!("{{ integer = {{ at_least = {} }} }}", random.of(&["-3", "0", "5"])),
        1 => format!("{{ decimal = {{ above = '{low}', below = '{high}' }} }}"),
        _ => format!("{{ decimal = {{ at_most = '{number}', scale = {} }} }}", random.below(3)),
    }
}

fn matcher(random: &mut Random, meant: &[&Tool], depth: usize) -> String {
    let text = random.of(TEXTS);
    let scalars = [format!("'{text}'"), "5".to_owned(), "true".to_owned(), "'acme'".to_owned(), "50".to_owned()];
    let scalars: Vec<&str> = scalars.iter().map(|scalar| &**scalar).collect();
    let one = match random.below(if depth == 0 { 18 } else { 13 }) {
        0 => format!("equals = '{text}'"),
        1 => format!("equals = {}", random.of(&["5", "0", "true", "false", "-3"])),
        2 => format!("equals = {{ fact = \"{}\" }}", fact(random, meant).0),
        3 => format!("one_of = [{}]", random.some_of(&scalars).join(", ")),
        4 => format!("matches = '{}'", random.of(EXPRESSIONS)),
        5 => format!("text = {{ min_chars = {}, max_chars = {} }}", random.below(3), 2 + random.below(6)),
        6..=8 => return number_matcher(random),
        9 => random.of(&["boolean = {}", "use = 'acme'", "use = 'acme-or-none'"]).to_owned(),
        10 => format!("length = {{ min = {}, max = {} }}", random.below(2), 1 + random.below(4)),
        11 | 12 => random.of(LANGUAGES).matcher(random),
        13 => format!("present = {}", random.chance(60)),
        14 => {
            let [one, other] = [(); 2].map(|()| matcher(random, meant, depth + 1));
            format!("{} = [{one}, {other}]", random.of(&["any", "all"]))
        }
        15 => format!("'/inner' = {}", matcher(random, meant, depth + 1)),
        16 => format!("array = {{ each = {} }}", matcher(random, meant, depth + 1)),
        _ => format!("array = {{ min_items = 1, some = {} }}", matcher(random, meant, depth + 1)),
    };
    let also = match random.below(12) {
        _ if one.starts_with("use") => return format!("{{ {one} }}"),
        0 if !one.starts_with("length") => ", length = { max = 4 }",
        1 if !one.starts_with("integer") => ", integer = {}",
        _ => "",
    };
    let nullable = if random.chance(8) { ", nullable = true" } else { "" };
    format!("{{ {one}{also}{nullable} }}")
}
