//! One small change of the engine's code, and where in the text it is made.

use std::ops::Range;

/// One change, known by where it stands in words and not by its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The file, from the engine's `src`.
    pub file: String,
    /// The function, with the type it is of: `Scene::holder`.
    pub function: String,
    /// What is changed, in words and code: ``replace `==` with `!=` in `a == b` ``.
    pub change: String,
    /// Which of those that read alike in one function, from 1.
    pub nth: usize,
    /// The line, for people; it is no part of the key.
    pub line: usize,
}

impl Mutant {
    /// What stays the same when code moves.
    pub fn key(&self) -> String {
        format!("{} | {} | {} | {}", self.file, self.function, self.change, self.nth)
    }
}

/// A part of what a place is rewritten to.
#[derive(Debug, Clone)]
pub enum Piece {
    /// New text.
    Text(String),
    /// What stands there in the source, with the changes inside it.
    Source(Range<usize>),
}

/// A place that is rewritten, for one mutant or several.
#[derive(Debug, Clone)]
pub struct Site {
    /// What is replaced.
    pub range: Range<usize>,
    /// By what.
    pub pieces: Vec<Piece>,
    /// The mutants that are switched on there, by number.
    pub mutants: Vec<usize>,
}

/// Text with its places rewritten, and which mutants each part of it is for.
#[derive(Debug, Default)]
pub struct Rewritten {
    pub text: String,
    pub spans: Vec<(Range<usize>, Vec<usize>)>,
}

/// Rewrites `source` at the places that hold no mutant in `without`.
pub fn rewrite(source: &str, sites: &[Site], without: &dyn Fn(usize) -> bool) -> Rewritten {
    let mut sites: Vec<&Site> =
        sites.iter().filter(|site| !site.mutants.iter().any(|mutant| without(*mutant))).collect();
    // Outer places first; of those that are the same, the one that was found first is the outer one.
    sites.sort_by_key(|site| (site.range.start, usize::MAX - site.range.end));
    let mut out = Rewritten::default();
    write(source, 0..source.len(), &sites, &mut out);
    out
}

fn write(source: &str, range: Range<usize>, sites: &[&Site], out: &mut Rewritten) {
    let mut at = range.start;
    let mut next = 0;
    while let Some(site) = sites.get(next) {
        let inside = sites[next + 1..].iter().take_while(|inner| within(&inner.range, &site.range)).count();
        let children = &sites[next + 1..next + 1 + inside];
        out.text.push_str(&source[at..site.range.start]);
        let begins = out.text.len();
        for piece in &site.pieces {
            match piece {
                Piece::Text(text) => out.text.push_str(text),
                Piece::Source(part) => {
                    let of_part: Vec<&Site> =
                        children.iter().copied().filter(|child| within(&child.range, part)).collect();
                    write(source, part.clone(), &of_part, out);
                }
            }
        }
        out.spans.push((begins..out.text.len(), site.mutants.clone()));
        at = site.range.end;
        next += 1 + inside;
    }
    out.text.push_str(&source[at..range.end]);
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    inner.start >= outer.start && inner.end <= outer.end && !(outer.is_empty() && inner == outer)
}

#[cfg(test)]
mod tests {
    use super::{Piece, Site, rewrite};

    fn site(range: std::ops::Range<usize>, before: &str, after: &str, mutant: usize) -> Site {
        let pieces =
            vec![Piece::Text(before.to_owned()), Piece::Source(range.clone()), Piece::Text(after.to_owned())];
        Site { range, pieces, mutants: vec![mutant] }
    }

    /// A mutant inside another one's place must stay there, or it is reported as surviving and was never made.
    #[test]
    fn places_nest_and_a_dropped_one_leaves_the_inner_ones() {
        let sites = [site(0..5, "(", ")", 1), site(0..1, "<", ">", 2), site(4..5, "[", "]", 3)];
        assert_eq!(rewrite("a + b", &sites, &|_| false).text, "(<a> + [b])");
        assert_eq!(rewrite("a + b", &sites, &|mutant| mutant == 1).text, "<a> + [b]");
        assert_eq!(rewrite("a + b", &sites, &|mutant| mutant == 2).spans.len(), 2);
    }

    /// Several values of one function are all returned at the same place.
    #[test]
    fn empty_places_stand_beside_one_another() {
        let sites = [
            Site { range: 1..1, pieces: vec![Piece::Text("x".into())], mutants: vec![1] },
            Site { range: 1..1, pieces: vec![Piece::Text("y".into())], mutants: vec![2] },
        ];
        assert_eq!(rewrite("{}", &sites, &|_| false).text, "{xy}");
    }
}
