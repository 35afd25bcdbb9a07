//! Works off one stage's due reminders at each tick of its schedule.

pub mod handler;
