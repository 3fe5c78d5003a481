//! Log lines on their way out: written many at a time, because a write costs more than all else of a line.
//!
//! A line waits for at most [`LATE`]; a warning or an error goes at once, with what waits before it. A process that is
//! killed takes with it what it said within that time.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Too short for whoever looks on.
const LATE: Duration = Duration::from_millis(50);
/// So many bytes do not wait.
const MOST: usize = 32 * 1024;

/// Where the subscriber writes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LogLines(Arc<Shared>);

struct Shared {
    waiting: Mutex<Vec<u8>>,
    filled: Condvar,
    /// Locked before `waiting`, so that lines keep their order.
    out: Mutex<Box<dyn Write + Send>>,
}

/// Writes what waits, when it is dropped.
pub struct LastLines(LogLines);

impl Drop for LastLines {
    fn drop(&mut self) {
        self.0.0.write_out();
    }
}

impl LogLines {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// If the system has no thread for it.
    pub(crate) fn start(out: Box<dyn Write + Send>) -> io::Result<(Self, LastLines)> {
        let shared =
            Arc::new(Shared { waiting: Mutex::default(), filled: Condvar::new(), out: Mutex::new(out) });
        let lines = Self(Arc::clone(&shared));
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                shared.wait_for_lines();
                thread::sleep(LATE);
                shared.write_out();
            }
        })?;
        Ok((lines.clone(), LastLines(lines)))
    }
}

impl Shared {
    fn add(&self, line: &[u8], at_once: bool) {
        let mut waiting = locked(&self.waiting);
        let is_first = waiting.is_empty();
        waiting.extend_from_slice(line);
        let is_full = waiting.len() >= MOST;
        drop(waiting);
        if at_once || is_full {
            self.write_out();
        } else if is_first {
            self.filled.notify_one();
        }
    }

    fn wait_for_lines(&self) {
        let waiting = locked(&self.waiting);
        drop(self.filled.wait_while(waiting, |waiting| waiting.is_empty()));
    }

    fn write_out(&self) {
        let mut out = locked(&self.out);
        let lines = mem::take(&mut *locked(&self.waiting));
        // There is nobody to tell that nothing can be told.
        let _ = out.write_all(&lines).and_then(|()| out.flush());
    }
}

fn locked<T: ?Sized>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> MakeWriter<'a> for LogLines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: &self.0, at_once: true }
    }

    fn make_writer_for(&'a self, of: &Metadata<'_>) -> Line<'a> {
        Line { lines: &self.0, at_once: *of.level() <= Level::WARN }
    }
}

/// One line of the log.
pub(crate) struct Line<'a> {
    lines: &'a Shared,
    at_once: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line, self.at_once);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            locked(&self.0).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(locked(&self.0).clone()).unwrap()
        }
    }

    fn start() -> (Page, LogLines, LastLines) {
        let page = Page::default();
        let (lines, last) = LogLines::start(Box::new(page.clone())).unwrap();
        (page, lines, last)
    }

    #[test]
    fn line_comes_by_itself_and_an_urgent_one_at_once_behind_those_before_it() {
        let (page, lines, _last) = start();

        lines.0.add(b"one\n", false);
        let begun = Instant::now();
        while page.text() != "one\n" {
            assert!(begun.elapsed() < Duration::from_secs(10), "it never comes");
            thread::sleep(Duration::from_millis(1));
        }

        lines.0.add(b"two\n", false);
        lines.0.add(b"three\n", true);
        assert_eq!(page.text(), "one\ntwo\nthree\n");
    }

    #[test]
    fn much_goes_at_once_and_the_rest_at_the_end() {
        let (page, lines, last) = start();
        let long = vec![b'x'; MOST];

        lines.0.add(&long, false);
        assert_eq!(page.text().len(), MOST);
        lines.0.add(b"end\n", false);
        drop(last);

        assert!(page.text().ends_with("xend\n"));
    }

    #[test]
    fn lines_of_many_threads_are_whole_and_none_is_lost() {
        let (page, lines, last) = start();

        thread::scope(|scope| {
            for thread in 0..4 {
                let lines = &lines;
                scope.spawn(move || {
                    for n in 0..2_000 {
                        lines.0.add(format!("{thread}:{n}\n").as_bytes(), n % 100 == 0);
                    }
                });
            }
        });
        drop(last);

        let text = page.text();
        for thread in 0..4 {
            let prefix = format!("{thread}:");
            let told: Vec<usize> = text
                .lines()
                .filter_map(|line| line.strip_prefix(&prefix))
                .map(|n| n.parse().unwrap())
                .collect();
            assert_eq!(told, (0..2_000).collect::<Vec<_>>());
        }
    }
}
