//! What else would have caught it: for each control point that can fail, the controls before and after it that would
//! have shown the same thing.
//!
//! A table and nothing more. A row holds for an obligation when its condition does; `{system}`, `{reads}` and
//! `{directory}` stand for what the case has there.

use exeunt_model::Text;
use exeunt_model::kind::Effect;
use exeunt_model::verdict::{CaughtBy, ControlPoint};

use super::CONTROL_POINTS;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// One row.
struct Row {
    failed: u8,
    by: u8,
    when: When,
    how: &'static str,
}

/// When a row holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// The manifest says that such a thing dies with a deleted account.
    DiesWithAccount,
    /// Some read has shown it, so that a later one shows it again.
    Listed,
}

/// By the point that failed. The recheck that comes first is the one 24 h after a departure.
const TABLE: [Row; 14] = [
    Row {
        failed: 1,
        by: 2,
        when: When::Always,
        how: "the departure that {directory} records by itself: a removal that starts there waits for no ticket",
    },
    Row {
        failed: 2,
        by: 10,
        when: When::Always,
        how: "control point 2's read of accounts in {directory} at the 24 h recheck",
    },
    Row {
        failed: 3,
        by: 2,
        when: When::Always,
        how: "the blocked account in {directory}, where {system} lets nobody sign in but through it",
    },
    Row {
        failed: 3,
        by: 10,
        when: When::Listed,
        how: "control point 3's read of {reads} in {system} at the 24 h recheck",
    },
    Row {
        failed: 4,
        by: 3,
        when: When::DiesWithAccount,
        how: "the removal of the account in {system}: by its manifest this dies with a deleted account",
    },
    Row {
        failed: 4,
        by: 10,
        when: When::Listed,
        how: "control point 4's read of {reads} in {system} at the 24 h recheck",
    },
    Row {
        failed: 5,
        by: 3,
        when: When::DiesWithAccount,
        how: "the removal of the account in {system}: by its manifest this dies with a deleted account",
    },
    Row {
        failed: 5,
        by: 10,
        when: When::Listed,
        how: "control point 5's read of {reads} in {system} at the 24 h recheck",
    },
    Row {
        failed: 6,
        by: 3,
        when: When::DiesWithAccount,
        how: "the removal of the account in {system}: by its manifest this dies with a deleted account",
    },
    Row {
        failed: 6,
        by: 10,
        when: When::Listed,
        how: "control point 6's read of {reads} in {system} at the 24 h recheck",
    },
    Row {
        failed: 7,
        by: 10,
        when: When::Listed,
        how: "control point 7's read of {reads} in {system} at the 24 h recheck, which shows whose it is",
    },
    Row {
        failed: 8,
        by: 10,
        when: When::Listed,
        how: "control point 8's read of {reads} in {system} at the 24 h recheck, which shows whether a secret is newer than the departure",
    },
    Row {
        failed: 9,
        by: 10,
        when: When::Always,
        how: "the 24 h recheck, which reads {system} again and fails for what it cannot see",
    },
    Row {
        failed: 10,
        by: 9,
        when: When::Always,
        how: "the proof, which counts no read that is older than policy allows",
    },
];

/// The rows that hold for one obligation, for each control point that failed for it, in order.
pub(crate) fn caught_by(
    scene: &Scene<'_, '_>,
    draft: &Draft<'_>,
    broke_at: u8,
    earlier: &[&ControlPoint],
) -> Vec<CaughtBy> {
    let mut reads: Vec<&str> =
        draft.sightings.iter().map(|sighting| sighting.receipt.read.as_str()).collect();
    reads.sort_unstable();
    reads.dedup();
    let listed = !reads.is_empty();
    let reads = reads.join(" and ");
    let kills = scene.kills(&draft.system, draft.kind);
    let dies = matches!(kills.and_then(|kills| kills.deleted), Some(Effect::Dies | Effect::DiesWithin(_)));
    let holds = |row: &&Row| match row.when {
        When::Always => true,
        When::DiesWithAccount => dies,
        When::Listed => listed,
    };
    let failed = std::iter::once(broke_at).chain(earlier.iter().map(|point| point.number));
    let rows = failed.flat_map(|failed| TABLE.iter().filter(move |row| row.failed == failed));
    rows.filter(holds)
        .map(|row| CaughtBy {
            failed: row.failed,
            by: row.by,
            name: Text::new_static(CONTROL_POINTS[usize::from(row.by) - 1].name),
            how: said(row.how, draft.system.as_str(), scene.people.directory.as_str(), &reads),
        })
        .collect()
}

/// The words of a row, with what the case has in the place of what stands in braces.
fn said(how: &str, system: &str, directory: &str, reads: &str) -> Text {
    let mut said = String::with_capacity(how.len() + system.len() + directory.len() + reads.len());
    let mut rest = how;
    while let Some((before, (word, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        said.push_str(before);
        said.push_str(match word {
            "system" => system,
            "directory" => directory,
            _ => reads,
        });
        rest = after;
    }
    said.push_str(rest);
    said.into()
}

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::small_world::{World, rule, token};

    /// A control point whose failure nothing else would have caught would be a hole; naming itself would say nothing.
    #[test]
    fn each_point_is_backed_by_another() {
        for point in 1..=10 {
            assert!(TABLE.iter().any(|row| row.failed == point), "{point}");
        }
        assert!(TABLE.iter().all(|row| row.failed != row.by && (1..=10).contains(&row.by)));
    }

    /// Whoever mends the process wants to know what else would have shown it, by which read.
    #[test]
    fn a_surviving_token_is_caught_by_the_account_and_the_recheck() {
        let world = World::new().keeps("credentials", token("pat", "1", "active")).ada("disabled");
        let line = world.line("app:token.user:pat");
        let by: Vec<_> =
            line.caught_by.iter().map(|caught| (caught.failed, caught.by, caught.name.as_str())).collect();
        assert_eq!(by, [(5, 3, "account"), (5, 10, "recheck")]);
        assert_eq!(line.caught_by[1].how, "control point 5's read of credentials in app at the 24 h recheck");
        // The manifest says nothing of automation and deleted accounts, so nothing is promised for it.
        let automation = World::new().keeps("integrations", rule("sync", "1", "enabled")).ada("disabled");
        let by: Vec<_> =
            automation.line("app:owned.automation:sync").caught_by.iter().map(|caught| caught.by).collect();
        assert_eq!(by, [10]);
        assert!(World::new().line("app:principal:1").caught_by.is_empty(), "it is gone");
    }
}
