//! Matchers in compact form.

use std::fmt;

use super::conditions::Source;
use super::tool::{CompiledArgument, levels};
use crate::document::path::PathLinks;
use crate::document::{Argument, Bounds, Fact, Matcher, Operand, Scalar, Span64};
#[cfg(feature = "sql")]
use crate::evaluate::SqlTest;
use crate::evaluate::{Array, Choice, Closed, Limits, PathTest, Sequence, Test};

/// The compact form of `matcher`. The nesting of the document bounds the recursion.
pub(super) fn compile(matcher: &Matcher, source: &mut impl FnMut(&Fact) -> Source) -> Test {
    match matcher {
        Matcher::All(matchers) => {
            let mut tests: Vec<Test> = matchers.iter().map(|one| compile(one, source)).collect();
            tests.sort_by_key(Test::cost);
            Test::All(tests.into())
        }
        Matcher::Any(matchers) => {
            let mut tests: Vec<Test> = matchers.iter().map(|one| compile(one, source)).collect();
            tests.sort_by_key(Test::cost);
            Test::Any(tests.into())
        }
        Matcher::Nullable(inner) => Test::Nullable(Box::new(compile(inner, source))),
        Matcher::Open => Test::Open,
        Matcher::Object(fields) => Test::Object(Box::new(Closed::new(
            levels(fields.iter().map(|field| &field.pointer)),
            fields.iter().map(|field| CompiledArgument {
                pointer: field.pointer.as_str().into(),
                test: compile(&field.matcher, source),
                optional: field.optional,
            }),
        ))),
        Matcher::Path(spec) => {
            let links = match &spec.links {
                PathLinks::Fact { fact, default_none } => Some((source(fact), *default_none)),
                _ => None,
            };
            Test::Path(Box::new(PathTest::new((**spec).clone(), links)))
        }
        #[cfg(feature = "url")]
        Matcher::Url(spec) => Test::Url(spec.clone()),
        #[cfg(feature = "sql")]
        Matcher::Sql(spec) => {
            let sources = spec.facts().map(&mut *source).collect();
            Test::Sql(Box::new(SqlTest::new((**spec).clone(), sources)))
        }
        #[cfg(feature = "schema")]
        Matcher::Schema(schema) => Test::Schema(schema.clone()),
        Matcher::Email(spec) => Test::Email(spec.clone()),
        Matcher::Equals(Operand::Literal(scalar)) => Test::Equals(Box::new(scalar.clone())),
        Matcher::Equals(Operand::Fact(fact)) => Test::Same(source(fact)),
        Matcher::OneOf(scalars) => Test::OneOf(Box::new(Choice::new(scalars))),
        Matcher::Matches(pattern) => match Sequence::new(pattern.source()) {
            Some(sequence) => Test::Sequence(Box::new(sequence)),
            None => Test::Matches(pattern.clone()),
        },
        Matcher::Text { chars } => Test::Text(*chars),
        Matcher::Integer(bounds) => Test::Integer(Limits::new(bounds)),
        Matcher::Decimal { bounds, scale } => match *scale {
            Some(places) => Test::Scaled(places, Limits::new(bounds)),
            None => Test::Decimal(Limits::new(bounds)),
        },
        Matcher::Boolean => Test::Boolean,
        Matcher::Length(span) => Test::Length(*span),
        Matcher::Array { items, each, some } => Test::Array(Box::new(Array {
            items: *items,
            each: each.as_ref().map(|each| compile(each, source)),
            some: some.as_ref().map(|some| compile(some, source)),
        })),
        Matcher::Shell(shell) => Test::Shell(shell.clone()),
        Matcher::ShellDeny(deny) => Test::ShellDeny(deny.clone()),
        Matcher::Present(expected) => Test::Present(*expected),
    }
}

/// Bytes that are equal exactly for matchers that do the same.
pub(super) fn key(matcher: &Matcher, mut source: impl FnMut(&Fact) -> Source) -> Box<[u8]> {
    let mut key = Vec::new();
    put(matcher, &mut source, &mut key);
    key.into()
}

/// Bytes that are equal exactly for tools that declare the same arguments.
pub(super) fn arguments_key(
    arguments: &[Argument],
    mut source: impl FnMut(&Fact) -> Source,
) -> Box<[u8]> {
    let mut key = Vec::new();
    for argument in arguments {
        put_text(argument.pointer.as_str(), &mut key);
        key.push(argument.optional.into());
        put(&argument.matcher, &mut source, &mut key);
    }
    key.into()
}

fn put(matcher: &Matcher, source: &mut impl FnMut(&Fact) -> Source, key: &mut Vec<u8>) {
    match matcher {
        Matcher::All(matchers) => {
            key.push(b'&');
            put_number(matchers.len() as u64, key);
            for matcher in matchers {
                put(matcher, source, key);
            }
        }
        Matcher::Any(matchers) => {
            key.push(b'|');
            put_number(matchers.len() as u64, key);
            for matcher in matchers {
                put(matcher, source, key);
            }
        }
        Matcher::Nullable(inner) => {
            key.push(b'0');
            put(inner, source, key);
        }
        Matcher::Open => key.push(b'*'),
        Matcher::Object(fields) => {
            key.push(b'o');
            put_number(fields.len() as u64, key);
            for field in fields {
                put_text(field.pointer.as_str(), key);
                key.push(field.optional.into());
                put(&field.matcher, source, key);
            }
        }
        Matcher::Path(spec) => put_all(b'/', spec, key),
        #[cfg(feature = "url")]
        Matcher::Url(spec) => put_all(b'u', spec, key),
        #[cfg(feature = "sql")]
        Matcher::Sql(spec) => put_all(b'q', spec, key),
        #[cfg(feature = "schema")]
        Matcher::Schema(schema) => {
            key.push(b'j');
            put_text(schema.text(), key);
        }
        Matcher::Email(spec) => put_all(b'@', spec, key),
        Matcher::Equals(Operand::Literal(scalar)) => {
            key.push(b'=');
            put_scalar(scalar, key);
        }
        Matcher::Equals(Operand::Fact(fact)) => {
            key.push(b'f');
            put_text(&format!("{:?}", source(fact)), key);
        }
        Matcher::OneOf(scalars) => {
            key.push(b'1');
            put_number(scalars.len() as u64, key);
            for scalar in scalars {
                put_scalar(scalar, key);
            }
        }
        Matcher::Matches(pattern) => {
            key.push(b'm');
            put_text(pattern.source(), key);
        }
        Matcher::Text { chars } => {
            key.push(b't');
            put_span(*chars, key);
        }
        Matcher::Integer(bounds) => {
            key.push(b'i');
            put_bounds(bounds, key);
        }
        Matcher::Decimal { bounds, scale } => {
            key.push(b'd');
            put_bounds(bounds, key);
            put_number(scale.map_or(u64::MAX, u64::from), key);
        }
        Matcher::Boolean => key.push(b'b'),
        Matcher::Length(span) => {
            key.push(b'l');
            put_span(*span, key);
        }
        Matcher::Array { items, each, some } => {
            key.push(b'a');
            put_span(*items, key);
            for inner in [each, some] {
                key.push(inner.is_some().into());
                if let Some(inner) = inner {
                    put(inner, source, key);
                }
            }
        }
        Matcher::Shell(shell) => put_all(b's', shell, key),
        Matcher::ShellDeny(deny) => put_all(b'D', deny, key),
        Matcher::Present(expected) => key.extend([b'p', u8::from(*expected)]),
    }
}

fn put_all(kind: u8, all: &impl fmt::Debug, key: &mut Vec<u8>) {
    key.push(kind);
    put_text(&format!("{all:?}"), key);
}

fn put_scalar(scalar: &Scalar, key: &mut Vec<u8>) {
    match scalar {
        Scalar::Text(text) => {
            key.push(b't');
            put_text(text, key);
        }
        Scalar::Number(number) => {
            key.push(b'n');
            put_text(number.as_number().as_str(), key);
        }
        Scalar::Boolean(expected) => key.extend([b'b', u8::from(*expected)]),
    }
}

fn put_bounds(bounds: &Bounds, key: &mut Vec<u8>) {
    for bound in [
        &bounds.above,
        &bounds.at_least,
        &bounds.below,
        &bounds.at_most,
    ] {
        key.push(bound.is_some().into());
        if let Some(bound) = bound {
            put_text(bound.as_number().as_str(), key);
        }
    }
}

fn put_span(span: Span64, key: &mut Vec<u8>) {
    put_number(span.min, key);
    put_number(span.max, key);
}

fn put_text(text: &str, key: &mut Vec<u8>) {
    put_number(text.len() as u64, key);
    key.extend_from_slice(text.as_bytes());
}

fn put_number(number: u64, key: &mut Vec<u8>) {
    key.extend_from_slice(&number.to_le_bytes());
}
