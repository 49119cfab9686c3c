//! The graph: one small record for each holder, and the ends of its edges in two arrays.

/// How dead something is. Ordered: a way is as dead as its deadest part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Seen able to act.
    Live = 0,
    /// Blocked only by the state of something else.
    Latent = 1,
    /// Could not be seen.
    Unknown = 2,
    /// Proven removed.
    Gone = 3,
}

/// The bits of an end that say where it leads; the two above say its level, so that a row in ascending order has the
/// most alive first, and what is alive enough is a prefix.
const NUMBER: u32 = (1 << 30) - 1;

/// The columns of a graph, as they are kept at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// For each holder, what it is: a number below 16 that means something to the caller.
    pub kind: Vec<u32>,
    /// For each holder, where its steps end; they begin where those of the holder before end.
    pub steps_end: Vec<u32>,
    /// For each holder, where its grants end.
    pub grants_end: Vec<u32>,
    /// For each step, the holder it leads to. Within a holder, in the order of level.
    pub step_to: Vec<u32>,
    /// For each step, how dead the way over it is: its own [`Level`] or that of the holder it leads to, whichever is
    /// deader.
    pub step_level: Vec<u32>,
    /// For each grant, the entitlement. Within a holder, in the order of level, and then of number.
    pub grant_to: Vec<u32>,
    /// For each grant, its [`Level`].
    pub grant_level: Vec<u32>,
    /// How many entitlements there are.
    pub entitlements: u32,
}

/// Columns that are no graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no access graph: {0}")]
pub struct Malformed(pub(super) String);

/// The access graph.
#[derive(Debug, Clone)]
pub struct AccessGraph {
    pub(super) holders: Vec<Holder>,
    /// For each holder, what it is.
    pub(super) kinds: Vec<u8>,
    pub(super) steps: Ends,
    pub(super) grants: Ends,
    pub(super) entitlements: u32,
}

/// Where the edges of a holder stand. In one place, because a walk needs both at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    pub steps: (u32, u32),
    pub grants: (u32, u32),
}

/// The ends of all edges of one sort, by place: those the graph was made with, then those of rows that grew since. They
/// are two arrays, so that a row that grows does not move the others.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    first: Vec<End>,
    pub later: Vec<End>,
}

/// Places of edges, one after the other.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places {
    pub from: u32,
    pub until: u32,
}

/// A number with a level above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End(u32);

impl Level {
    /// From the most alive on.
    pub const ALL: [Self; 4] = [Self::Live, Self::Latent, Self::Unknown, Self::Gone];

    const fn of_bits(bits: u32) -> Self {
        match bits {
            0 => Self::Live,
            1 => Self::Latent,
            2 => Self::Unknown,
            _ => Self::Gone,
        }
    }
}

impl End {
    /// Stands where no row does any more: no edge leads to the last of all numbers.
    pub const FREE: Self = Self(u32::MAX);

    pub const fn new(number: u32, level: Level) -> Self {
        Self(number & NUMBER | (level as u32) << 30)
    }

    pub const fn number(self) -> u32 {
        self.0 & NUMBER
    }

    pub const fn level(self) -> Level {
        Level::of_bits(self.0 >> 30)
    }

    /// Whether it is too dead for a walk up to `limit`.
    pub const fn beyond(self, limit: Level) -> bool {
        self.0 >> 30 > limit as u32
    }
}

impl Ends {
    /// A row; empty if there is none such.
    pub fn row(&self, places: std::ops::Range<usize>) -> &[End] {
        match places.start.checked_sub(self.first.len()) {
            None => self.first.get(places),
            Some(from) => self.later.get(from..from + places.len()),
        }
        .unwrap_or_default()
    }

    /// A row, to be mended.
    pub fn row_mut(&mut self, places: std::ops::Range<usize>) -> Option<&mut [End]> {
        match places.start.checked_sub(self.first.len()) {
            None => self.first.get_mut(places),
            Some(from) => self.later.get_mut(from..from + places.len()),
        }
    }

    /// A row that must be there.
    fn whole_row(&self, places: std::ops::Range<usize>) -> Option<&[End]> {
        self.first.get(places)
    }

    /// A row: place, where to, how dead.
    fn placed(&self, places: std::ops::Range<usize>) -> impl Iterator<Item = (u32, u32, Level)> {
        let from = u32::try_from(places.start).unwrap_or(u32::MAX);
        (from..).zip(self.row(places)).map(|(at, end)| (at, end.number(), end.level()))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.first.len() + self.later.len()
    }
}

impl Holder {
    pub fn steps(&self) -> std::ops::Range<usize> {
        self.steps.0 as usize..self.steps.1 as usize
    }

    pub fn grants(&self) -> std::ops::Range<usize> {
        self.grants.0 as usize..self.grants.1 as usize
    }
}

impl AccessGraph {
    /// The graph that the columns describe.
    ///
    /// # Errors
    /// When a column is too long or too short, a number leads nowhere, or a row is not in the order of level.
    pub fn new(columns: Columns) -> Result<Self, Malformed> {
        let Columns { kind, steps_end, grants_end, step_to, step_level, grant_to, grant_level, entitlements } =
            columns;
        let count = kind.len();
        if [steps_end.len(), grants_end.len()] != [count; 2] {
            return Err(Malformed("the columns of its holders differ in length".to_owned()));
        }
        let whole = |ends: &[u32], edges: usize| ends.last().map_or(0, |end| *end as usize) == edges;
        if !whole(&steps_end, step_to.len()) || !whole(&grants_end, grant_to.len()) {
            return Err(Malformed("the edges of its holders are not all its edges".to_owned()));
        }
        let holders_below = u32::try_from(count).unwrap_or(u32::MAX);
        let steps = ends("step", step_to, &step_level, holders_below)?;
        let grants = ends("grant", grant_to, &grant_level, entitlements)?;
        let (mut holders, mut kinds) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let (mut step, mut grant) = (0, 0);
        for ((kind, steps_end), grants_end) in kind.into_iter().zip(steps_end).zip(grants_end) {
            let holder = Holder { steps: (step, steps_end), grants: (grant, grants_end) };
            let (step_row, grant_row) = (steps.whole_row(holder.steps()), grants.whole_row(holder.grants()));
            let ordered = step_row.is_some_and(|row| row.is_sorted_by_key(|end| end.level()))
                && grant_row.is_some_and(<[End]>::is_sorted);
            if !ordered {
                return Err(Malformed(format!("the edges of holder {} are out of order", holders.len())));
            }
            kinds.push(short_kind(kind)?);
            holders.push(holder);
            (step, grant) = (steps_end, grants_end);
        }
        Ok(Self { holders, kinds, steps, grants, entitlements })
    }

    /// How many holders there are.
    #[must_use]
    pub fn holders(&self) -> usize {
        self.holders.len()
    }

    /// How many entitlements there are.
    #[must_use]
    pub const fn entitlements(&self) -> u32 {
        self.entitlements
    }

    /// How many places for edges there are.
    pub(super) const fn edges(&self) -> usize {
        self.steps.len() + self.grants.len()
    }

    /// The kind of a holder, if there is such a one.
    #[must_use]
    pub fn kind(&self, holder: u32) -> Option<u32> {
        self.kinds.get(holder as usize).copied().map(u32::from)
    }

    /// Adds a holder without edges, and gives its number.
    ///
    /// # Errors
    /// When there is no such kind, or there are too many holders.
    pub fn add(&mut self, kind: u32) -> Result<u32, Malformed> {
        let number = u32::try_from(self.holders.len()).ok().filter(|number| *number < NUMBER);
        let number = number.ok_or_else(|| Malformed(format!("there are {NUMBER} holders")))?;
        self.kinds.push(short_kind(kind)?);
        self.holders.push(Holder { steps: (0, 0), grants: (0, 0) });
        Ok(number)
    }

    /// The steps of a holder: place, where to, how dead.
    pub fn steps(&self, holder: u32) -> impl Iterator<Item = (u32, u32, Level)> {
        let row = self.holders.get(holder as usize).map_or(0..0, Holder::steps);
        self.steps.placed(row)
    }

    /// The grants of a holder: place, what, how dead.
    pub fn grants(&self, holder: u32) -> impl Iterator<Item = (u32, u32, Level)> {
        let row = self.holders.get(holder as usize).map_or(0..0, Holder::grants);
        self.grants.placed(row)
    }
}

impl AccessGraph {
    /// Where the steps of a holder lead that are at most as dead as `limit`.
    pub(super) fn stepped(&self, holder: u32, limit: Level) -> impl Iterator<Item = u32> {
        let row = self.holders.get(holder as usize).map_or(0..0, Holder::steps);
        let alive = self.steps.row(row).iter().take_while(move |end| !end.beyond(limit));
        alive.map(|end| end.number())
    }

    /// Where the grants of a holder stand that are at most as dead as `limit`, until grants of it come or go.
    pub(super) fn granted_places(&self, holder: u32, limit: Level) -> Places {
        let (from, until) = self.holders.get(holder as usize).map_or((0, 0), |holder| holder.grants);
        let row = self.grants.row(from as usize..until as usize);
        let alive = row.partition_point(|end| !end.beyond(limit));
        Places { from, until: from + u32::try_from(alive).unwrap_or(0) }
    }

    /// Grants by their places. What is granted twice stands there twice.
    pub(super) fn grant_ends(&self, places: Places) -> &[End] {
        self.grants.row(places.from as usize..places.until as usize)
    }
}

/// A kind has a bit of its own in a [`super::Visit`].
fn short_kind(kind: u32) -> Result<u8, Malformed> {
    u8::try_from(kind)
        .ok()
        .filter(|kind| *kind < 16)
        .ok_or_else(|| Malformed(format!("there is no kind {kind}")))
}

/// Puts the levels above the numbers, where these stand.
fn ends(what: &str, to: Vec<u32>, levels: &[u32], below: u32) -> Result<Ends, Malformed> {
    if to.len() != levels.len() {
        return Err(Malformed(format!("some {what} has no level")));
    }
    if below > NUMBER {
        return Err(Malformed(format!("a {what} can lead to {NUMBER} places at most")));
    }
    let sound = to.iter().zip(levels).all(|(to, level)| *to < below && *level <= 3);
    if !sound {
        return Err(Malformed(format!("a {what} leads nowhere, or has no level that is known")));
    }
    // The same memory is used again: a step is as long as a number.
    let first = to.into_iter().zip(levels).map(|(to, level)| End(to | level << 30)).collect();
    Ok(Ends { first, later: Vec::new() })
}
