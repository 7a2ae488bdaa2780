//! Where the quick ways of reading end: word boundaries, many keys, the largest texts.

use std::fmt::Write as _;

use callgate_types::Json;

/// Reads a string of `special` after `plain` characters, and gives the error or the content.
fn read(plain: usize, special: &str, behind: usize) -> Result<String, (&'static str, usize)> {
    let text = format!("\"{}{special}{}\"", "x".repeat(plain), "y".repeat(behind));
    match Json::parse(text) {
        Ok(json) => Ok(json.root().as_str().unwrap().to_owned()),
        Err(refused) => Err((refused.error().as_str(), refused.error().position())),
    }
}

#[test]
fn special_bytes_at_every_offset() {
    for plain in 0..20 {
        for behind in 0..20 {
            let around =
                |middle: &str| format!("{}{middle}{}", "x".repeat(plain), "y".repeat(behind));
            for control in '\0'..' ' {
                let expected = Err(("control_character", plain + 1));
                assert_eq!(read(plain, &control.to_string(), behind), expected);
            }
            for harmless in [
                "", " ", "!", "#", "[", "]", "~", "\u{7f}", "\u{80}", "é", "😀",
            ] {
                assert_eq!(read(plain, harmless, behind), Ok(around(harmless)));
            }
            assert_eq!(read(plain, "\\\"", behind), Ok(around("\"")));
            assert_eq!(read(plain, "\\\\", behind), Ok(around("\\")));
            assert_eq!(read(plain, "\\u00e9\\n", behind), Ok(around("é\n")));
            assert_eq!(read(plain, "\\x", behind), Err(("bad_escape", plain + 1)));
            let quoted = Err(("trailing_text", plain + 2));
            assert_eq!(read(plain, "\"", behind), quoted);
        }
    }
}

#[test]
fn invisible_characters_at_every_offset() {
    for plain in 0..20 {
        for (character, escaped) in [
            ('\u{7f}', "\\u007f"),
            ('\u{85}', "\\u0085"),
            ('\u{202e}', "\\u202e"),
        ] {
            let before = "x".repeat(plain);
            let json = Json::parse(format!("[\"{before}{character}\"]")).unwrap();
            let mut embedded = Vec::new();
            json.root().write_minified(&mut embedded);
            assert_eq!(embedded, format!("[\"{before}{escaped}\"]").into_bytes());
        }
    }
}

/// An object with these keys, and the key at `repeated` once more.
#[track_caller]
fn check_keys(keys: &[String], repeated: Option<usize>) {
    let mut text = String::from("{");
    for key in keys {
        write!(text, "\"{key}\":{{}},").unwrap();
    }
    let at = text.len();
    let (last, expected) = match repeated.and_then(|repeated| keys.get(repeated)) {
        Some(key) => (key.as_str(), Err(at)),
        None => ("last", Ok(keys.len() + 1)),
    };
    write!(text, "\"{last}\":0}}").unwrap();
    let got = Json::parse(text)
        .map(|json| json.root().len())
        .map_err(|refused| refused.error().position());
    assert_eq!(got, expected);
}

#[test]
fn every_count_of_keys() {
    for count in 1..40 {
        // Short, long, and alike at both ends.
        let short: Vec<_> = (0..count).map(|n| format!("{n:x}")).collect();
        let alike: Vec<_> = (0..count).map(|n| format!("same{n:02}same")).collect();
        let long: Vec<_> = (0..count)
            .map(|n| format!("{n}{}", "k".repeat(40)))
            .collect();
        let escaped: Vec<_> = (0..count).map(|n| format!("\\u00{:x}", n + 0x20)).collect();
        for keys in [short, alike, long] {
            check_keys(&keys, None);
            for repeated in 0..count {
                check_keys(&keys, Some(repeated));
            }
        }
        // Without the quote and the backslash an escaped key is the character itself.
        for repeated in 0..count {
            check_keys(&escaped, Some(repeated));
        }
    }
}

#[test]
fn very_many_keys() {
    let count = 50_000;
    let object = |numbers: &mut dyn Iterator<Item = usize>| {
        let members: Vec<_> = numbers.map(|n| format!("\"same{n:05}same\":1")).collect();
        Json::parse(format!("{{{}}}", members.join(","))).unwrap()
    };
    let one = object(&mut (0..count));
    let other = object(&mut (0..count).rev());
    assert_eq!(one.root().len(), count);
    assert!(one.root().equals(other.root()));
    assert_eq!(one.digest(), other.digest());
    assert_eq!(
        one.digest().to_string(),
        Json::parse(one.canonical()).unwrap().digest().to_string()
    );
}

#[test]
fn densest_text() {
    let count = Json::MAX_BYTES / 2 - 1;
    let text = format!("[{}0]", "0,".repeat(count - 1));
    let json = Json::parse(text).unwrap();
    assert_eq!(json.root().len(), count);
    assert_eq!(json.root().at(count - 1).unwrap().raw(), "0");
    assert!(json.root().at(count).is_none());
    assert_eq!(json.canonical(), json.text());
}

#[test]
fn longest_number() {
    let digits = "7".repeat(Json::MAX_BYTES - 1);
    let (below, above) = (format!("{digits}1"), format!("{digits}2"));
    let (below, above) = (Json::parse(below).unwrap(), Json::parse(above).unwrap());
    let (below, above) = (below.root(), above.root());
    assert!(below.as_number() < above.as_number());
    assert!(!below.equals(above));
    assert_ne!(below.digest(), above.digest());
}
