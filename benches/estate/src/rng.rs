//! Chance, given a seed: splitmix64, and draws from it by integers, IEEE division and square roots only, so that they are
//! the same everywhere.

/// A source of chance.
pub struct Rng(pub u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// True as often as `p` says.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Bounded Pareto with alpha 4/3 (u to the power -3/4, from square roots only) and a mean of about four times `least`.
    pub fn pareto(&mut self, least: f64, cap: usize) -> usize {
        let s = self.unit().sqrt();
        ((least / (s * s.sqrt())) as usize).min(cap).max(1)
    }

    /// A number below `n`, small ones more often.
    pub fn skew(&mut self, n: usize) -> usize {
        let u = self.unit();
        ((u * u * n as f64) as usize).min(n - 1)
    }
}
