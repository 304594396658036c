//! The program's memory: what is free goes back to the system.
//!
//! The allocator raises its own thresholds as it goes, so that a server that reads one area's facts after
//! another would keep the room of all of them between what it still needs.

/// Holds the allocator to its first thresholds, and to two heaps however many threads there are.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallopt only sets numbers of the allocator")]
pub fn give_back() {
    const LARGE: i32 = 128 * 1024;
    for (parameter, value) in
        [(libc::M_MMAP_THRESHOLD, LARGE), (libc::M_TRIM_THRESHOLD, 2 * LARGE), (libc::M_ARENA_MAX, 2)]
    {
        // SAFETY: it may be called at any time, and any number is allowed.
        unsafe { libc::mallopt(parameter, value) };
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
