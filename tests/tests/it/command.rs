//! `cartback why` and `cartback preview`, as an operator runs them.

use std::fs;
use std::path::Path;
use std::process::Command;

use cartback_tests::samples::SETTINGS;
use serde_json::{Value, json};

use super::process::{Folder, Process, cartback, run, run_beside, spam_filter};

#[test]
fn why_tells_of_a_mail_a_wait_and_what_is_next() {
    let runner = Local::start(&[]);
    runner.post("/shop/events", &event("c1"));
    let port = runner.port();
    let told = run(&["why", "demo", "c1", "--port", port]).output;
    for words in [
        "Cart c1 of shop demo: open",
        "a***@example.com, consent granted",
        "next     nudge at",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    runner.post("/local/clock", &json!({ "advance_s": 3600 }));
    let told = run(&["why", "demo", "c1", "--port", port]).output;
    for words in [
        "nudge      send   All rules allow it.",
        "next     follow_up at",
        "All rules allowed the nudge mail to leave",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("ada@example.com"), "{told}");
}

#[test]
fn why_says_what_is_wrong_with_the_question() {
    let runner = Local::start(&[]);
    let ended = run(&["why", "demo", "lost", "--port", runner.port()]);
    assert!(!ended.is_success);
    assert!(
        ended.errors.contains("shop `demo` has no cart `lost`"),
        "{}",
        ended.errors
    );
    // Port 1 answers nobody on any machine of ours.
    let ended = run(&["why", "demo", "lost", "--port", "1"]);
    assert!(
        ended.errors.contains("no local Cartback answers on port 1"),
        "{}",
        ended.errors
    );
}

#[test]
fn decisions_of_the_local_runner_come_out_bit_for_bit() {
    let folder = Folder::new("record");
    let record = folder.0.join("decisions.jsonl").display().to_string();
    // A second life goes on at the end of the file.
    for cart in ["c1", "c2"] {
        let runner = Local::start(&["--record", &record]);
        runner.post("/shop/events", &event(cart));
        runner.post("/local/clock", &json!({ "advance_s": 3600 }));
    }
    let again = run(&["replay", "--decisions", &record]);
    assert!(again.is_success, "{}{}", again.output, again.errors);
    assert!(
        again.output.starts_with("2 decisions made again"),
        "{}",
        again.output
    );
}

#[test]
fn preview_writes_both_parts_of_a_mail() {
    let folder = Folder::new("preview");
    let shop = folder.file("shop.toml", SETTINGS);
    let own = folder.file("cart.json", &event("c1").to_string());
    let out = folder.0.join("mail.html");
    let (shop, out_text) = (shop.to_str().unwrap(), out.to_str().unwrap());
    for stage in ["nudge", "follow_up", "final"] {
        for cart in [&[][..], &["--cart", own.to_str().unwrap()]] {
            let args = [
                "preview", "--shop", shop, "--stage", stage, "--out", out_text,
            ];
            let ended = run(&[&args, cart].concat());
            assert!(ended.is_success, "{}", ended.errors);
            assert!(ended.output.starts_with("Subject  "), "{}", ended.output);
            let html = fs::read_to_string(&out).unwrap();
            let text = fs::read_to_string(out.with_extension("txt")).unwrap();
            assert!(html.contains("</html>") && text.contains("https://links.shop.example/"));
            assert!(
                !text.contains("1970"),
                "a deadline is still to come: {text}"
            );
            assert_eq!(html.contains("Lantern"), !cart.is_empty());
        }
    }
    let bare = folder.file("bare.json", r#"{"type":"payment.failed","cart_id":"c1"}"#);
    let args = [
        "preview", "--shop", shop, "--stage", "nudge", "--out", out_text, "--cart",
    ];
    let ended = run(&[&args[..], &[bare.to_str().unwrap()]].concat());
    assert!(
        ended.errors.contains("give a cart.updated event"),
        "{}",
        ended.errors
    );
}

#[test]
fn preview_tells_the_spam_score_or_how_to_get_one() {
    let folder = Folder::new("score");
    let shop = folder.file("shop.toml", SETTINGS);
    let out = folder.0.join("mail.html").display().to_string();
    let args = [
        "preview",
        "--shop",
        shop.to_str().unwrap(),
        "--stage",
        "nudge",
        "--out",
        &out,
    ];
    let told = run(&args);
    assert!(told.is_success, "{}", told.errors);
    assert!(
        told.output
            .contains("Spam     SpamAssassin is not installed here"),
        "{}",
        told.output
    );
    assert!(
        told.output.contains("apt-get install spamassassin"),
        "{}",
        told.output
    );
    let told = run_beside(&spam_filter(&Folder::new("filter")), &args).output;
    assert!(
        told.ends_with("Spam     0.3 points by SpamAssassin (STAND_IN)\n"),
        "{told}"
    );
}

#[test]
fn preview_shows_an_example_of_the_shops_offer_that_says_that_it_is_one() {
    let folder = Folder::new("example");
    let offers = "
        [policy.offers]
        margin_percent = 45
        margin_floor_percent = 25
        [[policy.offers.ladder]]
        stage = \"final\"
        percent = 15
        code = \"SECRET-CODE\"
        expires_at = \"2031-12-31T23:59:00Z\"
    ";
    let shop = folder.file("shop.toml", &format!("{SETTINGS}{offers}"));
    let bare = folder.file("bare.toml", SETTINGS);
    let out = folder.0.join("mail.html");
    let look = |shop: &Path, stage, more: &[&str]| {
        let (shop, out) = (shop.to_str().unwrap(), out.to_str().unwrap());
        let args = ["preview", "--shop", shop, "--stage", stage, "--out", out];
        let told = run(&[&args, more].concat()).output;
        let text = fs::read_to_string(out.replace(".html", ".txt")).unwrap();
        (told, text)
    };
    let (told, text) = look(&shop, "final", &["--offer"]);
    assert!(told.contains("Offer    The offer is an example"), "{told}");
    for shown in ["15%", "EXAMPLE", "December 31, 2031"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("SECRET-CODE"), "{text}");
    let (told, text) = look(&shop, "final", &[]);
    assert!(
        !told.contains("Offer") && !text.contains("EXAMPLE"),
        "{told}{text}"
    );
    for (shop, stage, why) in [
        (&shop, "nudge", "A nudge never carries an offer."),
        (&shop, "follow_up", "no rung for this reminder"),
        (&bare, "final", "no [policy.offers]"),
    ] {
        let (told, text) = look(shop, stage, &["--offer"]);
        assert!(
            told.contains(why) && !text.contains("EXAMPLE"),
            "{told}{text}"
        );
    }
}

#[test]
fn a_shop_speaks_its_own_words() {
    let (folder, shop) = worded_shop("words");
    let out = folder.0.join("mail.html");
    for (language, told) in [
        ("de", "Wo hakt es?"),
        ("en", "Did you have trouble checking out?"),
    ] {
        let mut args = vec!["preview", "--shop", &shop, "--stage", "nudge"];
        args.extend(["--out", out.to_str().unwrap(), "--language", language]);
        let ended = run(&args);
        assert!(
            ended.output.contains(told),
            "{}{}",
            ended.output,
            ended.errors
        );
        assert!(fs::read_to_string(&out).unwrap().contains(told));
    }
}

#[test]
fn each_fault_of_a_shops_words_has_a_file_and_a_line() {
    let (folder, shop) = worded_shop("faults");
    for (file, text, told) in WORDING_FAULTS {
        let own = folder.0.join("shop").join(file);
        let good = fs::read_to_string(&own).ok();
        fs::write(&own, text).unwrap();
        let checked = run(&["shop", "check", &shop]);
        assert!(!checked.is_success, "{file}: {text}");
        assert!(checked.errors.contains(told), "{file}: {}", checked.errors);
        match good {
            Some(good) => fs::write(&own, good).unwrap(),
            None => fs::remove_file(&own).unwrap(),
        }
    }
    assert!(run(&["shop", "check", &shop]).is_success);
}

/// A file of the shop, what is wrong in it, and what is said of that.
const WORDING_FAULTS: [(&str, &str, &str); 8] = [
    (
        "messages/de.ftl",
        "\nnudge-titel = x\n",
        "de.ftl:2: there is no message `nudge-titel`",
    ),
    (
        "messages/de.ftl",
        "nudge-title = Jetzt!\n",
        "de.ftl:1: `nudge-title` urges (\"jetzt\")",
    ),
    (
        "messages/de.ftl",
        "nudge-title = { $price }\n",
        "de.ftl:1: `nudge-title` has no variable `$price`",
    ),
    (
        "messages/de.ftl",
        "statement-savings = Viel gespart\n",
        "de.ftl:1: `statement-savings` must say `$amount`",
    ),
    (
        "messages/xx.ftl",
        "nudge-title = x\n",
        "xx.ftl:1: name the file by its language",
    ),
    (
        "templates/nudge/subject.txt",
        "\n{{ brand.phone }}",
        "subject.txt:2: there is no value `brand.phone`",
    ),
    (
        "templates/nudge/subject.txt",
        "Hurry!",
        "subject.txt:1: the template urges (\"hurry\")",
    ),
    (
        "templates/nudge/body.mjml",
        "<mjml><mj-body><mj-textt /></mj-body></mjml>",
        "body.mjml:1: ",
    ),
];

/// A shop with a sentence and a template of its own, and its settings file.
fn worded_shop(name: &str) -> (Folder, String) {
    let folder = Folder::new(name);
    let shop = folder.file("shop.toml", SETTINGS);
    for part in ["messages", "templates/nudge"] {
        fs::create_dir_all(folder.0.join("shop").join(part)).unwrap();
    }
    folder.file("shop/messages/de.ftl", "nudge-title = Wo hakt es?\n");
    let subject = "{{ brand.name }}: {{ t(\"nudge-title\") }}\n";
    folder.file("shop/templates/nudge/subject.txt", subject);
    let shop = shop.to_str().unwrap().to_owned();
    let checked = run(&["shop", "check", &shop]);
    assert!(checked.is_success, "{}", checked.errors);
    (folder, shop)
}

/// A running `cartback local` in memory.
struct Local {
    _process: Process,
    origin: String,
}

impl Local {
    fn start(more: &[&str]) -> Self {
        let mut command = Command::new(cartback());
        let mut process = Process::start(command.args(["local", "--port", "0"]).args(more));
        let origin = process.says("Cartback runs at ");
        Self {
            _process: process,
            origin,
        }
    }

    fn port(&self) -> &str {
        self.origin.rsplit_once(':').unwrap().1
    }

    fn post(&self, path: &str, body: &Value) {
        let answer = ureq::post(format!("{}{path}", self.origin)).send(body.to_string());
        assert!(answer.unwrap().status().is_success());
    }
}

fn event(cart: &str) -> Value {
    json!({
        "type": "cart.updated",
        "cart": { "id": cart, "currency": "USD",
                  "items": [{ "id": "a", "title": "Lantern", "quantity": 1, "price": "49.00" }] },
        "contact": { "email": "ada@example.com" },
        "consent": { "state": "granted", "basis": "express" },
    })
}
