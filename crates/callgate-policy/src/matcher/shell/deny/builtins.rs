//! Commands of bash that evaluate what their words hold.

use super::Unclear;
use super::command::Call;
use super::grammar::DECLARING;
use super::reader::Reader;

/// Commands that take names of variables, whose subscripts are evaluated.
const NAMING: &[&str] = &[
    "getopts",
    "let",
    "mapfile",
    "printf",
    "read",
    "readarray",
    "unset",
    "wait",
];

/// Judges the command of bash `name`, if it is one of these.
pub(super) fn judge(
    reader: &mut Reader<'_, '_>,
    name: &str,
    call: Call<'_, '_>,
) -> Result<(), Unclear> {
    let declares = DECLARING.contains(&name);
    if declares {
        for word in call.words {
            reader.assigned(word)?;
        }
    }
    if declares || NAMING.contains(&name) {
        let names_variable = call.words.iter().any(|word| word.text.starts_with("-v"));
        let is_format = name == "printf" && !names_variable;
        for word in call.words {
            let text = &*word.text;
            let runs = runs_in_subscript(text) || name == "let" && substitutes(text);
            if runs && !is_format {
                reader.found.unclear = true;
            }
            reader.found.evaluates |= declares && text.starts_with('-') && text.contains('i');
        }
        reader.found.evaluates |= name == "let";
    }
    let option = |letter: char| {
        call.words.iter().any(|word| {
            let bundle = word.text.strip_prefix('-');
            bundle.is_some_and(|bundle| !bundle.starts_with('-') && bundle.contains(letter))
        })
    };
    let runs = match name {
        "mapfile" | "readarray" | "complete" | "compgen" => option('C'),
        "hash" => option('p'),
        "enable" => option('f'),
        "bind" => option('x') || option('f'),
        "test" | "[" => {
            reader.found.evaluates |= option('v') || option('q') || option('t');
            option('v') && call.words.iter().any(|word| runs_in_subscript(&word.text))
        }
        _ => false,
    };
    reader.found.unclear |= runs;
    Ok(())
}

/// Whether evaluating `text` as a name with a subscript runs what is written in it.
pub(super) fn runs_in_subscript(text: &str) -> bool {
    text.contains('[') && substitutes(text)
}

fn substitutes(text: &str) -> bool {
    text.contains("$(") || text.contains('`')
}
