//! A world is a function of its seed.

use cartback::policy::OnUnknown;

use super::live;
use crate::setting::Setting;
use crate::weather::Weather;

#[test]
fn the_same_seed_gives_the_same_history() {
    let setting = Setting::new(OnUnknown::Resend);
    let weather = Weather::rough(20);
    let runs = [1, 1, 2].map(|seed| live(seed, &setting, &weather, None).history);
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}
