//! Guarantees (first probe).
#![expect(clippy::print_stdout, clippy::float_arithmetic, clippy::cast_precision_loss, reason = "x")]
use cartback_simulation::{checker::{Report, check}, fault::Rates, lives::{Weather, live}, setting::Setting, sabotage::Sabotage};
use cartback::policy::OnUnknown;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n: u64 = args[1].parse().unwrap_or(10);
    let n_shoppers: usize = args[2].parse().unwrap_or(100);
    let crash: u32 = args[3].parse().unwrap_or(100);
    let loss: u32 = args[4].parse().unwrap_or(0);
    let setting = Setting::new(if args.get(5).is_some() { OnUnknown::Presume } else { OnUnknown::Resend });
    let sabotages: Vec<Option<Sabotage>> = if args.get(6).is_some() { Sabotage::ALL.into_iter().map(Some).collect() } else { vec![None] };
    for sabotage in sabotages {
    let weather = Weather { rates: Rates { crash, lost_reply: crash, refusal: crash, lost_evidence: loss, slow: 20 }, n_shoppers, has_outages: true };
    let mut report = Report::default();
    let (mut carts, mut calls, mut crashes) = (0, 0, 0);
    let began = std::time::Instant::now();
    for seed in 0..n {
        let run = live(seed, &setting, &weather, sabotage);
        let r = check(&run.history, &setting.shop.policy);
        if sabotage.is_none() && r.n_broken() > 0 { println!("seed {seed}: {:?} {:?}", r.broken, r.first); }
        report.add(r); carts += run.n_carts; calls += run.n_calls; crashes += run.n_crashes;
    }
    let s = began.elapsed().as_secs_f64();
    println!("{sabotage:?} carts {carts} calls {calls} crashes {crashes} in {s:.2}s = {:.1} us/cart {:?} stages {} mails {} missed {} late {}", s * 1e6 / carts as f64, report.broken, report.n_stages, report.n_mails, report.n_missed, report.n_too_late);
    }
}
