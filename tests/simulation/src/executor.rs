//! Runs invocations step by step on one thread, in the order in which their calls come back. Nothing
//! waits for real time; a task that dies is dropped where it stands.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::world::World;

/// The number of a task, never used twice.
pub type TaskId = u64;

/// A hard end of every invocation, as the Lambda time-out: the fence of the protocol.
pub const TIME_LIMIT_MS: i64 = 60_000;

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The use case returned success.
    Done,
    /// The use case returned an error.
    Failed,
    /// Killed, by a fault or by the time limit.
    Crashed,
}

/// Invocations under way, each with the errand `T` that it runs.
pub struct Executor<'w, T> {
    world: &'w World,
    tasks: Vec<Task<'w, T>>,
    next_id: TaskId,
}

struct Task<'w, T> {
    id: TaskId,
    errand: T,
    kill_at_ms: i64,
    flag: Arc<Flag>,
    future: Pin<Box<dyn Future<Output = bool> + 'w>>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<'w, T> Executor<'w, T> {
    /// Nothing under way.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        Self {
            world,
            tasks: Vec::new(),
            next_id: 0,
        }
    }

    /// The id that the next task will have; its ports carry it.
    #[must_use]
    pub fn next_id(&self) -> TaskId {
        self.next_id
    }

    /// Starts `future`, killed when it runs at `kill_at_ms` or later. Returns its errand and end if it
    /// ended at once.
    pub fn spawn(
        &mut self,
        errand: T,
        kill_at_ms: i64,
        future: impl Future<Output = bool> + 'w,
    ) -> Option<(T, End)> {
        let id = self.next_id;
        self.next_id += 1;
        self.tasks.push(Task {
            id,
            errand,
            kill_at_ms,
            flag: Arc::new(Flag(AtomicBool::new(true))),
            future: Box::pin(future),
        });
        self.poll(self.tasks.len() - 1)
    }

    /// Goes on with task `id`, one of whose calls has come back. Returns its errand and end if it ended.
    pub fn resume(&mut self, id: TaskId, waker: Waker) -> Option<(T, End)> {
        let index = self.tasks.iter().position(|task| task.id == id)?;
        if self.tasks[index].kill_at_ms <= self.world.now_ms() {
            self.world.note_crash();
            return Some((self.tasks.swap_remove(index).errand, End::Crashed));
        }
        waker.wake();
        self.poll(index)
    }

    fn poll(&mut self, index: usize) -> Option<(T, End)> {
        let task = &mut self.tasks[index];
        if !task.flag.0.swap(false, Ordering::Relaxed) {
            return None;
        }
        let waker = Waker::from(Arc::clone(&task.flag));
        let poll = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        let end = if self.world.take_doom() {
            self.world.note_crash();
            End::Crashed
        } else {
            match poll {
                Poll::Pending => return None,
                Poll::Ready(true) => End::Done,
                Poll::Ready(false) => End::Failed,
            }
        };
        Some((self.tasks.swap_remove(index).errand, end))
    }
}
