//! Which commands are permitted: what a policy author writes, validated.

use super::{Listed, OptionList};
use crate::document::Pattern;

/// A command line for `bash -c`, of which every command is one of these.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shell {
    /// The directory in which the command line runs: absolute, clean, no slash at the end.
    pub cwd: Option<Box<str>>,
    /// The directories that may stand before the name of a command.
    pub paths: Box<[Box<str>]>,
    /// What may stand between commands.
    pub joins: Joins,
    /// Whether output may go to `/dev/null`, to output 1 and to output 2.
    pub dev_null: bool,
    /// The commands; no name twice.
    pub commands: Listed<Command>,
}

/// What may stand between two commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five separators, each permitted or not"
)]
#[non_exhaustive]
pub struct Joins {
    /// `&&`.
    pub and: bool,
    /// `||`.
    pub or: bool,
    /// `;`.
    pub semicolon: bool,
    /// `|`.
    pub pipe: bool,
    /// The end of a line.
    pub newline: bool,
}

/// One command by its name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Command {
    /// The name.
    pub name: Box<str>,
    /// Which words with an unquoted `*`, `?` or `[` it takes.
    pub globs: Globs,
    /// What may follow the name.
    pub words: Words,
}

/// Which words with an unquoted `*`, `?` or `[` are accepted: the shell replaces them by names of
/// files that nobody knows beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Globs {
    /// None.
    #[default]
    None,
    /// Those that start with another character, so that no file can become an option.
    LiteralFirst,
    /// All that do not start with `-`.
    Any,
}

/// What may follow the name of a command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Words {
    /// Anything.
    Any,
    /// One of these lists of words; at most 64.
    Exactly(Box<[Exact]>),
    /// Options and operands.
    Grammar(Box<Grammar>),
}

/// A list of words.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exact {
    /// One for each word.
    pub words: Box<[ExactWord]>,
    /// What may follow, any number of times.
    pub rest: Option<Rule>,
}

/// One word of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExactWord {
    /// This word.
    Literal(Box<str>),
    /// A word of which the rule holds, and which does not start with `-`.
    Rule(Rule),
}

/// Options and operands, with or without sub-commands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grammar {
    /// How the program reads its options.
    pub style: Style,
    /// The options that may stand before a sub-command.
    pub globals: OptionList,
    /// The sub-commands; none where the command has none.
    pub subs: Listed<Sub>,
    /// What may follow, where there are no sub-commands.
    pub tail: Tail,
}

/// How a program reads its options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// `-abc` is `-a -b -c`, `-ovalue` and `--option=value` hold values, `--` ends the options.
    #[default]
    Getopt,
    /// The same, and `-o=value` holds `value`, as Go's pflag has it.
    Pflag,
    /// Every word is one option, as find has it.
    Words,
}

/// A sub-command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sub {
    /// Its words, such as `rollout`, `status`.
    pub words: Box<[Box<str>]>,
    /// What may follow.
    pub tail: Tail,
}

/// The options and operands that may follow a command or sub-command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tail {
    /// The options.
    pub options: Options,
    /// The operands; `None` where there must be none.
    pub operands: Option<Operands>,
}

/// Which options are accepted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Options {
    /// These.
    Only(OptionList),
    /// All but these, their abbreviations, and bundles that hold one of them.
    AllBut {
        /// The refused options.
        refused: Listed<Box<str>>,
        /// Options that take a value, which is no operand.
        values: Listed<Box<str>>,
    },
}

/// An accepted option.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Opt {
    /// Its names, with dashes.
    pub names: Box<[Box<str>]>,
    /// What its value must be; `None` where it takes none.
    pub value: Option<Rule>,
    /// How the value is written.
    pub form: Form,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it may stand once only.
    pub once: bool,
    /// Tells options of a command apart: less than 64.
    pub id: u32,
}

/// How the value of an option is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Either way.
    #[default]
    Either,
    /// As the next word.
    Next,
    /// In the same word.
    Joined,
}

/// The operands of a command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operands {
    /// Holds of each.
    pub rule: Rule,
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: Option<u32>,
    /// Which types of resources they may name, as kubectl reads them.
    pub types: Option<Types>,
}

/// Types of resources, as in `pods`, `pods,services` or `pod/web-1`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Types {
    /// These, written exactly so.
    Only(Listed<Box<str>>),
    /// All but these: lower case, compared before the first dot and without regard to case.
    AllBut(Listed<Box<str>>),
}

/// What holds of one word; all that is given must hold.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Rule {
    /// It is one of these.
    pub one_of: Option<Box<[Box<str>]>>,
    /// The whole of it matches.
    pub matches: Option<Pattern>,
    /// It is a path inside the working directory.
    pub inside: Option<Inside>,
}

/// A path that stays inside the working directory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inside {
    /// The part from here on is no path.
    pub until: Option<Box<str>>,
    /// Whether `..` may be a part of it, as long as it does not lead out.
    pub dots: bool,
}
