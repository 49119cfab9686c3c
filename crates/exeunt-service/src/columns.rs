//! The access graph of everybody as columns at rest: written for DuckDB and its like, and read back for the one question that
//! is asked of it here, without state, configuration or a server.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use exeunt_columns::ColumnsError;
use exeunt_columns::access::{Columns, Names, Stored, load, write};
use exeunt_engine::reach::{self, AccessGraph, Answer, Level, Malformed, Reached, Walk};
use exeunt_engine::{HOLDER_KINDS, LaidOut};
use exeunt_model::Ref;
use exeunt_model::access::{AccessMap, AccessTie};

/// Columns that could not be written, or cannot be walked over.
#[derive(Debug, thiserror::Error)]
pub enum AtRestError {
    /// The tables.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// What they hold.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// Somebody is asked for who is not in them.
    #[error(
        "there is no `{0}` in these columns. References are listed in the column `reference` of holders.parquet"
    )]
    Nobody(Ref),
}

/// What one leaver reaches by columns at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtRest {
    /// The name.
    pub name: String,
    /// What can be done by a way of which every step is live.
    pub live: usize,
    /// Of it, what is administrative.
    pub privileged: usize,
    /// What could be done besides, by ways that are latent or could not be seen.
    pub in_doubt: usize,
    /// The way to the worst of it.
    pub worst: Option<String>,
}

/// Writes the graph as columns into a folder, and gives the digest of the whole.
///
/// # Errors
/// When the disk refuses.
pub fn write_columns(map: &AccessMap, dir: &Path) -> Result<String, AtRestError> {
    let laid_out = LaidOut::new(map);
    let name = |place: usize| map.nodes.get(place).map_or("", |node| node.name.as_str());
    let holders: Vec<String> = map.nodes.iter().map(|node| node.name.clone()).collect();
    let references: Vec<String> = map.nodes.iter().map(|node| node.id.to_string()).collect();
    let levels: Vec<u32> = laid_out.levels().map(|level| level as u32).collect();
    let entitlements: Vec<String> =
        laid_out.entitlements.iter().map(|edge| [&edge.how, " ", name(edge.to)].concat()).collect();
    let numbers = 0u32..;
    let privileged: Vec<u32> =
        numbers.zip(&entitlements).map(|(number, _)| laid_out.is_privileged(number).into()).collect();
    let codes: BTreeMap<AccessTie, u32> = AccessTie::ALL.into_iter().zip(0..).collect();
    let ties: Vec<u32> =
        laid_out.steps.iter().map(|edge| codes.get(&edge.tie).copied().unwrap_or_default()).collect();
    let left = (0u32..).zip(&map.nodes).filter(|(_, node)| node.left).map(|(place, _)| place).collect();
    let names = Names {
        holders: &holders,
        references: &references,
        levels: &levels,
        entitlements: &entitlements,
        privileged: &privileged,
        ties: &ties,
        kinds: &HOLDER_KINDS,
        tie_words: &AccessTie::ALL.map(AccessTie::word),
    };
    let reach::Columns {
        kind,
        steps_end,
        grants_end,
        step_to,
        step_level,
        grant_to,
        grant_level,
        entitlements,
    } = laid_out.columns;
    let columns = Columns {
        kind,
        steps_end,
        grants_end,
        step_to,
        step_level,
        grant_to,
        grant_level,
        entitlements,
        left,
    };
    Ok(write(dir, &columns, &names)?)
}

/// What everybody who left reaches, those with something administrative first, then those with most.
///
/// # Errors
/// When the columns are damaged, or are no graph.
pub fn all_at_rest(dir: &Path) -> Result<Vec<AtRest>, AtRestError> {
    let (graph, left) = graph(load(dir)?)?;
    let mut rest = Rest { stored: Stored::open(dir)?, walk: Walk::default() };
    let mut all = Vec::new();
    for leaver in left {
        let one = rest.told(&graph, leaver, &|place| place, &|place| place)?;
        if one.live + one.in_doubt > 0 {
            all.push(one);
        }
    }
    all.sort_by(|a, b| {
        (b.privileged, b.live, b.in_doubt, &a.name).cmp(&(a.privileged, a.live, a.in_doubt, &b.name))
    });
    Ok(all)
}

/// What one person or account reaches. Nothing is read but the blocks it leads through.
///
/// # Errors
/// When there is no such one, or a block that is needed is damaged.
pub fn one_at_rest(dir: &Path, who: &Ref) -> Result<AtRest, AtRestError> {
    let mut stored = Stored::open(dir)?;
    // What is no reference stands nowhere: then another file stands in for it, and the search comes to nothing.
    let order = |text: &str| text.parse::<Ref>().map_or(std::cmp::Ordering::Less, |known| known.cmp(who));
    let start = stored.find(order)?.ok_or_else(|| AtRestError::Nobody(who.clone()))?;
    let mut part = stored.part(start, Level::Unknown as u32)?;
    let (graph, _) = graph(std::mem::take(&mut part.columns))?;
    let mut rest = Rest { stored, walk: Walk::default() };
    let place = |places: &[u32], at: u32| places.get(at as usize).copied().unwrap_or_default();
    rest.told(&graph, 0, &|holder| place(&part.holders, holder), &|step| place(&part.steps, step))
}

/// The columns as a graph, and those who left.
///
/// # Errors
/// When they are no graph.
pub fn graph(columns: Columns) -> Result<(AccessGraph, Vec<u32>), Malformed> {
    let Columns {
        kind,
        steps_end,
        grants_end,
        step_to,
        step_level,
        grant_to,
        grant_level,
        entitlements,
        left,
    } = columns;
    let columns = reach::Columns {
        kind,
        steps_end,
        grants_end,
        step_to,
        step_level,
        grant_to,
        grant_level,
        entitlements,
    };
    Ok((AccessGraph::new(columns)?, left))
}

/// Tables, and a walk over what was read of them.
struct Rest {
    stored: Stored,
    walk: Walk,
}

impl Rest {
    /// What is reached from `start`; `holder` and `step` give the numbers of the whole.
    fn told(
        &mut self,
        graph: &AccessGraph,
        start: u32,
        holder: &dyn Fn(u32) -> u32,
        step: &dyn Fn(u32) -> u32,
    ) -> Result<AtRest, AtRestError> {
        let Self { stored, walk } = self;
        let any = walk.from(graph, start, Level::Unknown).reached.len();
        let answer = walk.from(graph, start, Level::Live);
        let mut privileged = BTreeSet::new();
        for one in answer.reached {
            if stored.is_privileged(one.entitlement())? {
                privileged.insert(one.entitlement());
            }
        }
        let worst = answer.ranked(&|what| privileged.contains(&what)).first().copied();
        let worst = worst.map(|worst| way(stored, &answer, worst, holder, step)).transpose()?.flatten();
        let live = answer.reached.len();
        let name = stored.holder(holder(start))?;
        Ok(AtRest { name, live, privileged: privileged.len(), in_doubt: any - live, worst })
    }
}

/// A way: names and ties in turn.
fn way(
    stored: &mut Stored,
    answer: &Answer<'_>,
    reached: Reached,
    holder: &dyn Fn(u32) -> u32,
    step: &dyn Fn(u32) -> u32,
) -> Result<Option<String>, ColumnsError> {
    let Some(path) = answer.path(&reached) else { return Ok(None) };
    let mut way = stored.holder(holder(path.start))?;
    for leg in &path.legs {
        let tie = stored.tie(step(leg.step))?;
        let name = stored.holder(holder(leg.holder))?;
        way = format!("{way} {} {name},", stored.tie_word(tie));
    }
    let (entitlement, _) = stored.entitlement(path.entitlement)?;
    Ok(Some(format!("{way} {entitlement}")))
}
