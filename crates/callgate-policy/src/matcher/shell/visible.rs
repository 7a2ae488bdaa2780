//! What a reader of a command line sees.

/// Whether a reader sees what bash gets: no control characters but the tab and the end of a line,
/// nothing invisible.
pub(super) fn is_visible(text: &str) -> bool {
    let is_control = |byte: u8| byte < b' ' && byte != b'\t' && byte != b'\n';
    let suspect = text
        .bytes()
        .map(|byte| u8::from(is_control(byte) || byte >= 0x7f))
        .fold(0, |any, one| any | one);
    suspect == 0 || text.chars().all(is_seen)
}

fn is_seen(character: char) -> bool {
    // Letters and marks without a shape of their own.
    let is_blank = matches!(
        character,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}'
    );
    match character {
        '\t' | '\n' | ' '..='~' => true,
        _ => !is_blank && is_printable(character),
    }
}

/// Neither a control, a format character, a blank, a line separator nor unassigned.
fn is_printable(character: char) -> bool {
    // A combining mark would be escaped at the start of a text.
    let mut buffer = [b'a'; 5];
    let length = character.len_utf8().saturating_add(1);
    if let Some(place) = buffer.get_mut(1..) {
        character.encode_utf8(place);
    }
    let pair = buffer.get(..length).map(str::from_utf8);
    let Some(Ok(pair)) = pair else {
        return false;
    };
    pair.escape_debug().eq(pair.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_characters() {
        for visible in ['é', 'ß', '日', '\u{301}', '€', '🎉', '\u{fe0f}', '。'] {
            assert!(is_seen(visible), "{}", visible.escape_unicode());
        }
        for hidden in [
            '\u{85}',
            '\u{a0}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2028}',
            '\u{2060}',
            '\u{3000}',
            '\u{3164}',
            '\u{e000}',
            '\u{feff}',
            '\u{ffff}',
            '\u{e0041}',
            '\u{50000}',
        ] {
            assert!(!is_seen(hidden), "{}", hidden.escape_unicode());
        }
    }
}
