//! `[[ … ]]`.

use super::Unclear;
use super::builtins::runs_in_subscript;
use super::reader::Reader;
use super::word::Word;

/// The operators before one word.
const UNARY: &str = "abcdefghknoprstuvwxzGLNORS";
/// The operators between two words, beside `<` and `>`.
const BINARY: &[&str] = &["=", "==", "!=", "-ef", "-nt", "-ot"];
const NUMERIC: &[&str] = &["-eq", "-ne", "-lt", "-le", "-gt", "-ge"];

impl<'t> Reader<'t, '_> {
    /// Reads the rest of `[[ … ]]`.
    pub(super) fn brackets(&mut self) -> Result<(), Unclear> {
        self.lines()?;
        self.alternatives()?;
        self.lines()?;
        self.expect_word("]]")
    }

    /// Terms between `&&` and `||`: which binds tighter matters to nobody here.
    fn alternatives(&mut self) -> Result<(), Unclear> {
        loop {
            self.term()?;
            self.lines()?;
            if !self.eat("&&") && !self.eat("||") {
                return Ok(());
            }
            self.lines()?;
        }
    }

    fn term(&mut self) -> Result<(), Unclear> {
        while self.eat_word("!") {
            self.blanks();
        }
        if self.eat("(") {
            self.lines()?;
            self.deeper(Self::alternatives)?;
            self.lines()?;
            return self.expect(")");
        }
        let first = self.operand()?;
        self.blanks();
        if is_unary(first.raw) {
            let operand = self.operand()?;
            if first.raw == "-v" {
                self.evaluated_operand(&operand);
            }
            return Ok(());
        }
        if self.eat("<") || self.eat(">") {
            self.blanks();
            self.operand()?;
            return Ok(());
        }
        if self.is_at_word("]]") || !self.peek().is_some_and(is_operator) {
            return Ok(());
        }
        let operator = self.word(false)?;
        let operator = operator.as_ref().map_or("", |word| word.raw);
        self.blanks();
        if operator == "=~" {
            self.expression()
        } else if BINARY.contains(&operator) || NUMERIC.contains(&operator) {
            let second = self.operand()?;
            if NUMERIC.contains(&operator) {
                self.evaluated_operand(&first);
                self.evaluated_operand(&second);
            }
            Ok(())
        } else {
            Err(Unclear)
        }
    }

    /// An operand that is evaluated as arithmetic, or as a name with a subscript.
    fn evaluated_operand(&mut self, operand: &Word<'_>) {
        self.found.evaluates = true;
        self.found.unclear |= runs_in_subscript(&operand.text);
    }

    fn operand(&mut self) -> Result<Word<'t>, Unclear> {
        let word = self.word(false)?.ok_or(Unclear)?;
        if word.raw == "]]" || word.process || self.peek() == Some(b'(') {
            return Err(Unclear);
        }
        Ok(word)
    }

    /// Reads a regular expression, in which parentheses and `|` stand for themselves.
    fn expression(&mut self) -> Result<(), Unclear> {
        let mut open: u32 = 0;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'(') => {
                    open = open.saturating_add(1);
                    self.skip(1);
                }
                Some(b')') if open > 0 => {
                    open = open.saturating_sub(1);
                    self.skip(1);
                }
                Some(b'|') if open > 0 => self.skip(1),
                _ => {
                    if self.word(false)?.is_none() {
                        break;
                    }
                }
            }
        }
        if open > 0 || self.at == start {
            return Err(Unclear);
        }
        Ok(())
    }
}

/// Whether an operator between words can start so.
const fn is_operator(byte: u8) -> bool {
    matches!(byte, b'=' | b'!' | b'-')
}

fn is_unary(raw: &str) -> bool {
    let letter = raw.strip_prefix('-');
    letter.is_some_and(|letter| letter.len() == 1 && UNARY.contains(letter))
}
