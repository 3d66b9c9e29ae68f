//! An operation's closure with the way back to its caller, without its types.
//!
//! What runs transactions handles a [`Job`] and so is compiled once, not once for each operation:
//! there are hundreds of them, and half of the program's code was copies of the same few loops.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::{Failure, StoreError, Tx};

/// A closure that waits for its transaction.
pub(crate) trait Job: Send {
    /// Runs the closure once; what an earlier try gave is forgotten.
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;

    /// Whether somebody still waits for the answer. Who was told that it did not come in time must not
    /// find later that it was done after all.
    fn is_wanted(&self) -> bool;

    /// Answers the caller: with what the closure gave last, or with the error that kept it from
    /// being run or committed.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// What is to become of what a closure wrote.
pub(crate) enum Verdict {
    Keep,
    /// The closure gave an error; the store's own, if that is what it is.
    Discard(Option<StoreError>),
}

/// Where the answer to a job comes.
pub(crate) struct Answer<T, E> {
    reply: oneshot::Receiver<Result<T, E>>,
}

struct Call<T, E, F> {
    work: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

/// Makes a job of a closure.
pub(crate) fn job<T, E, F>(work: F) -> (Box<dyn Job>, Answer<T, E>)
where
    T: Send + 'static,
    E: Failure,
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    (Box::new(Call { work, result: None, reply: sender }), Answer { reply: receiver })
}

impl<T, E: Failure> Answer<T, E> {
    /// Waits for it.
    pub(crate) async fn get(self) -> Result<T, E> {
        let gone = || StoreError::Bug("a transaction went away without an answer".to_owned());
        self.reply.await.unwrap_or_else(|_| Err(gone().into()))
    }
}

impl<T, E, F> Job for Call<T, E, F>
where
    T: Send,
    E: Failure,
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)))
            .unwrap_or_else(|_| Err(StoreError::Bug("an operation panicked".to_owned()).into()));
        let result = tx.judged(result);
        let verdict = match &result {
            Ok(_) => Verdict::Keep,
            Err(error) => Verdict::Discard(error.store_error().cloned()),
        };
        self.result = Some(result);
        verdict
    }

    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let answer = match (outcome, self.result) {
            (Ok(()), Some(result)) => result,
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => {
                Err(StoreError::Bug("a queued transaction never ran".to_owned()).into())
            }
        };
        // A caller who has gone away (a closed connection) does not need its answer.
        drop(self.reply.send(answer));
    }
}
