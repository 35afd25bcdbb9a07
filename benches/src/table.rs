//! Tables, and the goals that rows are held against.

use std::fmt::Write;
use std::time::Duration;

/// A heading, a sentence on what was done, and rows.
pub(crate) struct Section {
    /// What is measured.
    pub(crate) title: String,
    /// How, and what the columns mean.
    pub(crate) note: String,
    /// The columns' names.
    pub(crate) columns: Vec<String>,
    /// As many cells as there are columns.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Section {
    /// An empty one.
    pub(crate) fn new(title: &str, note: &str, columns: &[&str]) -> Self {
        Self {
            title: title.to_owned(),
            note: note.to_owned(),
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[String]) {
        assert_eq!(cells.len(), self.columns.len(), "{}", self.title);
        self.rows.push(cells.to_vec());
    }
}

/// A goal that a figure is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

impl Goal {
    /// "at most 10, met" or "at most 10, MISSED".
    pub(crate) fn verdict(self, figure: f64) -> String {
        let (words, is_met) = match self {
            Self::AtMost(limit) => (format!("at most {}", plain(limit)), figure <= limit),
            Self::AtLeast(limit) => (format!("at least {}", plain(limit)), limit <= figure),
        };
        format!("{words}: {}", if is_met { "met" } else { "**missed**" })
    }
}

/// Why some goals are missed.
const NOTES: &str = include_str!("../notes.md");

/// The whole document, as Markdown that a terminal can show too.
pub(crate) fn document(machine: &[String], sections: &[Section], is_quick: bool) -> String {
    let mut text = String::from("# Benchmarks\n\n");
    let command = if is_quick {
        "make bench-quick"
    } else {
        "make bench"
    };
    writeln!(text, "Written by `{command}`: {}.\n", machine.join("; ")).unwrap();
    for section in sections {
        writeln!(text, "## {}\n\n{}\n", section.title, section.note).unwrap();
        text.push_str(&grid(section));
        text.push('\n');
    }
    text.push_str(NOTES);
    text
}

fn grid(section: &Section) -> String {
    let lines = || std::iter::once(&section.columns).chain(&section.rows);
    let width = |column: usize| {
        lines()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..section.columns.len()).map(width).collect();
    let mut text = String::new();
    for (n, row) in lines().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            // Figures to the right, words to the left.
            if column == 0 || !cell.starts_with(|c: char| c.is_ascii_digit()) {
                write!(text, "| {cell}{pad} ").unwrap();
            } else {
                write!(text, "| {pad}{cell} ").unwrap();
            }
        }
        text.push_str("|\n");
        if n == 0 {
            let rule: Vec<_> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
            writeln!(text, "|{}|", rule.join("|")).unwrap();
        }
    }
    text
}

/// Milliseconds with two digits.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Microseconds.
pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Three digits that matter, grouped by thousands.
pub(crate) fn plain(figure: f64) -> String {
    if figure.abs() >= 1_000.0 {
        let digits = format!("{figure:.0}");
        let mut text = String::new();
        for (n, digit) in digits.chars().enumerate() {
            if n != 0 && (digits.len() - n).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    } else if figure.abs() >= 100.0 || figure.fract() == 0.0 {
        format!("{figure:.0}")
    } else if figure.abs() >= 10.0 {
        format!("{figure:.1}")
    } else {
        format!("{figure:.2}")
    }
}

/// The middle one.
pub(crate) fn median<T: Copy + Ord>(figures: &[T]) -> T {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}
