//! Changes of `match`, of `matches!` and of what stands in other macros.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::visit::Visit as _;
use syn::{Arm, Expr, Pat, Token};

use super::find::{Finder, range, text};
use super::mutant::Piece;

/// Guards held true or false, and arms left out where another one takes whatever is left.
pub fn arms(finder: &mut Finder<'_>, arms: &[Arm]) {
    let takes_all = |arm: &Arm| {
        // `None` reads like a name, and is none.
        let named = |word: &syn::PatIdent| word.ident.to_string().starts_with(char::is_lowercase);
        arm.guard.is_none()
            && (matches!(arm.pat, Pat::Wild(_)) || matches!(&arm.pat, Pat::Ident(word) if named(word)))
    };
    let wild = arms.last().is_some_and(takes_all);
    for (place, arm) in arms.iter().enumerate() {
        match &arm.guard {
            Some((_, guard)) => finder.condition(guard, "the guard"),
            None if wild && place + 1 < arms.len() => {
                let of = range(&arm.pat);
                let number = finder.mutant(&of, format!("leave out the arm {}", finder.shown(&of)));
                let after = text(format!(" if !crate::mutant::on({number})"));
                finder.site(of.clone(), vec![Piece::Source(of), after], vec![number]);
            }
            None => {}
        }
        finder.visit_expr(&arm.body);
    }
}

/// `matches!(of, pattern if guard)`.
struct Matches {
    of: Expr,
    pattern: Pat,
    guard: Option<Expr>,
}

impl Parse for Matches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let of = input.parse()?;
        input.parse::<Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.parse::<Option<Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { of, pattern, guard })
    }
}

/// The answer turned round, and each of several patterns left out.
pub fn matches(finder: &mut Finder<'_>, used: &syn::ExprMacro) {
    let Ok(Matches { of, pattern, guard }) = used.mac.parse_body::<Matches>() else { return };
    let whole = range(used);
    let shown = finder.shown(&whole);
    let turned = finder.mutant(&whole, format!("turn round {shown}"));
    let mut mutants = vec![turned];
    let mut pieces =
        vec![text(format!("(crate::mutant::on({turned}) ^ (match ")), Piece::Source(range(&of)), text(" { ")];
    if let Pat::Or(several) = &pattern {
        for one in &several.cases {
            let case = range(one);
            let number = finder.mutant(&case, format!("leave out {} in {shown}", finder.shown(&case)));
            pieces.push(text(format!(
                "{} if crate::mutant::on({number}) => false, ",
                &finder.source[case.clone()]
            )));
            mutants.push(number);
        }
    }
    pieces.push(text(finder.source[range(&pattern)].to_owned()));
    if let Some(guard) = &guard {
        pieces.extend([text(" if "), Piece::Source(range(guard))]);
    }
    pieces.push(text(" => true, _ => false }))"));
    finder.site(whole, pieces, mutants);
    finder.visit_expr(&of);
    if let Some(guard) = &guard {
        finder.condition(guard, "the guard");
    }
}

/// What macros of the usual form are given; anything else is left as it is.
pub fn in_macro(finder: &mut Finder<'_>, used: &syn::Macro) {
    let known = ["format", "vec", "write", "writeln"].iter().any(|name| used.path.is_ident(name));
    if !known {
        return;
    }
    let arguments = used.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
    for argument in arguments.into_iter().flatten() {
        // `name = value` gives a name, it assigns nothing.
        match argument {
            Expr::Assign(named) => finder.visit_expr(&named.right),
            other => finder.visit_expr(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::find::{Found, find};
    use super::super::mutant::rewrite;

    /// The code with one mutant, found by its words, switched on as the switch does it.
    fn rewritten(source: &str) -> (Vec<String>, String) {
        let mut found = Found::default();
        let (sites, _) = find("small.rs", source, &mut found).expect("code");
        let words = found.mutants.iter().map(|mutant| mutant.change.clone()).collect();
        (words, rewrite(source, &sites, &|_| false).text)
    }

    /// A pattern that could be left out unseen is a state that could be taken for another one.
    #[test]
    fn a_pattern_of_several_is_left_out_one_by_one() {
        let (words, text) = rewritten("fn f(s: S) -> S { if matches!(s, S::A | S::B) { g() } else { h() } }");
        assert!(words.iter().any(|word| word.starts_with("leave out `S::B` in")), "{words:?}");
        assert!(text.contains("S::B if crate::mutant::on("), "{text}");
        assert!(text.contains("S::A | S::B => true, _ => false"), "{text}");
    }

    /// Where nothing takes what is left, an arm cannot be left out; `None` is no name.
    #[test]
    fn arms_are_left_out_where_another_takes_the_rest() {
        let arms = |source: &str| {
            rewritten(source).0.iter().filter(|word| word.starts_with("leave out the arm")).count()
        };
        assert_eq!(arms("fn f() { match x { A => a(), B => b(), _ => c() } }"), 2);
        assert_eq!(arms("fn f() { match x { Some(A) => a(), None => b() } }"), 0);
    }

    /// Tests and what is worked out at compile time are no part of a verdict; a chain with `let` keeps its names.
    #[test]
    fn chains_constants_and_tests() {
        let (words, text) = rewritten(
            "const N: bool = 1 < 2;\nconst fn g() -> bool { true }\n#[cfg(test)] mod tests { fn t() -> bool { 1 == 2 } }\n\
             fn f(o: Option<u8>) { if let Some(x) = o && x < 3 { h(); } }",
        );
        assert_eq!(words.iter().filter(|word| word.starts_with("replace `<`")).count(), 2, "{words:?}");
        assert!(!words.iter().any(|word| word.contains("1 ==")), "{words:?}");
        assert!(text.contains("fn g() -> bool { if crate::mutant::on("), "{text}");
        assert!(text.contains("&& let Some(x) = o && (crate::mutant::on("), "{text}");
    }
}
