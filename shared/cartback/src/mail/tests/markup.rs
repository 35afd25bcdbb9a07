//! The HTML part as a browser's tokenizer sees it, whatever the texts in it try.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use proptest::prelude::*;

use crate::mail::samples::{brand, cart_of, facts, line};
use crate::mail::{Brand, CartView, Facts, FollowUp, LineView, Message, render};
use crate::reason::Reason;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn hostile_text_never_adds_an_element(title in hostile_text(), variant in hostile_text(), name in hostile_text()) {
        let with = |title: &str, variant: &str, name: &str| {
            let line = LineView { variant: Some(format!("v{variant}")), ..line(title, 100, "USD") };
            let brand = Brand { name: format!("b{name}"), postal_address: title.to_owned(), ..brand() };
            let cart = CartView { first_name: Some(name.to_owned()), ..cart_of(vec![line]) };
            let facts = Facts { payment_methods: vec![name.to_owned()], points: vec![title.to_owned()], ..facts() };
            let message = Message::FollowUp(FollowUp { cart, reason: Reason::Unknown, facts, threshold: None, offer: None });
            let html = render(&message, &brand).unwrap().html;
            tags(&html).into_iter().map(|tag| tag.shape).collect::<Vec<_>>()
        };
        prop_assert_eq!(with(&title, &variant, &name), with("Mug", "Blue", "Ada"));
    }
}

fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[<>\"'&/=;#a-z \\r\\n\\x00]{1,8}",
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
            "&lt;",
            "&#60;b&#62;",
            "javascript:",
            "\u{202e}",
            "\u{2028}",
            "<svg/onload=",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A tag, or a comment, as a browser's tokenizer sees it.
pub(super) struct Tag {
    /// Kind, name and the names of its attributes.
    pub(super) shape: String,
    pub(super) links: Vec<String>,
}

#[derive(Default)]
struct Tags(RefCell<Vec<Tag>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let tag = match token {
            Token::TagToken(tag) => {
                let names: Vec<_> = tag.attrs.iter().map(|attr| &*attr.name.local).collect();
                let links = tag.attrs.iter().filter(|attr| &*attr.name.local == "href");
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

pub(super) fn tags(html: &str) -> Vec<Tag> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}
