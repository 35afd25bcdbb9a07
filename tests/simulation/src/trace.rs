//! All that happens in one world, for whoever looks for the cause of a break.

use std::process::ExitCode;

use cartback::policy::OnUnknown;
use cartback_simulation::checker::check;
use cartback_simulation::lives::live;
use cartback_simulation::setting::Setting;
use cartback_simulation::weather::Weather;
use jiff::Timestamp;

use crate::figures::N_SHOPPERS;

/// A weather of so many shoppers.
type Making = fn(usize) -> Weather;

/// The kinds of worlds in which whole lives are played.
const WEATHERS: [(&str, Making); 6] = [
    ("stormy", Weather::stormy),
    ("deploying", Weather::deploying),
    ("deaf", Weather::deaf),
    ("troubled", Weather::troubled),
    ("lossy", Weather::lossy),
    ("rough", Weather::rough),
];

/// Plays the world that `args` name by weather and seed, and prints its history and what the checker says.
pub(crate) fn run(args: &[String]) -> ExitCode {
    let [name, seed] = args else {
        return misused();
    };
    let weather = WEATHERS.iter().find(|(known, _)| known == name);
    let (Some((_, weather)), Ok(seed)) = (weather, seed.parse()) else {
        return misused();
    };
    let setting = Setting::new(OnUnknown::Resend);
    let weather = weather(N_SHOPPERS);
    let history = live(seed, &setting, &weather, None).history;
    for line in &history {
        match Timestamp::from_millisecond(line.at_ms) {
            Ok(at) => println!("{at} {:?}", line.fact),
            Err(_) => println!("{} {:?}", line.at_ms, line.fact),
        }
    }
    let report = check(&history, &setting.promises(&weather));
    println!("{report:#?}");
    ExitCode::SUCCESS
}

fn misused() -> ExitCode {
    let names = WEATHERS.map(|(name, _)| name).join(", ");
    println!("Say which world: trace WEATHER SEED, as in `trace deaf 409`. Weathers: {names}.");
    ExitCode::FAILURE
}
