//! Printing what came out.

use std::io::{self, Write};

use serde_json::Value;

use crate::measure::Row;
use crate::options::Format;

pub(crate) fn head(out: &mut impl Write, format: Format) -> io::Result<()> {
    match format {
        Format::Json => Ok(()),
        Format::Text => line(
            out,
            [
                "name",
                "ours ns",
                "floor ns",
                "ratio",
                "promised",
                "allocations",
            ],
            "",
        ),
    }
}

pub(crate) fn row(out: &mut impl Write, format: Format, row: &Row) -> io::Result<()> {
    match format {
        Format::Json => {
            // Written by hand: the keys keep this order.
            let name = serde_json::to_string(&row.name)?;
            let promised = row.promised.map_or(Value::Null, Value::from);
            writeln!(
                out,
                "{{\"name\":{name},\"ours_ns\":{:.1},\"floor_ns\":{:.1},\"ratio\":{:.3},\
                 \"promised\":{promised},\"allocations\":{},\"ok\":{}}}",
                row.ours,
                row.floor,
                row.ratio,
                count(row.allocations),
                row.is_kept(),
            )
        }
        Format::Text => {
            let promised = row
                .promised
                .map_or("-".to_owned(), |most| format!("{most:.2}"));
            let most = row.promised_allocations;
            let allocations = most.map_or_else(
                || count(row.allocations),
                |most| format!("{} of {most}", count(row.allocations)),
            );
            line(
                out,
                [
                    &*row.name,
                    &format!("{:.1}", row.ours),
                    &format!("{:.1}", row.floor),
                    &format!("{:.2}", row.ratio),
                    &promised,
                    &allocations,
                ],
                if row.is_kept() { "" } else { "  missed" },
            )
        }
    }
}

fn line(out: &mut impl Write, cells: [&str; 6], remark: &str) -> io::Result<()> {
    let [name, ours, floor, ratio, promised, allocations] = cells;
    writeln!(
        out,
        "{name:<22}{ours:>10}{floor:>10}{ratio:>8}{promised:>10}{allocations:>13}{remark}"
    )
}

/// Whole where it is whole; what is less than one is never shown as none.
fn count(allocations: f64) -> String {
    if allocations.fract() == 0.0 {
        format!("{allocations:.0}")
    } else {
        format!("{allocations:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: Format, expected: &str) {
        let measured = Row {
            name: "decide/10".to_owned(),
            ours: 250.04,
            floor: 100.0,
            ratio: 2.5004,
            promised: Some(2.0),
            allocations: 0.0,
            promised_allocations: Some(0),
        };
        let mut out = Vec::new();
        row(&mut out, format, &measured).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn rows() {
        check(
            Format::Text,
            "decide/10                  250.0     100.0    2.50      2.00       0 of 0  missed\n",
        );
        check(
            Format::Json,
            "{\"name\":\"decide/10\",\"ours_ns\":250.0,\"floor_ns\":100.0,\"ratio\":2.500,\
             \"promised\":2.0,\"allocations\":0,\"ok\":false}\n",
        );
    }
}
