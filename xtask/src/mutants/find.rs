//! Finds what can be changed in one file, in the order in which it stands there.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Block, Expr, ImplItemFn, ItemFn, Signature, Stmt, UnOp};

use super::mutant::{Mutant, Piece, Site};
use super::{matching, values};

/// What is found, over all files.
#[derive(Debug, Default)]
pub struct Found {
    /// Each mutant; its number is its place.
    pub mutants: Vec<Mutant>,
    /// How often each text was seen in a function.
    seen: BTreeMap<String, usize>,
}

/// Looks through one file's code, with its tests left out.
pub struct Finder<'f> {
    pub source: &'f str,
    pub file: &'f str,
    pub found: &'f mut Found,
    pub sites: Vec<Site>,
    within: Vec<String>,
    /// Module files that are compiled for tests alone.
    pub test_modules: Vec<String>,
}

/// The sites of a file, and the modules it declares for tests.
pub fn find(file: &str, source: &str, found: &mut Found) -> Result<(Vec<Site>, Vec<String>), String> {
    let parsed = syn::parse_file(source).map_err(|error| format!("{file}: {error}"))?;
    let mut finder =
        Finder { source, file, found, sites: Vec::new(), within: Vec::new(), test_modules: Vec::new() };
    finder.visit_file(&parsed);
    Ok((finder.sites, finder.test_modules))
}

pub fn text(words: impl Into<String>) -> Piece {
    Piece::Text(words.into())
}

pub fn range(of: &impl Spanned) -> Range<usize> {
    of.span().byte_range()
}

impl Finder<'_> {
    /// The source of a node on one line, cut short.
    pub fn shown(&self, range: &Range<usize>) -> String {
        let whole = self.source[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = whole.chars().take(90).collect();
        if short.len() < whole.len() { format!("`{short}…`") } else { format!("`{short}`") }
    }

    /// A new mutant's number.
    pub fn mutant(&mut self, at: &Range<usize>, change: String) -> usize {
        let line = self.source[..at.start].matches('\n').count() + 1;
        let mut mutant =
            Mutant { file: self.file.to_owned(), function: self.within.join("::"), change, nth: 1, line };
        let seen = self.found.seen.entry(mutant.key()).or_default();
        *seen += 1;
        mutant.nth = *seen;
        self.found.mutants.push(mutant);
        self.found.mutants.len() - 1
    }

    pub fn site(&mut self, range: Range<usize>, pieces: Vec<Piece>, mutants: Vec<usize>) {
        self.sites.push(Site { range, pieces, mutants });
    }

    /// A condition that is held to be true, and one that is held to be false.
    pub fn forced(&mut self, of: &Range<usize>, what: &str, ways: &[bool]) {
        let shown = self.shown(of);
        let mut pieces = vec![Piece::Source(of.clone())];
        let mut mutants = Vec::new();
        for way in ways {
            let number = self.mutant(of, format!("{what} {shown} is always {way}"));
            let before = if *way { "(crate::mutant::on({}) || (" } else { "(!crate::mutant::on({}) && (" };
            pieces.insert(0, text(before.replace("{}", &number.to_string())));
            pieces.push(text("))"));
            mutants.push(number);
        }
        self.site(of.clone(), pieces, mutants);
    }

    /// A condition of `if` or of a guard, which may be a chain with `let`.
    pub fn condition(&mut self, of: &Expr, what: &str) {
        if !has_let(of) {
            self.forced(&range(of), what, &[true, false]);
            return self.visit_expr(of);
        }
        let whole = range(of);
        let number = self.mutant(&whole, format!("{what} {} is always false", self.shown(&whole)));
        let pieces = vec![text(format!("!crate::mutant::on({number}) && ")), Piece::Source(whole.clone())];
        self.site(whole, pieces, vec![number]);
        self.links(of, what);
    }

    fn links(&mut self, of: &Expr, what: &str) {
        match of {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) && has_let(of) => {
                self.links(&binary.left, what);
                self.links(&binary.right, what);
            }
            Expr::Let(binding) => self.visit_expr(&binding.expr),
            link => {
                self.forced(&range(link), what, &[true]);
                self.visit_expr(link);
            }
        }
    }

    fn body(&mut self, attrs: &[Attribute], sig: &Signature, block: &Block, visit: impl FnOnce(&mut Self)) {
        if for_tests(attrs) {
            return;
        }
        self.within.push(sig.ident.to_string());
        if let Some(word) = &sig.constness {
            // The switch cannot be asked at compile time.
            self.site(range(word), Vec::new(), Vec::new());
        }
        let at = range(&block.brace_token.span.open()).end;
        for value in values::of_return(&sig.output) {
            if block.stmts.is_empty() {
                break;
            }
            let number = self.mutant(&(at..at), format!("return `{value}`"));
            let head = format!(" if crate::mutant::on({number}) {{ return {value}; }}");
            self.site(at..at, vec![text(head)], vec![number]);
        }
        visit(self);
        self.within.pop();
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> Option<(Vec<Piece>, Vec<usize>)> {
        let (a, b) = (range(&binary.left), range(&binary.right));
        let whole = range(binary);
        let (left, right) = (Piece::Source(a), Piece::Source(b));
        let shown = self.shown(&whole);
        let mut one = |finder: &mut Self, from: &str, to: &str| {
            finder.mutant(&whole, format!("replace `{from}` with `{to}` in {shown}"))
        };
        let call = |name: &str, number: usize, by: &str| {
            vec![
                text(format!("crate::mutant::{name}({number}, {by}(")),
                left.clone(),
                text(format!("), {by}(")),
                right.clone(),
                text("))"),
            ]
        };
        let compare = |finder: &mut Self,
                       name: &str,
                       from: &str,
                       near: &str,
                       far: &str,
                       one: &mut dyn FnMut(&mut Self, &str, &str) -> usize| {
            let first = one(finder, from, near);
            let second = one(finder, from, far);
            (call(name, first, "&"), vec![first, second])
        };
        Some(match binary.op {
            BinOp::Eq(_) | BinOp::Ne(_) => {
                let equal = matches!(binary.op, BinOp::Eq(_));
                let (from, to) = if equal { ("==", "!=") } else { ("!=", "==") };
                let number = one(self, from, to);
                let before = text(format!("(crate::mutant::on({number}) ^ ("));
                (vec![before, left, text(format!(" {from} ")), right, text("))")], vec![number])
            }
            BinOp::Lt(_) => compare(self, "lt", "<", "<=", ">=", &mut one),
            BinOp::Le(_) => compare(self, "le", "<=", "<", ">", &mut one),
            BinOp::Gt(_) => compare(self, "gt", ">", ">=", "<=", &mut one),
            BinOp::Ge(_) => compare(self, "ge", ">=", ">", "<", &mut one),
            BinOp::And(_) | BinOp::Or(_) => {
                let and = matches!(binary.op, BinOp::And(_));
                let (from, to, sign) = if and { ("&&", "||", "!=") } else { ("||", "&&", "==") };
                let number = one(self, from, to);
                let then = format!("; if __asked {sign} crate::mutant::on({number}) {{ ");
                (
                    vec![
                        text("({ let __asked: bool = "),
                        left,
                        text(then),
                        right,
                        text(" } else { __asked } })"),
                    ],
                    vec![number],
                )
            }
            BinOp::Add(_) => {
                let number = one(self, "+", "-");
                (call("add", number, ""), vec![number])
            }
            BinOp::Sub(_) => {
                let number = one(self, "-", "+");
                (call("sub", number, ""), vec![number])
            }
            _ => return None,
        })
    }

    /// A call in a chain that has an opposite.
    fn opposite(&mut self, call: &syn::ExprMethodCall) {
        let name = call.method.to_string();
        let other = match (name.as_str(), call.args.len()) {
            ("any", 1) => "all",
            ("all", 1) => "any",
            ("min", _) => "max",
            ("max", _) => "min",
            ("first", 0) => "last",
            ("last", 0) => "first",
            ("is_some", 0) => "is_none",
            ("is_none", 0) => "is_some",
            ("is_some_and", 1) => "is_none_or",
            ("is_none_or", 1) => "is_some_and",
            _ => return,
        };
        let whole = range(call);
        let word = range(&call.method);
        let number =
            self.mutant(&whole, format!("replace `{name}` with `{other}` in {}", self.shown(&whole)));
        let pieces = vec![
            text(format!("(if crate::mutant::on({number}) {{ ")),
            Piece::Source(whole.start..word.start),
            text(other),
            Piece::Source(word.end..whole.end),
            text(" } else { "),
            Piece::Source(whole.clone()),
            text(" })"),
        ];
        self.site(whole, pieces, vec![number]);
    }
}

fn has_let(of: &Expr) -> bool {
    match of {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Whether something is compiled for tests alone.
fn for_tests(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "test")
    })
}

/// Closures whose answer is yes or no.
const ASKED: [&str; 13] = [
    "filter",
    "any",
    "all",
    "find",
    "position",
    "rposition",
    "is_some_and",
    "is_none_or",
    "retain",
    "take_while",
    "skip_while",
    "partition",
    "is_ok_and",
];

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !for_tests(&item.attrs) {
            return visit::visit_item_mod(self, item);
        }
        if item.content.is_none() {
            self.test_modules.push(item.ident.to_string());
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if for_tests(&item.attrs) {
            return;
        }
        let name = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        self.within.push(name.unwrap_or_default());
        visit::visit_item_impl(self, item);
        self.within.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.body(&item.attrs, &item.sig, &item.block, |finder| visit::visit_block(finder, &item.block));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.body(&item.attrs, &item.sig, &item.block, |finder| visit::visit_block(finder, &item.block));
    }

    // What is worked out at compile time has no switch.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(done @ (Expr::MethodCall(_) | Expr::Assign(_)), Some(_)) = statement {
            let whole = range(statement);
            let number = self.mutant(&whole, format!("leave out {}", self.shown(&whole)));
            let before = text(format!("if !crate::mutant::on({number}) {{ "));
            let done = range(done);
            self.site(whole, vec![before, Piece::Source(done), text("; }")], vec![number]);
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_if(&mut self, choice: &'ast syn::ExprIf) {
        self.condition(&choice.cond, "the condition");
        self.visit_block(&choice.then_branch);
        if let Some((_, other)) = &choice.else_branch {
            self.visit_expr(other);
        }
    }

    fn visit_expr_while(&mut self, again: &'ast syn::ExprWhile) {
        if !has_let(&again.cond) {
            self.forced(&range(&again.cond), "the condition", &[false]);
            self.visit_expr(&again.cond);
        }
        self.visit_block(&again.body);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        self.visit_expr(&choice.expr);
        matching::arms(self, &choice.arms);
    }

    fn visit_macro(&mut self, used: &'ast syn::Macro) {
        matching::in_macro(self, used);
    }

    fn visit_expr_macro(&mut self, used: &'ast syn::ExprMacro) {
        if used.mac.path.is_ident("matches") {
            return matching::matches(self, used);
        }
        visit::visit_expr_macro(self, used);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if let Some((pieces, mutants)) = self.binary(binary) {
            self.site(range(binary), pieces, mutants);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, UnOp::Not(_)) {
            let whole = range(unary);
            let number = self.mutant(&whole, format!("leave out `!` in {}", self.shown(&whole)));
            let before = text(format!("(crate::mutant::on({number}) ^ (!"));
            self.site(whole, vec![before, Piece::Source(range(&unary.expr)), text("))")], vec![number]);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.opposite(call);
        let asked = ASKED.contains(&call.method.to_string().as_str());
        if let (true, Some(Expr::Closure(closure))) = (asked, call.args.first()) {
            let what = format!("the closure of `{}`", call.method);
            self.forced(&range(&*closure.body), &what, &[true, false]);
        }
        visit::visit_expr_method_call(self, call);
    }
}
