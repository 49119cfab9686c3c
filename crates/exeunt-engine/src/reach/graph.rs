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
    /// For each holder, its [`Level`].
    pub level: Vec<u32>,
    /// For each holder, where its steps end; they begin where those of the holder before end.
    pub steps_end: Vec<u32>,
    /// For each holder, where its grants end.
    pub grants_end: Vec<u32>,
    /// For each step, the holder it leads to. Within a holder, in the order of level.
    pub step_to: Vec<u32>,
    /// For each step, its [`Level`].
    pub step_level: Vec<u32>,
    /// For each grant, the entitlement. Within a holder, in the order of level.
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
    /// The ends of all steps.
    pub(super) steps: Vec<End>,
    /// The ends of all grants.
    pub(super) grants: Vec<End>,
    pub(super) entitlements: u32,
}

/// A holder: where its edges stand, what it is, how dead it is. In one place, because a walk needs all of it at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    pub steps: (u32, u32),
    pub grants: (u32, u32),
    /// Its kind, with the level above it.
    pub state: End,
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
        let Columns {
            kind,
            level,
            steps_end,
            grants_end,
            step_to,
            step_level,
            grant_to,
            grant_level,
            entitlements,
        } = columns;
        let count = kind.len();
        if [level.len(), steps_end.len(), grants_end.len()] != [count; 3] {
            return Err(Malformed("the columns of its holders differ in length".to_owned()));
        }
        let whole = |ends: &[u32], edges: usize| ends.last().map_or(0, |end| *end as usize) == edges;
        if !whole(&steps_end, step_to.len()) || !whole(&grants_end, grant_to.len()) {
            return Err(Malformed("the edges of its holders are not all its edges".to_owned()));
        }
        let holders_below = u32::try_from(count).unwrap_or(u32::MAX);
        let steps = ends("step", step_to, &step_level, holders_below)?;
        let grants = ends("grant", grant_to, &grant_level, entitlements)?;
        let mut holders = Vec::with_capacity(count);
        let (mut step, mut grant) = (0, 0);
        for (((kind, level), steps_end), grants_end) in
            kind.into_iter().zip(level).zip(steps_end).zip(grants_end)
        {
            if kind >= 16 || level > 3 {
                return Err(Malformed(format!("holder {} has kind {kind} and level {level}", holders.len())));
            }
            let state = End::new(kind, Level::of_bits(level));
            let holder = Holder { steps: (step, steps_end), grants: (grant, grants_end), state };
            let rows = (steps.get(holder.steps()), grants.get(holder.grants()));
            let ordered = |row: &[End]| row.is_sorted_by_key(|end| end.level());
            if !matches!(rows, (Some(steps), Some(grants)) if ordered(steps) && ordered(grants)) {
                return Err(Malformed(format!("the edges of holder {} are out of order", holders.len())));
            }
            holders.push(holder);
            (step, grant) = (steps_end, grants_end);
        }
        Ok(Self { holders, steps, grants, entitlements })
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

    /// The kind of a holder, if there is such a one.
    #[must_use]
    pub fn kind(&self, holder: u32) -> Option<u32> {
        self.holders.get(holder as usize).map(|holder| holder.state.number())
    }

    /// The level of a holder, if there is such a one.
    #[must_use]
    pub fn level(&self, holder: u32) -> Option<Level> {
        self.holders.get(holder as usize).map(|holder| holder.state.level())
    }

    /// The steps of a holder: place, where to, how dead.
    pub fn steps(&self, holder: u32) -> impl Iterator<Item = (u32, u32, Level)> {
        let places = self.holders.get(holder as usize).map_or(0..0, |holder| holder.steps.0..holder.steps.1);
        places
            .zip(self.row(holder, &self.steps, Holder::steps))
            .map(|(at, end)| (at, end.number(), end.level()))
    }

    /// The grants of a holder: place, what, how dead.
    pub fn grants(&self, holder: u32) -> impl Iterator<Item = (u32, u32, Level)> {
        let places =
            self.holders.get(holder as usize).map_or(0..0, |holder| holder.grants.0..holder.grants.1);
        places
            .zip(self.row(holder, &self.grants, Holder::grants))
            .map(|(at, end)| (at, end.number(), end.level()))
    }

    fn row<'a>(&self, holder: u32, ends: &'a [End], row: fn(&Holder) -> std::ops::Range<usize>) -> &'a [End] {
        self.holders.get(holder as usize).and_then(|holder| ends.get(row(holder))).unwrap_or_default()
    }
}

/// Puts the levels above the numbers, where these stand.
fn ends(what: &str, to: Vec<u32>, levels: &[u32], below: u32) -> Result<Vec<End>, Malformed> {
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
    Ok(to.into_iter().zip(levels).map(|(to, level)| End(to | level << 30)).collect())
}
