//! The outside of a PDF file: numbered objects packed in compressed streams, and the table that
//! finds them. The same objects give the same bytes.

use flate2::{Compress, Compression, FlushCompress};

use super::operators::number;

/// How many objects one stream holds.
const PACKED: usize = 400;

/// Deflate level for what changes from pack to pack: higher ones take twice the time for a twentieth
/// of the size.
const LEVEL: u32 = 2;

/// Where an object lies.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    At(u32),
    /// In this stream of objects, at this place.
    Within(u32, u16),
}

pub struct File {
    out: Vec<u8>,
    /// By object number.
    places: Vec<Place>,
    /// The objects that wait to be packed together: their numbers and offsets, and they themselves.
    index: Vec<u8>,
    objects: Vec<u8>,
    waiting: Vec<u32>,
    packer: Compress,
}

impl File {
    /// Begins a file of objects numbered from 1 to `last`; further ones are for the packing.
    pub fn new(last: u32) -> File {
        let mut out = Vec::with_capacity(320_000);
        // Bytes above 127 in the second line tell programs that the file is not text.
        out.extend_from_slice(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
        File {
            out,
            places: vec![Place::Nowhere; last as usize + 1],
            index: Vec::with_capacity(8192),
            objects: Vec::with_capacity(65_536),
            waiting: Vec::with_capacity(PACKED),
            packer: Compress::new(Compression::new(LEVEL), true),
        }
    }

    /// Writes an object that is not a stream.
    pub fn object(&mut self, at: u32, write: impl FnOnce(&mut Vec<u8>)) {
        number(&mut self.index, at as i32);
        self.index.push(b' ');
        number(&mut self.index, self.objects.len() as i32);
        self.index.push(b' ');
        self.waiting.push(at);
        write(&mut self.objects);
        self.objects.push(b'\n');
        if self.waiting.len() == PACKED {
            self.pack();
        }
    }

    /// Writes a stream, compressed here; `entries` are those of its dictionary save the length.
    pub fn stream(&mut self, at: u32, entries: &[u8], data: &[u8]) {
        let packed = self.deflate(&[data]);
        self.place(at, entries, b"/Filter/FlateDecode", &packed);
    }

    /// Writes a stream as it is.
    pub fn plain_stream(&mut self, at: u32, entries: &[u8], data: &[u8]) {
        self.place(at, entries, b"", data);
    }

    /// What is written so far: what an identifier can be made of.
    pub fn so_far(&self) -> &[u8] {
        &self.out
    }

    /// Ends the file: `entries` name the catalogue, the properties and the identifier.
    pub fn finish(mut self, entries: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        self.pack();
        let entries = entries(self.so_far());
        let own = self.places.len() as u32;
        let start = self.out.len();
        self.places.push(Place::At(start as u32));
        let table = self.table();
        let packed = self.deflate(&[&table]);
        let mut dictionary = b"/Type/XRef/W[1 3 2]/DecodeParms<</Predictor 12/Columns 6>>/Size ".to_vec();
        number(&mut dictionary, self.places.len() as i32);
        dictionary.extend_from_slice(&entries);
        self.place(own, &dictionary, b"/Filter/FlateDecode", &packed);
        self.out.extend_from_slice(b"startxref\n");
        number(&mut self.out, start as i32);
        self.out.extend_from_slice(b"\n%%EOF\n");
        self.out
    }

    /// The places of all objects, each row as its difference from the one above, which packs well.
    fn table(&self) -> Vec<u8> {
        let mut table = Vec::with_capacity(self.places.len() * 7);
        let mut above = [0u8; 6];
        for place in &self.places {
            let (kind, at, within) = match *place {
                Place::Nowhere => (0, 0, u16::MAX),
                Place::At(at) => (1, at, 0),
                Place::Within(stream, within) => (2, stream, within),
            };
            let ([_, a, b, c], [d, e]) = (at.to_be_bytes(), within.to_be_bytes());
            let row = [kind, a, b, c, d, e];
            table.push(2);
            table.extend(row.iter().zip(above).map(|(now, above)| now.wrapping_sub(above)));
            above = row;
        }
        table
    }

    /// Packs the waiting objects into a stream of their own.
    fn pack(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let at = self.places.len() as u32;
        self.places.push(Place::Nowhere);
        for (within, &object) in self.waiting.iter().enumerate() {
            self.places[object as usize] = Place::Within(at, within as u16);
        }
        let mut entries = b"/Type/ObjStm/N ".to_vec();
        number(&mut entries, self.waiting.len() as i32);
        entries.extend_from_slice(b"/First ");
        number(&mut entries, self.index.len() as i32);
        let (index, objects) = (std::mem::take(&mut self.index), std::mem::take(&mut self.objects));
        let packed = self.deflate(&[&index, &objects]);
        self.place(at, &entries, b"/Filter/FlateDecode", &packed);
        (self.index, self.objects) = (index, objects);
        self.index.clear();
        self.objects.clear();
        self.waiting.clear();
    }

    fn place(&mut self, at: u32, entries: &[u8], filter: &[u8], data: &[u8]) {
        self.places[at as usize] = Place::At(self.out.len() as u32);
        number(&mut self.out, at as i32);
        self.out.extend_from_slice(b" 0 obj\n<<");
        self.out.extend_from_slice(entries);
        self.out.extend_from_slice(filter);
        self.out.extend_from_slice(b"/Length ");
        number(&mut self.out, data.len() as i32);
        self.out.extend_from_slice(b">>stream\n");
        self.out.extend_from_slice(data);
        self.out.extend_from_slice(b"\nendstream\nendobj\n");
    }

    fn deflate(&mut self, parts: &[&[u8]]) -> Vec<u8> {
        self.packer.reset();
        deflate(&mut self.packer, parts)
    }
}

/// Compresses as small as can be, for what is kept for the life of the process.
pub fn deflate_once(data: &[u8]) -> Vec<u8> {
    deflate(&mut Compress::new(Compression::new(9), true), &[data])
}

fn deflate(packer: &mut Compress, parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    let mut packed = Vec::with_capacity(size / 2 + 1024);
    for (at, part) in parts.iter().enumerate() {
        let flush = if at + 1 == parts.len() { FlushCompress::Finish } else { FlushCompress::None };
        let start = packer.total_in();
        loop {
            let from = (packer.total_in() - start) as usize;
            let status = packer.compress_vec(&part[from..], &mut packed, flush);
            let status = status.expect("deflate takes any bytes");
            let taken = (packer.total_in() - start) as usize == part.len();
            let done = match flush {
                FlushCompress::Finish => status == flate2::Status::StreamEnd,
                _ => taken,
            };
            if done {
                break;
            }
            packed.reserve(size / 4 + 1024);
        }
    }
    packed
}
