//! Many small blobs in one file: pages and records of one run, one after the other.
//!
//! A file for each page costs the file system more than the page itself. An entry of a pack is the digest, the length of
//! the compressed bytes, and these. What a killed process left is found again by walking the entries; an index beside
//! the pack, written when it is settled, saves the walk. A run writes a pack of its own and never adds to another's, so
//! that an entry cut off by a crash has nothing behind it. A pack begins with the name of the key its entries are sealed
//! with; what they hold is not known here.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use exeunt_model::Digest;

/// What a pack begins with, before the name of its key.
const MAGIC: &[u8; 8] = b"EXPACK2\n";
/// Where its entries begin.
const FIRST: usize = 8 + 32;
const ENTRIES: u64 = FIRST as u64;
/// Digest and length.
const HEAD: usize = 32 + 4;
/// A row of an index: digest, place, length.
const ROW: usize = 32 + 8 + 4;

/// Where an entry's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    pack: u32,
    at: u64,
    length: u32,
}

/// A folder of packs.
#[derive(Debug)]
pub(crate) struct Packs {
    dir: PathBuf,
    /// Read when first needed.
    places: Option<HashMap<[u8; 32], Place>>,
    /// The name of each pack's key; read with the places.
    names: BTreeMap<u32, [u8; 32]>,
    writing: Option<Writing>,
    /// Packs that could not be written to their end; what they have before it counts all the same.
    left: Vec<File>,
}

/// The pack of this run.
#[derive(Debug)]
struct Writing {
    pack: u32,
    name: [u8; 32],
    file: File,
    end: u64,
    /// Its index, row by row.
    index: Vec<u8>,
    settled: bool,
}

impl Packs {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir, places: None, names: BTreeMap::new(), writing: None, left: Vec::new() }
    }

    /// The file of a pack.
    fn path(&self, pack: u32, sort: &str) -> PathBuf {
        self.dir.join(format!("{pack:08}.{sort}"))
    }

    /// Whether there is an entry of this digest.
    pub(crate) fn has(&mut self, digest: &Digest) -> io::Result<bool> {
        Ok(self.places()?.contains_key(digest.bytes()))
    }

    /// The name of the key of the pack that is written, which is begun with the name `make` gives where there is none.
    pub(crate) fn writing_name(&mut self, make: impl FnOnce() -> [u8; 32]) -> io::Result<[u8; 32]> {
        if self.writing.is_none() {
            // What there was before comes first: its names are not to hide this one.
            self.places()?;
            let writing = self.begin(make())?;
            self.names.insert(writing.pack, writing.name);
            self.writing = Some(writing);
        }
        Ok(self.writing.as_ref().map(|writing| writing.name).unwrap_or_default())
    }

    /// Adds an entry, sealed with the key of this name. It survives a killed process at once, and a power failure after
    /// [`Self::settle`]. False when another pack is written by now, whose key is another.
    pub(crate) fn add(&mut self, digest: &Digest, sealed: &[u8], name: [u8; 32]) -> io::Result<bool> {
        let Some(mut writing) = self.writing.take_if(|writing| writing.name == name) else {
            return Ok(false);
        };
        let length = u32::try_from(sealed.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut entry = Vec::with_capacity(HEAD + sealed.len());
        entry.extend_from_slice(digest.bytes());
        entry.extend_from_slice(&length.to_le_bytes());
        entry.extend_from_slice(sealed);
        // A pack that could not be written to its end is left; the next entry begins another.
        if let Err(error) = writing.file.write_all(&entry) {
            self.left.push(writing.file);
            return Err(error);
        }
        let place = Place { pack: writing.pack, at: writing.end + HEAD as u64, length };
        writing.end += entry.len() as u64;
        writing.index.extend_from_slice(&row(digest.bytes(), place));
        writing.settled = false;
        self.writing = Some(writing);
        self.places()?.insert(*digest.bytes(), place);
        Ok(true)
    }

    fn begin(&self, name: [u8; 32]) -> io::Result<Writing> {
        fs::create_dir_all(&self.dir)?;
        let last = packs_in(&self.dir)?.into_iter().max();
        let pack = last.map_or(0, |last| last + 1);
        let mut file = File::options().create_new(true).append(true).open(self.path(pack, "pack"))?;
        file.write_all(&[MAGIC.as_slice(), &name].concat())?;
        Ok(Writing { pack, name, file, end: ENTRIES, index: Vec::new(), settled: true })
    }

    /// The number and the key's name of the pack an entry is in.
    pub(crate) fn pack_of(&mut self, digest: &Digest) -> io::Result<Option<(u32, [u8; 32])>> {
        let pack = self.places()?.get(digest.bytes()).map(|place| place.pack);
        Ok(pack.and_then(|pack| Some((pack, *self.names.get(&pack)?))))
    }

    /// The number and the key's name of each pack.
    pub(crate) fn all(&mut self) -> io::Result<Vec<(u32, [u8; 32])>> {
        self.places()?;
        Ok(self.names.iter().map(|(pack, name)| (*pack, *name)).collect())
    }

    /// The pack that is written ends here; the next entry begins another.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.settle()?;
        self.writing = None;
        Ok(())
    }

    /// Removes a pack that nobody can read any more.
    pub(crate) fn remove(&mut self, pack: u32) -> io::Result<()> {
        self.places()?.retain(|_, place| place.pack != pack);
        self.names.remove(&pack);
        self.writing.take_if(|writing| writing.pack == pack);
        for sort in ["index", "pack"] {
            match fs::remove_file(self.path(pack, sort)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// The sealed bytes of an entry, the pack they are in, and the name of its key; nothing where there is no entry of
    /// this digest.
    pub(crate) fn get(&mut self, digest: &Digest) -> io::Result<Option<Found>> {
        let Some(place) = self.places()?.get(digest.bytes()).copied() else { return Ok(None) };
        let path = self.path(place.pack, "pack");
        let mut bytes = vec![0; place.length as usize];
        let mut file = File::open(&path)?;
        file.seek(SeekFrom::Start(place.at))?;
        file.read_exact(&mut bytes)?;
        let name = self.names.get(&place.pack).copied().unwrap_or_default();
        Ok(Some((bytes, path, name)))
    }

    /// Sees to it that every entry is on the disk, and writes the index.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        while let Some(file) = self.left.last() {
            file.sync_all()?;
            self.left.pop();
        }
        let Some(writing) = self.writing.as_mut().filter(|writing| !writing.settled) else { return Ok(()) };
        writing.file.sync_all()?;
        let index = self.dir.join(format!("{:08}.index", writing.pack));
        let beside = index.with_extension("index.part");
        let mut file = File::create(&beside)?;
        file.write_all(&writing.index)?;
        file.sync_all()?;
        fs::rename(&beside, &index)?;
        File::open(&self.dir)?.sync_all()?;
        writing.settled = true;
        Ok(())
    }

    fn places(&mut self) -> io::Result<&mut HashMap<[u8; 32], Place>> {
        if self.places.is_none() {
            let (places, names) = self.read()?;
            self.places = Some(places);
            self.names = names;
        }
        // Read just now, if it was not.
        Ok(self.places.get_or_insert_default())
    }

    fn read(&self) -> io::Result<Known> {
        let (mut places, mut names) = (HashMap::new(), BTreeMap::new());
        for pack in packs_in(&self.dir)? {
            // A pack that was cut off within its first bytes has no entry.
            let Some(name) = name_of(&self.path(pack, "pack"))? else { continue };
            names.insert(pack, name);
            let index = match fs::read(self.path(pack, "index")) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                other => other?,
            };
            let mut end = ENTRIES;
            let size = fs::metadata(self.path(pack, "pack"))?.len();
            for row in index.chunks_exact(ROW) {
                let (digest, place) = of_row(row, pack);
                let ends = place.at.checked_add(u64::from(place.length)).filter(|ends| *ends <= size);
                end = end.max(ends.ok_or_else(|| damaged("its index leads past its end"))?);
                places.insert(digest, place);
            }
            walk(&self.path(pack, "pack"), pack, end, &mut places)?;
        }
        Ok((places, names))
    }
}

/// Sealed bytes, the pack they are in, and the name of its key.
type Found = (Vec<u8>, PathBuf, [u8; 32]);

/// Where entries are, and the names of the packs' keys.
type Known = (HashMap<[u8; 32], Place>, BTreeMap<u32, [u8; 32]>);

fn damaged(how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, how)
}

/// The name of a pack's key.
fn name_of(path: &Path) -> io::Result<Option<[u8; 32]>> {
    let mut head = [0; FIRST];
    match File::open(path)?.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let name = head.strip_prefix(MAGIC.as_slice()).and_then(|name| name.try_into().ok());
    name.map(Some).ok_or_else(|| damaged("its beginning is not that of a pack"))
}

/// The entries from a place on, up to the one that was cut off, if one was.
fn walk(path: &Path, pack: u32, from: u64, places: &mut HashMap<[u8; 32], Place>) -> io::Result<()> {
    let mut file = io::BufReader::new(File::open(path)?);
    let size = file.get_ref().metadata()?.len();
    let mut at = from;
    file.seek(SeekFrom::Start(at))?;
    while at + HEAD as u64 <= size {
        let (mut digest, mut length) = ([0; 32], [0; 4]);
        file.read_exact(&mut digest)?;
        file.read_exact(&mut length)?;
        let place = Place { pack, at: at + HEAD as u64, length: u32::from_le_bytes(length) };
        at = place.at + u64::from(place.length);
        if at > size {
            break;
        }
        places.insert(digest, place);
        file.seek_relative(i64::from(place.length))?;
    }
    Ok(())
}

fn packs_in(dir: &Path) -> io::Result<Vec<u32>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut packs = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        packs.extend(name.to_str().and_then(|name| name.strip_suffix(".pack")?.parse::<u32>().ok()));
    }
    packs.sort_unstable();
    Ok(packs)
}

fn row(digest: &[u8; 32], place: Place) -> [u8; ROW] {
    let mut row = [0; ROW];
    row[..32].copy_from_slice(digest);
    row[32..40].copy_from_slice(&place.at.to_le_bytes());
    row[40..].copy_from_slice(&place.length.to_le_bytes());
    row
}

fn of_row(row: &[u8], pack: u32) -> ([u8; 32], Place) {
    let (mut digest, mut at, mut length) = ([0; 32], [0; 8], [0; 4]);
    digest.copy_from_slice(&row[..32]);
    at.copy_from_slice(&row[32..40]);
    length.copy_from_slice(&row[40..]);
    (digest, Place { pack, at: u64::from_le_bytes(at), length: u32::from_le_bytes(length) })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use exeunt_model::Digest;

    use super::Packs;

    fn entry(n: u8) -> (Digest, Vec<u8>) {
        let bytes = vec![n; 100 + usize::from(n)];
        (Digest::of(&bytes), bytes)
    }

    /// A run that was killed at any byte of a write goes on from every entry that was whole.
    #[test]
    fn what_a_killed_run_left_is_found() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut packs = Packs::new(dir.path().to_owned());
        for n in 0..5 {
            let (digest, bytes) = entry(n);
            let name = packs.writing_name(|| [n; 32]).expect("begun");
            assert!(packs.add(&digest, &bytes, name).expect("added"));
            if n == 2 {
                packs.settle().expect("settled");
            }
        }
        drop(packs);
        let path = dir.path().join("00000000.pack");
        let whole = fs::read(&path).expect("there");
        for cut in (40..=whole.len()).rev() {
            fs::write(&path, &whole[..cut]).expect("cut");
            let mut packs = Packs::new(dir.path().to_owned());
            let found = (3..5).filter(|n| packs.has(&entry(*n).0).expect("read")).count();
            let (fourth, fifth) = (whole.len() - entry(4).1.len() - 36, whole.len());
            assert_eq!(found, usize::from(cut >= fourth) + usize::from(cut >= fifth), "cut at {cut}");
            if cut <= fourth - 139 {
                break;
            }
        }
    }

    /// Entries of earlier runs are found by their index, and a new run leaves their pack alone.
    #[test]
    fn each_run_writes_a_pack_of_its_own() {
        let dir = tempfile::tempdir().expect("a folder");
        for n in 0..3 {
            let mut packs = Packs::new(dir.path().to_owned());
            let (digest, bytes) = entry(n);
            let name = packs.writing_name(|| [n; 32]).expect("begun");
            assert!(packs.add(&digest, &bytes, name).expect("added"));
            packs.settle().expect("settled");
        }
        let mut packs = Packs::new(dir.path().to_owned());
        for n in 0..3 {
            let (digest, bytes) = entry(n);
            let (found, path, name) = packs.get(&digest).expect("read").expect("there");
            assert_eq!((found, name), (bytes, [n; 32]));
            assert!(path.ends_with(format!("0000000{n}.pack")), "{}", path.display());
        }
        assert_eq!(packs.get(&entry(9).0).expect("read"), None);
    }
}
