//! Untrusted text made fit to show: one line, no invisible commands, a sensible length. Escaping is
//! the template's.

/// `text` as one line of at most `max_chars`, cut at a word if one ends near.
///
/// Line breaks and other control characters become spaces. Characters that change the direction of
/// what follows, or that nobody can see, are dropped: a title must not rewrite its surroundings.
pub(crate) fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::with_capacity(text.len().min(4 * max_chars));
    let mut n_chars = 0;
    let mut is_after_space = true;
    for char in text.chars().filter(|char| !is_invisible_command(*char)) {
        let char = if char.is_control() || char.is_whitespace() {
            ' '
        } else {
            char
        };
        if char == ' ' && is_after_space {
            continue;
        }
        is_after_space = char == ' ';
        line.push(char);
        n_chars += 1;
        // One more than fits tells that something has to go.
        if n_chars > max_chars + 1 {
            break;
        }
    }
    line.truncate(line.trim_end().len());
    if line.chars().count() > max_chars {
        shortened(&line, max_chars)
    } else {
        line
    }
}

/// `name` as a greeting may use it: letters, spaces and a few marks, at most 30 characters.
///
/// Bots start checkouts under other people's addresses and write their own text into the name. A mail
/// client would make a link of `evil.example`, so anything that is not plainly a name is not used.
pub(crate) fn greeting_name(name: &str) -> Option<String> {
    let name = one_line(name, 31);
    let is_mark = |char: char| matches!(char, ' ' | '-' | '\'' | '’' | '.' | '\u{300}'..='\u{36f}' | '\u{900}'..='\u{109f}');
    let is_named = name.chars().any(char::is_alphabetic)
        && name.chars().count() <= 30
        && name
            .chars()
            .all(|char| char.is_alphabetic() || (is_mark(char) && !char.is_numeric()))
        && name
            .split('.')
            .skip(1)
            .all(|rest| rest.is_empty() || rest.starts_with(' '));
    is_named.then_some(name)
}

fn shortened(line: &str, max_chars: usize) -> String {
    let end = line
        .char_indices()
        .nth(max_chars.saturating_sub(1))
        .map_or(line.len(), |(at, _)| at);
    let kept = &line[..end];
    let at_word = kept
        .rfind(' ')
        .filter(|at| 3 * at >= 2 * kept.len())
        .unwrap_or(end);
    // A joiner without its second half would swallow the ellipsis.
    let is_loose = |char: char| " ,;:-–(\u{200d}\u{fe0f}".contains(char);
    format!("{}…", kept[..at_word].trim_end_matches(is_loose))
}

fn is_invisible_command(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_and_invisible_commands_never_survive() {
        for (text, line) in [
            ("Red\r\nBcc: eve@example.com", "Red Bcc: eve@example.com"),
            ("  two \t spaces\u{a0} ", "two spaces"),
            ("abc\u{202e}gpj.exe\u{2066}", "abcgpj.exe"),
            ("nul\0l\u{1b}[31m\u{2028}", "nul l [31m"),
            ("zero\u{200b}width\u{feff}", "zerowidth"),
            ("\u{202e}\r\n", ""),
        ] {
            assert_eq!(one_line(text, 40), line);
        }
    }

    #[test]
    fn a_long_text_ends_at_a_word_or_a_character() {
        assert_eq!(
            one_line("Linen shirt, washed twice", 40),
            "Linen shirt, washed twice"
        );
        assert_eq!(
            one_line("Linen shirt, washed twice", 25),
            "Linen shirt, washed twice"
        );
        assert_eq!(
            one_line("Linen shirt, washed twice", 24),
            "Linen shirt, washed…"
        );
        assert_eq!(one_line("Donaudampfschifffahrt", 10), "Donaudamp…");
        assert_eq!(one_line(&"ß🧵".repeat(20), 5), "ß🧵ß🧵…");
        assert_eq!(one_line("👩\u{200d}👩\u{200d}👧", 3), "👩…");
    }

    #[test]
    fn what_is_not_plainly_a_name_is_not_greeted() {
        for name in [
            "Ada",
            "Jean-Luc",
            "O’Neill",
            "J. R.",
            "Łukasz",
            "अनुष्का",
            "さくら",
            "Zoe\u{308}",
        ] {
            assert_eq!(greeting_name(name).as_deref(), Some(name));
        }
        let too_long = "a".repeat(31);
        for name in [
            "",
            "-",
            "evil.example",
            "https://x",
            "4 u",
            "<b>",
            "{{ x }}",
            "a@b",
            "a。b",
            &too_long,
        ] {
            assert_eq!(greeting_name(name), None, "{name}");
        }
    }
}
