//! How often what goes wrong in a world.

use crate::fault::Rates;

/// How a world is.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// What goes wrong, and how often.
    pub rates: Rates,
    /// Shoppers of one world.
    pub n_shoppers: usize,
    /// Whether the schedule sometimes pauses for hours and the table for minutes.
    pub has_outages: bool,
    /// Whether new versions are deployed, with other settings, while everything goes on.
    pub has_deploys: bool,
    /// Whether the provider's events are lost for hours now and then, all of them.
    pub has_deafness: bool,
    /// Whether something befalls the shop for hours, so that its reminders must wait.
    pub has_trouble: bool,
}

impl Weather {
    /// Everything goes wrong now and then, but the provider's events always come.
    #[must_use]
    pub fn stormy(n_shoppers: usize) -> Self {
        let rates = Rates {
            crash: 100,
            lost_reply: 100,
            refusal: 100,
            lost_evidence: 0,
            slow: 20,
        };
        Self {
            rates,
            n_shoppers,
            has_outages: true,
            has_deploys: false,
            has_deafness: false,
            has_trouble: false,
        }
    }

    /// Stormy, and two versions of the program at work every few hours.
    #[must_use]
    pub fn deploying(n_shoppers: usize) -> Self {
        Self {
            has_deploys: true,
            ..Self::stormy(n_shoppers)
        }
    }

    /// Stormy, and now and then the provider's events are lost for hours.
    #[must_use]
    pub fn deaf(n_shoppers: usize) -> Self {
        Self {
            has_deafness: true,
            ..Self::stormy(n_shoppers)
        }
    }

    /// Stormy, and orders stay away, mails bounce, or the operator pauses the shop.
    #[must_use]
    pub fn troubled(n_shoppers: usize) -> Self {
        Self {
            has_trouble: true,
            ..Self::stormy(n_shoppers)
        }
    }

    /// Worse than any real day, so that a broken protocol shows soon.
    #[must_use]
    pub fn rough(n_shoppers: usize) -> Self {
        let rates = Rates {
            crash: 300,
            lost_reply: 300,
            refusal: 300,
            lost_evidence: 0,
            slow: 300,
        };
        Self {
            rates,
            ..Self::deaf(n_shoppers)
        }
    }

    /// One crash in a hundred calls, and the provider's events of one mail in a hundred lost.
    #[must_use]
    pub fn lossy(n_shoppers: usize) -> Self {
        let rates = Rates {
            crash: 100,
            lost_evidence: 100,
            ..Rates::default()
        };
        Self {
            rates,
            n_shoppers,
            has_outages: false,
            has_deploys: false,
            has_deafness: false,
            has_trouble: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use cartback::policy::OnUnknown;

    use super::Weather;
    use crate::checker::check;
    use crate::lives::live;
    use crate::report::{Promise, Report};
    use crate::setting::Setting;

    #[test]
    fn every_promise_holds_in_stormy_weather() {
        let setting = Setting::new(OnUnknown::Resend);
        let mut report = Report::default();
        for seed in 0..20 {
            let run = live(seed, &setting, &Weather::stormy(60), None);
            report.add(check(&run.history, &setting.shop.policy));
        }
        assert_eq!(report.n_broken(), 0, "{report:?}");
        assert!(500 < report.n_mails, "{report:?}");
    }

    #[test]
    fn every_promise_holds_while_two_versions_are_at_work() {
        for on_unknown in [OnUnknown::Resend, OnUnknown::Presume] {
            let setting = Setting::new(on_unknown);
            let weather = Weather::deploying(60);
            let mut report = Report::default();
            let mut n_unreadable = 0;
            for seed in 0..20 {
                let run = live(seed, &setting, &weather, None);
                report.add(check(&run.history, &setting.promises(&weather)));
                n_unreadable += run.n_unreadable;
            }
            assert_eq!(report.n_broken(), 0, "{report:?}");
            assert!(500 < report.n_mails, "{report:?}");
            assert!(50 < n_unreadable, "{n_unreadable} reads met a newer form");
        }
    }

    #[test]
    fn hours_without_any_evidence_never_make_a_mail_go_twice() {
        let setting = Setting::new(OnUnknown::Resend);
        let mut report = Report::default();
        for seed in 0..20 {
            let run = live(seed, &setting, &Weather::deaf(60), None);
            report.add(check(&run.history, &setting.shop.policy));
        }
        assert_eq!(report.n_broken(), 0, "{report:?}");
        assert!(500 < report.n_mails, "{report:?}");
    }

    #[test]
    fn a_troubled_shop_sends_nothing_and_sends_again_when_it_is_over() {
        let setting = Setting::new(OnUnknown::Resend);
        let mut report = Report::default();
        for seed in 0..30 {
            let run = live(seed, &setting, &Weather::troubled(60), None);
            report.add(check(&run.history, &setting.shop.policy));
        }
        assert_eq!(report.n_broken(), 0, "{report:?}");
        assert!(20 < report.n_withheld, "{report:?}");
        assert!(100 < report.n_resumed, "{report:?}");
    }

    #[test]
    fn presuming_never_sends_twice_even_without_evidence() {
        let setting = Setting::new(OnUnknown::Presume);
        let mut report = Report::default();
        for seed in 0..10 {
            let run = live(seed, &setting, &Weather::lossy(60), None);
            report.add(check(&run.history, &setting.shop.policy));
        }
        assert_eq!(report.count(Promise::Duplicate), 0, "{report:?}");
    }
}
