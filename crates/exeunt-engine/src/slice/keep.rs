//! Which records of a history are taken, given what counts.

use exeunt_model::{Record, Ref, SystemId, Who};

use super::closure::{ANSWERS, FULL, Marks};
use super::key::Keys;

/// Whether a record that a system showed can matter.
pub(super) fn keeps(marks: &Marks, keys: &Keys<'_>, system: &SystemId, record: &Record) -> bool {
    let of = |key| marks.get(&key).copied().unwrap_or_default();
    let from = |who: &Who| of(keys.who(system, who)) & FULL != 0;
    let to = |object: &Ref, marks: u8| of(keys.object(object)) & marks != 0;
    match record {
        Record::Membership(m) => from(&m.member) || to(&m.group, ANSWERS),
        Record::Grant(g) => from(&g.subject),
        Record::Ownership(o) => from(&o.owner) || to(&o.subject, FULL | ANSWERS),
        Record::ActAs(a) => from(&a.actor) || to(&a.target, FULL),
        Record::Event(event) => event.subject.as_ref().is_some_and(|subject| to(subject, u8::MAX)),
        object => object.object().is_some_and(|object| to(object, u8::MAX)),
    }
}
