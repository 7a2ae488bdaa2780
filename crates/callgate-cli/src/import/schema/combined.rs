//! Schemas that are put together from others.

use callgate::{JsonKind, JsonRef};

use super::Reader;
use super::accepts::{Accepts, Rest};
use super::overlap::apart;

impl<'a> Reader<'a> {
    /// What is accepted by `base`, which stands beside them, and by `allOf`, `anyOf` and `oneOf`.
    pub(super) fn combined(&mut self, schema: JsonRef<'a>, base: Accepts) -> Accepts {
        let mut all = base;
        for key in ["allOf", "anyOf", "oneOf"] {
            let Some(list) = schema.get(key) else {
                continue;
            };
            if list.kind() != JsonKind::Array || list.is_empty() {
                self.find(
                    true,
                    format!("`{key}` is no list of schemas: it is not read"),
                );
                continue;
            }
            if matches!(all.rest, Rest::Object(_)) {
                self.find(
                    true,
                    format!("`{key}` beside members of an object is not read"),
                );
                continue;
            }
            let before = self.found;
            let parts: Vec<Accepts> = list.items().map(|part| self.accepts(part)).collect();
            // What is read as less than it is may overlap all the same.
            let exact = self.found == before;
            all = match self.put_together(key, parts, exact) {
                Some(parts) => self.beside(key, all, parts),
                None => all,
            };
        }
        all
    }

    fn put_together(&mut self, key: &str, parts: Vec<Accepts>, exact: bool) -> Option<Accepts> {
        if key == "allOf" {
            let objects = parts
                .iter()
                .filter(|part| matches!(part.rest, Rest::Object(_)));
            if parts.len() > 1 && objects.count() > 0 {
                self.find(true, "`allOf` of objects is not read");
                return None;
            }
            return parts.into_iter().reduce(Accepts::and);
        }
        if key == "oneOf" && !(exact && apart(&parts)) {
            self.find(true, "`oneOf` is read as `anyOf`: its schemas may overlap");
        }
        Some(Accepts::any(parts))
    }

    fn beside(&mut self, key: &str, base: Accepts, parts: Accepts) -> Accepts {
        let closes = matches!(parts.rest, Rest::Object(_));
        if closes && !base.is_anything() {
            self.find(
                true,
                format!("`{key}` of objects beside other keywords is not read"),
            );
            return base;
        }
        base.and(parts)
    }
}
