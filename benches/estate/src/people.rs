//! Systems and people.

use std::io;

use super::csv::{Csv, Field};
use super::words::{DEPARTMENTS, GIVEN, ascii, family};
use super::{Making, TODAY};

impl Making<'_> {
    pub(super) fn systems(&mut self) -> io::Result<()> {
        let mut csv = Csv::new(self.dir, "systems.csv", "system_id,name,kind")?;
        for system in 0..self.systems {
            let (name, kind) = if system == 0 { ("idp", 0) } else { ("app", 1 + system % 3) };
            let name = format!("{name}{system}");
            csv.row(&[Field::N(system), Field::T(&name), Field::T(["idp", "saas", "cloud", "vcs"][kind])])?;
        }
        csv.close(&mut self.manifest)
    }

    pub(super) fn people(&mut self) -> io::Result<()> {
        let head =
            "person_id,employee_no,given,family,email,department,manager_id,status,start_date,end_date";
        let mut csv = Csv::new(self.dir, "people.csv", head)?;
        for person in 0..self.size.people {
            let given = self.rng.skew(GIVEN.len());
            let family = family(&mut self.rng);
            let left = self.rng.chance(self.size.leavers);
            self.leaver[person] = left;
            let start = TODAY - 30 - self.rng.below(4000) as i64;
            let end = if left { TODAY - 1 - self.rng.below(365) as i64 } else { 0 };
            let name = GIVEN[given].0;
            csv.number(person).comma().text("E").number(100_000 + person * 7).comma().text(name).comma();
            csv.text(&family).comma().text(&ascii(name)).text(".").text(&family).number(person);
            csv.text("@corp.example").comma().text(DEPARTMENTS[person % DEPARTMENTS.len()]).comma();
            if person > 0 {
                csv.number(person / 8);
            }
            csv.comma().text(if left { "leaver" } else { "active" }).comma();
            csv.day(start.min(end.max(start) - 30)).comma();
            if left {
                csv.day(end);
            }
            csv.end()?;
            self.names.push((given as u8, family));
        }
        csv.close(&mut self.manifest)
    }
}
