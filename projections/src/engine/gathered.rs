//! Reads of one kind, gathered: what is asked while one statement is under way goes together into the next.
//!
//! Most of what a small statement costs does not depend on how many it answers. Where nobody else asks, nobody waits; a
//! statement begins after all of its questions were asked, so that no answer is older than its question.

use crate::queries::QueryError;
use futures::FutureExt;
use std::{future::Future, io::ErrorKind::TimedOut, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Questions in one statement.
const MOST: usize = 64;
/// A statement that takes longer is given up: others wait for it.
const BOUND: Duration = Duration::from_secs(10);

type Answer<A> = Result<A, Arc<sqlx::Error>>;

/// Cheap to clone.
pub(crate) struct Gathered<Q, A>(mpsc::Sender<(Q, oneshot::Sender<Answer<A>>)>);

impl<Q, A> Clone for Gathered<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: Send + 'static, A: Send + 'static> Gathered<Q, A> {
    /// `read` has one answer for each question, in the same order. It is run by a task, which ends with the last clone
    /// of this.
    pub(crate) fn new<R>(read: impl Fn(Vec<Q>) -> R + Send + 'static) -> Self
    where
        R: Future<Output = Result<Vec<A>, sqlx::Error>> + Send + 'static,
    {
        let (asked, mut questions) = mpsc::channel(MOST);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while questions.recv_many(&mut batch, MOST).await > 0 {
                let (questions, waiting): (Vec<Q>, Vec<_>) = batch.drain(..).unzip();
                let answers = timeout(BOUND, AssertUnwindSafe(read(questions)).catch_unwind());
                match answers.await {
                    Ok(Ok(answers)) => tell(waiting, answers),
                    // A panic is a defect of this read alone.
                    Ok(Err(_)) => tell(waiting, Err(sqlx::Error::WorkerCrashed)),
                    Err(_) => tell(waiting, Err(std::io::Error::from(TimedOut).into())),
                }
            }
        });
        Self(asked)
    }

    pub(crate) async fn ask(&self, question: Q) -> Result<A, QueryError> {
        let (waiting, answer) = oneshot::channel();
        // Neither fails but where the runtime ends.
        self.0.send((question, waiting)).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        Ok(answer.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
    }
}

/// Whoever has gone away meanwhile is not told.
fn tell<A>(waiting: Vec<oneshot::Sender<Answer<A>>>, answers: Result<Vec<A>, sqlx::Error>) {
    match answers {
        Ok(answers) => {
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                let _ = waiting.send(Ok(answer));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for waiting in waiting {
                let _ = waiting.send(Err(Arc::clone(&error)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::{
        sync::Mutex,
        sync::atomic::{AtomicUsize, Ordering},
    };

    const SHORT: Duration = Duration::from_millis(10);

    /// Doubles numbers a little later, and notes how many it was asked for together.
    fn doubled() -> (Gathered<u64, u64>, Arc<Mutex<Vec<usize>>>) {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&sizes);
        let gathered = Gathered::new(move |questions: Vec<u64>| {
            noted.lock().unwrap().push(questions.len());
            async move {
                tokio::time::sleep(SHORT).await;
                Ok(questions.into_iter().map(|n| 2 * n).collect())
            }
        });
        (gathered, sizes)
    }

    #[tokio::test]
    async fn everybody_gets_the_own_answer_and_those_who_wait_share_a_statement() {
        let (gathered, sizes) = doubled();

        let answers = join_all((0..200).map(|n| gathered.ask(n))).await;

        for (n, answer) in (0..).zip(answers) {
            assert_eq!(answer.unwrap(), 2 * n);
        }
        let sizes = sizes.lock().unwrap();
        assert_eq!(sizes.iter().sum::<usize>(), 200);
        assert!(sizes.iter().all(|size| *size <= MOST) && sizes.len() < 10, "{sizes:?}");
    }

    #[tokio::test]
    async fn question_is_read_after_it_was_asked() {
        let now = Arc::new(AtomicUsize::new(0));
        let read = Arc::clone(&now);
        // What it says is as of its beginning.
        let gathered = Gathered::new(move |questions: Vec<()>| {
            let at = read.load(Ordering::SeqCst);
            async move {
                tokio::time::sleep(SHORT).await;
                Ok(vec![at; questions.len()])
            }
        });

        let asks = (0..50).map(|n| {
            let (gathered, now) = (gathered.clone(), Arc::clone(&now));
            async move {
                tokio::time::sleep(SHORT * n / 7).await;
                let asked = now.fetch_add(1, Ordering::SeqCst) + 1;
                assert!(gathered.ask(()).await.unwrap() >= asked);
            }
        });

        join_all(asks).await;
    }

    #[tokio::test]
    async fn failed_statement_is_told_to_all_who_wait_and_the_next_one_is_tried() {
        let gathered = Gathered::new(|questions: Vec<u64>| async move {
            tokio::time::sleep(SHORT).await;
            if questions.contains(&0) { Err(sqlx::Error::PoolTimedOut) } else { Ok(questions) }
        });

        let first = join_all((0..3).map(|_| gathered.ask(0))).await;
        assert!(first.iter().all(|answer| matches!(answer, Err(QueryError::Gathered(_)))), "{first:?}");
        assert_eq!(gathered.ask(7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn panic_and_whoever_goes_away_leave_the_reader_to_others() {
        let gathered = Gathered::new(|questions: Vec<u64>| async move {
            assert!(!questions.contains(&0), "as the test wants it");
            tokio::time::sleep(SHORT).await;
            Ok(questions)
        });

        assert!(matches!(gathered.ask(0).await, Err(QueryError::Gathered(_))));
        assert!(gathered.ask(1).now_or_never().is_none());
        assert_eq!(gathered.ask(7).await.unwrap(), 7);
    }
}
