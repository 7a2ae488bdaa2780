//! Compound commands: groups, loops, conditions, functions.

use super::Unclear;
use super::grammar::End;
use super::reader::Reader;
use super::word::is_name;

impl Reader<'_, '_> {
    /// Reads a compound command without its redirections, if one comes next.
    pub(super) fn compound(&mut self) -> Result<bool, Unclear> {
        if self.peek() == Some(b'(') {
            if self.eat("((") {
                self.arithmetic("))", false)?;
            } else {
                self.skip(1);
                self.some(End::Parenthesis)?;
                self.expect(")")?;
            }
        } else if self.eat_word("{") {
            self.some(End::Words(&["}"]))?;
            self.expect_word("}")?;
        } else if self.eat_word("if") {
            self.condition()?;
        } else if self.eat_word("while") || self.eat_word("until") {
            self.some(End::Words(&["do"]))?;
            self.loop_body()?;
        } else if self.eat_word("for") {
            self.blanks();
            if self.eat("((") {
                self.arithmetic("))", true)?;
                self.blanks();
                self.eat(";");
                self.each_body()?;
            } else {
                self.each()?;
            }
        } else if self.eat_word("select") {
            self.each()?;
        } else if self.eat_word("case") {
            self.case()?;
        } else if self.eat_word("[[") {
            self.brackets()?;
        } else if self.eat_word("function") {
            self.named_function()?;
        } else if self.is_at_word("coproc") {
            return Err(Unclear);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads the rest of `if …; then …; fi`.
    fn condition(&mut self) -> Result<(), Unclear> {
        loop {
            self.some(End::Words(&["then"]))?;
            self.expect_word("then")?;
            self.some(End::Words(&["elif", "else", "fi"]))?;
            if self.eat_word("fi") {
                return Ok(());
            }
            if self.eat_word("else") {
                self.some(End::Words(&["fi"]))?;
                return self.expect_word("fi");
            }
            self.expect_word("elif")?;
        }
    }

    fn loop_body(&mut self) -> Result<(), Unclear> {
        self.expect_word("do")?;
        self.some(End::Words(&["done"]))?;
        self.expect_word("done")
    }

    /// Reads the body of a `for` or `select`, which may stand in braces.
    fn each_body(&mut self) -> Result<(), Unclear> {
        self.lines()?;
        if self.eat_word("{") {
            self.some(End::Words(&["}"]))?;
            return self.expect_word("}");
        }
        self.loop_body()
    }

    /// Reads the rest of `for name in …; do …; done`.
    fn each(&mut self) -> Result<(), Unclear> {
        self.blanks();
        let name = self.word(false)?.ok_or(Unclear)?;
        if !is_name(name.raw) {
            return Err(Unclear);
        }
        self.lines()?;
        if self.eat_word("in") {
            loop {
                self.blanks();
                let Some(word) = self.word(false)? else {
                    break;
                };
                self.found.note(&word.text);
            }
            if self.peek() != Some(b'\n') {
                self.expect(";")?;
            }
        } else {
            self.eat(";");
        }
        self.each_body()
    }

    /// Reads the rest of `case … in …) …;; esac`.
    fn case(&mut self) -> Result<(), Unclear> {
        self.blanks();
        self.word(false)?.ok_or(Unclear)?;
        self.lines()?;
        self.expect_word("in")?;
        loop {
            self.lines()?;
            if self.eat_word("esac") {
                return Ok(());
            }
            self.eat("(");
            loop {
                self.blanks();
                let pattern = self.word(false)?.ok_or(Unclear)?;
                if pattern.is_plain("esac") {
                    return Err(Unclear);
                }
                self.blanks();
                if self.eat(")") {
                    break;
                }
                self.expect("|")?;
            }
            self.list(End::Clause)?;
            if !self.eat(";;&") && !self.eat(";;") && !self.eat(";&") {
                return self.expect_word("esac");
            }
        }
    }

    /// Reads the rest of `function name { …; }`.
    fn named_function(&mut self) -> Result<(), Unclear> {
        self.blanks();
        let name = self.word(false)?.ok_or(Unclear)?;
        if !name.fixed || name.quoted {
            return Err(Unclear);
        }
        self.blanks();
        if self.eat("(") {
            self.blanks();
            self.expect(")")?;
        }
        self.lines()?;
        // Its redirections are read where those of every compound command are.
        let piped = std::mem::replace(&mut self.piped, true);
        if !self.deeper(Self::compound)? {
            return Err(Unclear);
        }
        self.piped = piped;
        Ok(())
    }
}
