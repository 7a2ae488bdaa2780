//! Printing what came out.

use std::io::{self, Write};

use callgate_benches::promises::Bound;
use serde_json::Value;

use crate::measure::{Row, Unit};
use crate::options::Format;

pub(crate) fn head(out: &mut impl Write, format: Format) -> io::Result<()> {
    match format {
        Format::Json => Ok(()),
        Format::Text => line(
            out,
            ["name", "ours", "floor", "ratio", "promised", "allocations"],
            "",
        ),
    }
}

pub(crate) fn row(out: &mut impl Write, format: Format, row: &Row) -> io::Result<()> {
    match format {
        Format::Json => {
            // Written by hand: the keys keep this order.
            let name = serde_json::to_string(&row.name)?;
            let (promised, bound) = match row.bound {
                Some(Bound::AtMost(most)) => (most.into(), "\"at_most\""),
                Some(Bound::AtLeast(least)) => (least.into(), "\"at_least\""),
                None => (Value::Null, "null"),
            };
            let (unit, digits) = match row.unit {
                Unit::Nanoseconds => ("ns", 1),
                Unit::Bytes => ("bytes", 1),
                Unit::Times => ("times", 3),
                Unit::PerSecond => ("per_second", 1),
            };
            writeln!(
                out,
                "{{\"name\":{name},\"ours_{unit}\":{:.digits$},\"floor_{unit}\":{:.digits$},\
                 \"ratio\":{:.3},\"promised\":{promised},\"bound\":{bound},\
                 \"allocations\":{},\"ok\":{}}}",
                row.ours,
                row.floor,
                row.ratio,
                row.allocations.map_or_else(|| "null".to_owned(), count),
                row.is_kept(),
            )
        }
        Format::Text => {
            let promised = match row.bound {
                Some(Bound::AtMost(most)) => format!("≤ {most:.2}"),
                Some(Bound::AtLeast(least)) => format!("≥ {least:.2}"),
                None => "-".to_owned(),
            };
            let allocations = match (row.allocations, row.promised_allocations) {
                (None, _) => "-".to_owned(),
                (Some(found), None) => count(found),
                (Some(found), Some(most)) => format!("{} of {most}", count(found)),
            };
            line(
                out,
                [
                    &*row.name,
                    &figure(row.ours, row.unit),
                    &figure(row.floor, row.unit),
                    &format!("{:.2}", row.ratio),
                    &promised,
                    &allocations,
                ],
                if row.is_kept() { "" } else { "  missed" },
            )
        }
    }
}

/// A row that was not measured.
pub(crate) fn skipped(
    out: &mut impl Write,
    format: Format,
    name: &str,
    reason: &str,
) -> io::Result<()> {
    match format {
        Format::Json => writeln!(out, "{{\"name\":\"{name}\",\"skipped\":\"{reason}\"}}"),
        Format::Text => writeln!(out, "{name:<22}skipped: {reason}"),
    }
}

fn line(out: &mut impl Write, cells: [&str; 6], remark: &str) -> io::Result<()> {
    let [name, ours, floor, ratio, promised, allocations] = cells;
    writeln!(
        out,
        "{name:<22}{ours:>13}{floor:>13}{ratio:>8}{promised:>10}{allocations:>13}{remark}"
    )
}

fn figure(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds => format!("{figure:.1} ns"),
        Unit::Bytes => format!("{figure:.1} B"),
        Unit::Times => format!("{figure:.2} x"),
        Unit::PerSecond => format!("{figure:.0} /s"),
    }
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
    fn check(row: &Row, text: &str, json: &str) {
        for (format, expected) in [(Format::Text, text), (Format::Json, json)] {
            let mut out = Vec::new();
            super::row(&mut out, format, row).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    fn missed() -> Row {
        Row {
            name: "decide/10".to_owned(),
            unit: Unit::Nanoseconds,
            ours: 250.04,
            floor: 100.0,
            ratio: 2.5004,
            bound: Some(Bound::AtMost(2.0)),
            allocations: Some(0.0),
            promised_allocations: Some(0),
        }
    }

    #[test]
    fn times() {
        check(
            &missed(),
            "decide/10                  250.0 ns     100.0 ns    2.50    ≤ 2.00       0 of 0  missed\n",
            "{\"name\":\"decide/10\",\"ours_ns\":250.0,\"floor_ns\":100.0,\"ratio\":2.500,\
             \"promised\":2.0,\"bound\":\"at_most\",\"allocations\":0,\"ok\":false}\n",
        );
    }

    #[test]
    fn rates() {
        let rate = Row {
            name: "sqlite".to_owned(),
            unit: Unit::PerSecond,
            ours: 90_000.4,
            floor: 100_000.0,
            ratio: 0.9,
            bound: Some(Bound::AtLeast(0.85)),
            allocations: None,
            promised_allocations: None,
        };
        check(
            &rate,
            "sqlite                     90000 /s    100000 /s    0.90    ≥ 0.85            -\n",
            "{\"name\":\"sqlite\",\"ours_per_second\":90000.4,\"floor_per_second\":100000.0,\
             \"ratio\":0.900,\"promised\":0.85,\"bound\":\"at_least\",\"allocations\":null,\"ok\":true}\n",
        );
    }

    #[test]
    fn row_that_was_not_measured() {
        for (format, expected) in [
            (
                Format::Text,
                "postgres              skipped: none is installed\n",
            ),
            (
                Format::Json,
                "{\"name\":\"postgres\",\"skipped\":\"none is installed\"}\n",
            ),
        ] {
            let mut out = Vec::new();
            skipped(&mut out, format, "postgres", "none is installed").unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_time() {
        let scaling = Row {
            name: "threads".to_owned(),
            unit: Unit::Times,
            ours: 1.9,
            floor: 2.0,
            ratio: 0.95,
            bound: Some(Bound::AtLeast(0.9)),
            allocations: None,
            promised_allocations: None,
        };
        check(
            &scaling,
            "threads                      1.90 x       2.00 x    0.95    ≥ 0.90            -\n",
            "{\"name\":\"threads\",\"ours_times\":1.900,\"floor_times\":2.000,\"ratio\":0.950,\
             \"promised\":0.9,\"bound\":\"at_least\",\"allocations\":null,\"ok\":true}\n",
        );
        let heap = Row {
            name: "heap/1000/whole".to_owned(),
            unit: Unit::Bytes,
            bound: None,
            ..scaling
        };
        check(
            &heap,
            "heap/1000/whole               1.9 B        2.0 B    0.95         -            -\n",
            "{\"name\":\"heap/1000/whole\",\"ours_bytes\":1.9,\"floor_bytes\":2.0,\"ratio\":0.950,\
             \"promised\":null,\"bound\":null,\"allocations\":null,\"ok\":true}\n",
        );
    }
}
