//! 10,000 titles, variants, pictures, names and languages of strangers: an HTML5 parser finds the elements
//! and attributes that the template wrote, and no other.

use std::cell::RefCell;

use cartback::compose::Known;
use cartback::event::{ContactDetails, LineItem};
use cartback::mail::Mail;
use cartback::stage::Stage;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::carts::{cart, contents, details, line, mail, shop};

const NOW: Timestamp = Timestamp::constant(1_782_950_430, 0);
const N_LINES: usize = 20;
/// Each with [`N_LINES`] hostile items: 10,000.
const N_CARTS: u32 = 500;

/// What a stranger can write into one item.
#[derive(Debug, Clone)]
struct Item {
    title: String,
    variant: String,
    image_url: String,
    id: String,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: N_CARTS, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_stranger_adds_an_element_an_attribute_a_header_or_a_foreign_link(
        items in prop::collection::vec(item(), N_LINES),
        name in hostile(),
        locale in prop_oneof![hostile(), "(de|ar|ja|fr|es|en)([-_][A-Z]{2})?".prop_map(String::from)],
        zone in hostile(),
        stage in prop::sample::select(Stage::ALL.to_vec()),
    ) {
        let person = |name: &str, locale: &str| ContactDetails {
            first_name: Some(name.to_owned()),
            time_zone: Some(zone.clone()),
            ..details(Some(locale))
        };
        let lines = items.iter().map(hostile_line).collect();
        let written = cart(contents(lines), person(&name, &locale), NOW);
        let written = mail(&written, stage, &Known::default(), NOW);
        let lines = items.iter().map(tame_line).collect();
        let tame = cart(contents(lines), person("Ada", &locale), NOW);
        let tame = mail(&tame, stage, &Known::default(), NOW);

        let (tags, expected) = (tags(&written.html), tags(&tame.html));
        let differs = tags.iter().zip(&expected).find(|(tag, other)| tag.shape != other.shape);
        prop_assert!(differs.is_none() && tags.len() == expected.len(), "{:?}", differs);
        for link in tags.iter().flat_map(|tag| &tag.links) {
            prop_assert!(is_shops(link), "{}", link);
        }
        for word in written.text.split_whitespace().filter(|word| word.starts_with("https://links.")) {
            prop_assert!(is_shops(word), "{}", word);
        }
        prop_assert_eq!(headers(&written), headers(&tame));
    }
}

/// Sender, addresses, subject and all other headers: a stranger has no part in any of them.
fn headers(mail: &Mail) -> Vec<(String, String)> {
    let own = [
        ("From", mail.from.clone()),
        ("To", mail.to.expose().to_owned()),
        ("Reply-To", mail.reply_to.expose().to_owned()),
        ("Subject", mail.subject.clone()),
    ];
    let further = mail
        .headers
        .iter()
        .map(|(name, value)| (*name, value.clone()));
    let all = own.into_iter().chain(further);
    all.map(|(name, value)| {
        assert!(
            !name.contains(char::is_control) && !value.contains(char::is_control),
            "{value:?}"
        );
        (name.to_owned(), value)
    })
    .collect()
}

/// As a browser reads it: `https`, at one of the shop's hosts, nobody's user name in front.
fn is_shops(link: &str) -> bool {
    let Ok(url) = url::Url::parse(link) else {
        return false;
    };
    let is_own = matches!(
        url.host_str(),
        Some("hearth.example" | "links.hearth.example")
    );
    let is_plain = url.username().is_empty() && url.port().is_none();
    (url.scheme() == "https" && is_own && is_plain) || link == "mailto:help@hearth.example"
}

fn hostile_line(item: &Item) -> LineItem {
    LineItem {
        variant: Some(item.variant.clone()),
        image_url: Some(item.image_url.clone()),
        ..line(&item.id, &item.title, 1_000)
    }
}

/// The same item as an honest shop would write it. A picture is there if it is the shop's.
fn tame_line(item: &Item) -> LineItem {
    let is_plain = item
        .image_url
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"\"'<>\\`{}|^".contains(&b));
    let is_shown = is_plain && shop().owns_url(&item.image_url);
    LineItem {
        variant: Some("Blue".to_owned()),
        image_url: is_shown.then(|| "https://hearth.example/1.jpg".to_owned()),
        ..line("sku", "Mug", 1_000)
    }
}

fn item() -> impl Strategy<Value = Item> {
    let url = prop_oneof![
        hostile(),
        hostile().prop_map(|text| format!("https://hearth.example/{text}")),
        hostile().prop_map(|text| format!("https://hearth.example{text}/x.png")),
        Just("https://hearth.example/x.png".to_owned()),
        Just("https://evil.example/x.png".to_owned()),
    ];
    let parts = (hostile(), hostile(), url, hostile());
    // A letter in front: an item without any gets a name of ours.
    parts.prop_map(|(title, variant, image_url, id)| Item {
        title: format!("t{title}"),
        variant: format!("v{variant}"),
        image_url,
        id,
    })
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[<>\"'&/=;#a-z \\r\\n\\x00@.:]{1,8}",
        "\\PC{1,4}",
        prop::sample::select(vec![
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "]]>",
            "<![endif]-->",
            "</style>",
            "</title>",
            "\" onload=\"",
            "' x='",
            "{{ 7*7 }}",
            "{% raw %}",
            "{#",
            "{ $n }",
            "{ \"x\" }",
            "&lt;",
            "&#60;b&#62;",
            "javascript:",
            "\u{202e}",
            "\u{2028}",
            "<svg/onload=",
            "http://evil.example",
            "\r\nBcc: eve@example.com\r\n\r\n",
            "evil.example",
            "<a href=https://evil.example>",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// A tag, or a comment, as a browser's tokenizer sees it.
#[derive(Debug, Clone)]
struct Tag {
    /// Kind, name and the names of its attributes.
    shape: String,
    /// Where it leads or loads from.
    links: Vec<String>,
}

#[derive(Default)]
struct Tags(RefCell<Vec<Tag>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let tag = match token {
            Token::TagToken(tag) => {
                let names: Vec<_> = tag.attrs.iter().map(|attr| &*attr.name.local).collect();
                let leads = |name: &str| ["href", "src", "action", "background"].contains(&name);
                let links = tag.attrs.iter().filter(|attr| leads(&attr.name.local));
                Tag {
                    shape: format!("{:?} {} {}", tag.kind, tag.name, names.join(" ")),
                    links: links.map(|attr| attr.value.to_string()).collect(),
                }
            }
            Token::CommentToken(_) => Tag {
                shape: "comment".to_owned(),
                links: Vec::new(),
            },
            _ => return TokenSinkResult::Continue,
        };
        self.0.borrow_mut().push(tag);
        TokenSinkResult::Continue
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}
