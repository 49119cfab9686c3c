//! Judges chance-made worlds with one mutant on at a time; put beside the kept worlds of the mutated engine.
//!
//! The first line of what is read is how many worlds there are, and the mutants that will be asked about. Each line after it is
//! one of them, and is answered with `@ world NUMBER`, the first world that is judged otherwise, or with `@ same MANY`, how
//! many worlds came by it.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use exeunt_model::Digest;

use super::{WORLDS, line};
use crate::mutant;

/// Worlds that are kept as text already are asked again: the first of them is the cheapest to read.
const KEPT: u64 = 10 * WORLDS;

fn judged(number: u64) -> Option<Digest> {
    catch_unwind(AssertUnwindSafe(|| line(number))).ok().map(|line| Digest::of(line.as_bytes()))
}

#[test]
fn search() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut asked = std::io::stdin().lock().lines().map_while(Result::ok);
    let first = asked.next().expect("what is asked about");
    let mut first = first.split(' ').map(|number| number.parse::<u32>().expect("a number"));
    let worlds = KEPT + u64::from(first.next().expect("how many worlds"));
    let mut reached: BTreeMap<u32, Vec<u64>> = first.map(|mutant| (mutant, Vec::new())).collect();
    let mut right = Vec::new();
    for number in 0..worlds {
        mutant::record();
        right.push(judged(number).expect("a verdict without any mutant"));
        for (mutant, of) in &mut reached {
            if mutant::was_reached(*mutant) {
                of.push(number);
            }
        }
    }
    mutant::set(None);
    println!("@ ready");
    // What tells one tells others, more often than not.
    let mut tellers: Vec<u64> = Vec::new();
    for mutant in asked {
        let mutant: u32 = mutant.parse().expect("a number");
        let of = &reached[&mutant];
        let known = tellers.iter().copied().filter(|number| of.binary_search(number).is_ok());
        let worlds: Vec<u64> = known.chain(of.iter().copied()).collect();
        mutant::set(Some(mutant));
        let told = worlds.into_iter().find(|number| judged(*number).as_ref() != right.get(*number as usize));
        mutant::set(None);
        match told {
            None => println!("@ same {}", of.len()),
            Some(number) => {
                println!("@ world {number}");
                tellers.retain(|known| *known != number);
                tellers.insert(0, number);
            }
        }
    }
}
