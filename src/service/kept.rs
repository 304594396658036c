//! What was read or worked out lately, kept in as much memory as is set aside for it.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard},
};

/// Values by their keys. Where they outgrow their room, those that were used longest ago go first.
///
/// Nothing is read or worked out while its lock is held.
pub struct Kept<K, T> {
    most: usize,
    inner: Mutex<Inner<K, T>>,
}

struct Inner<K, T> {
    entries: HashMap<K, Entry<T>>,
    size: usize,
    /// Grows with every use.
    uses: u64,
}

struct Entry<T> {
    seen: u64,
    used: u64,
    size: usize,
    value: Arc<T>,
}

impl<K: Hash + Eq + Clone, T> Kept<K, T> {
    /// Room for values whose sizes add up to `most`.
    pub fn new(most: usize) -> Kept<K, T> {
        Kept { most, inner: Mutex::new(Inner { entries: HashMap::new(), size: 0, uses: 0 }) }
    }

    /// The value of a key, and the mark at which it was last known to be right.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<(u64, Arc<T>)>
    where
        K: Borrow<Q>,
    {
        let mut inner = self.lock();
        inner.uses += 1;
        let uses = inner.uses;
        let entry = inner.entries.get_mut(key)?;
        entry.used = uses;
        Some((entry.seen, Arc::clone(&entry.value)))
    }

    /// The value of a key where it was known to be right at `mark`.
    pub fn at<Q: Hash + Eq + ?Sized>(&self, key: &Q, mark: u64) -> Option<Arc<T>>
    where
        K: Borrow<Q>,
    {
        self.get(key).filter(|(seen, _)| *seen == mark).map(|(_, value)| value)
    }

    /// Says that what is kept was right at `mark` too.
    pub fn still_right<Q: Hash + Eq + ?Sized>(&self, key: &Q, mark: u64)
    where
        K: Borrow<Q>,
    {
        if let Some(entry) = self.lock().entries.get_mut(key) {
            entry.seen = entry.seen.max(mark);
        }
    }

    /// Keeps a value that was right at `mark`. What is larger than all the room there is, is not kept.
    pub fn put(&self, key: K, mark: u64, size: usize, value: Arc<T>) {
        let mut inner = self.lock();
        inner.uses += 1;
        let entry = Entry { seen: mark, used: inner.uses, size, value };
        if let Some(earlier) = inner.entries.remove(&key) {
            inner.size -= earlier.size;
        }
        if size > self.most {
            return;
        }
        inner.size += size;
        inner.entries.insert(key, entry);
        if inner.size > self.most {
            inner.make_room(self.most - self.most / 8);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K, T>> {
        self.inner.lock().expect("nobody stops while holding it")
    }
}

impl<K: Hash + Eq + Clone, T> Inner<K, T> {
    /// Lets go of what was used longest ago until no more than `most` is left, so that it is seldom done.
    fn make_room(&mut self, most: usize) {
        let mut oldest: Vec<(u64, K)> =
            self.entries.iter().map(|(key, entry)| (entry.used, key.clone())).collect();
        oldest.sort_unstable_by_key(|(used, _)| *used);
        // The newest stays, however large it is.
        oldest.pop();
        for (_, key) in oldest {
            if self.size <= most {
                return;
            }
            if let Some(entry) = self.entries.remove(&key) {
                self.size -= entry.size;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let kept: Kept<&str, u32> = Kept::new(3);
        for (number, name) in [(1, "a"), (2, "b"), (3, "c")] {
            kept.put(name, 1, 1, Arc::new(number));
        }
        assert_eq!(kept.at("a", 1).as_deref(), Some(&1));
        kept.put("d", 1, 1, Arc::new(4));
        let left: Vec<bool> = ["a", "b", "c", "d"].map(|name| kept.get(name).is_some()).to_vec();
        assert_eq!(left, [true, false, true, true]);
    }

    #[test]
    fn what_is_old_is_known_to_be() {
        let kept: Kept<String, u32> = Kept::new(10);
        kept.put("a".into(), 1, 1, Arc::new(1));
        assert!(kept.at("a", 2).is_none());
        kept.still_right("a", 2);
        assert!(kept.at("a", 2).is_some());
        kept.put("large".into(), 2, 11, Arc::new(2));
        assert!(kept.get("large").is_none());
    }
}
