//! The modules and plugins of our documents, run whole against stand-ins of their shops: what their hooks
//! post is believed at the door and becomes carts, consent and orders. Left out where a language is not
//! installed.

use ::cartback::consent::ConsentState;
use ::cartback::event::{CartEvent, Change};
use ::cartback::storefront::cartback::Cartback;
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::woocommerce::WooCommerce;
use ::cartback::storefront::{Message, Reception, Storefront};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::{at, contents, events, fixture, headers, kinds, names, parse, reception, root};
use super::{SECRET, code, run};

const PRESTASHOP: &str = include_str!("prestashop.php");
const WOOCOMMERCE: &str = include_str!("woocommerce.php");
const VENDURE: &str = include_str!("vendure.mjs");

/// What each printed message becomes, once its signature was found right.
fn told(storefront: &dyn Storefront, secret: &str, printed: &str) -> Vec<Vec<CartEvent>> {
    let read = |line: &str| {
        let posted: Value = serde_json::from_str(line).unwrap();
        let pairs = posted["headers"].as_object().unwrap().iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let given = headers(&pairs);
        let body = posted["body"].as_str().unwrap().as_bytes();
        let sent_at = given.get("webhook-timestamp").map_or(0, |seconds| {
            seconds.to_str().unwrap().parse::<i64>().unwrap()
        });
        let message = Message {
            headers: &given,
            body,
        };
        let now = Timestamp::from_second(sent_at).unwrap();
        let secrets = [Secret(secret.to_owned())];
        assert_eq!(storefront.verify(&secrets, message, &[now]), Ok(()));
        // The snippets read the machine's clock, and no event is later than its reception.
        let received_at = at("2100-01-01T00:00:00Z");
        let reception = Reception {
            received_at,
            ..reception()
        };
        events(storefront.parse(message, reception).unwrap())
    };
    printed.lines().map(read).collect()
}

/// What PHP prints of `stand_in`, the code of a document, and what happens then.
fn php(stand_in: &str, code: &str, then: &str) -> Option<String> {
    let plain = |text: &str| text.replace("<?php", "");
    let script = format!(
        "const SECRET = '{SECRET}';\n{}\n{}\n{then}",
        plain(stand_in),
        plain(code)
    );
    // Without its settings, so that no extension is there whose functions stand in here.
    run("php", &["-n", "-r", &script])
}

fn prestashop(then: &str) -> Option<Vec<Vec<CartEvent>>> {
    let line = "['id_product' => 3, 'id_product_attribute' => 4, 'name' => 'قميص', 'attributes_small' => 'M', \
                'cart_quantity' => 2, 'price_wt' => 24.5]";
    let prepared = format!(
        "$module = new Cartback(); $cart = new Cart(); $line = {line}; $cart->lines = [$line];\n\
         $save = fn () => $module->hookActionCartSave(['cart' => $cart]);\n{then}"
    );
    let printed = php(
        PRESTASHOP,
        &code("storefronts/prestashop.md", "php"),
        &prepared,
    )?;
    Some(told(&Cartback, SECRET, &printed))
}

#[test]
fn what_prestashops_hooks_tell_is_a_cart_and_its_order() {
    let Some(told) = prestashop(
        "if (!$module->install() || count(Shop::$hooks) !== 3) throw new Exception('not installed');
        $save(); $save();
        $cart->lines = array_fill(0, 240, array_merge($line, ['cart_quantity' => 12000])); $save();
        $module->hookActionValidateOrder(['order' => (object) ['id_cart' => 7, 'reference' => 'XKBKNABJK',
            'total_paid_tax_incl' => 49.0], 'currency' => new Currency(1),
            'customer' => (object) ['email' => 'ada@example.com']]);
        $module->hookActionDeleteGDPRCustomer(['email' => 'ada@example.com']);
        $cart->is_ordered = true; $save();",
    ) else {
        return;
    };
    let all: Vec<_> = told.iter().map(|events| kinds(events).join(" ")).collect();
    let expected = "cart.updated,cart.updated,cart.updated,order.placed,erasure.requested";
    assert_eq!(all.join(","), expected);
    let cart = contents(&told[0]);
    assert_eq!(
        (cart.lines[0].title.as_str(), cart.total_minor),
        ("قميص", 4_900)
    );
    assert_eq!(names(&told[0][0]), names(&told[3][0]));
    let url = cart.checkout_url.as_deref().unwrap();
    assert!(url.contains("recover_cart=7&token_cart="), "{url}");
    // Two saves in one second must not be told apart by the chance of their ids.
    assert!(told[0][0].at < told[1][0].at);
    let large = contents(&told[2]);
    assert_eq!((large.lines.len(), large.lines[0].quantity), (200, 9_999));
    assert_eq!(large.total_minor, 240 * 12_000 * 2_450);
}

#[test]
fn prestashops_newsletter_box_is_as_old_as_its_tick_and_told_once() {
    let Some(told) = prestashop(
        "date_default_timezone_set('Europe/Berlin');
        Shop::$customer = new Customer(0); $cart->id_customer = 5;
        foreach (['email' => 'ada@example.com', 'firstname' => 'Ada'] as $field => $value)
            Shop::$customer->$field = $value;
        $save();
        Shop::$customer->newsletter = true; $save();
        Shop::$customer->newsletter_date_add = '2026-06-30 14:00:00';
        Shop::$status = 503; $save(); Shop::$status = 202; $save(); $save();
        if (count(Shop::$log) !== 2) throw new Exception('not logged');",
    ) else {
        return;
    };
    let all: Vec<_> = told.iter().map(|events| kinds(events).join(" ")).collect();
    let cart = "cart.updated contact.identified";
    let consent = "consent.changed";
    assert_eq!(all, [cart, cart, cart, consent, cart, consent, cart]);
    let Change::ConsentChanged(granted) = &told[3][0].change else {
        panic!("{:?}", told[3])
    };
    assert_eq!(granted.state, ConsentState::Granted);
    assert_eq!(told[3][0].at, at("2026-06-30T12:00:00Z"));
}

#[test]
fn what_woocommerces_plugin_tells_is_a_basket_and_its_order_names_it() {
    let cart: Value = serde_json::from_slice(&fixture("woocommerce", "cart")).unwrap();
    let cart = cart["arg"]["cart"].to_string().replace('\'', "\\u0027");
    let plugin = std::fs::read_to_string(root().join("docs/storefronts/cartback.php")).unwrap();
    let stand_in = format!("const STORE_CART = '{cart}';\n{WOOCOMMERCE}");
    let then = "do_action('shutdown');
        do_action('woocommerce_init'); do_action('woocommerce_review_order_before_submit');
        if (count(Shop::$fields) !== 2) throw new Exception('no box');
        $change = function ($hook) { do_action($hook); do_action('shutdown'); $GLOBALS['cartback_changed'] = false; };
        Shop::$fails = true; $change('woocommerce_add_to_cart'); Shop::$fails = false;
        $change('woocommerce_add_to_cart');
        $order = new Order();
        do_action('woocommerce_store_api_checkout_update_order_meta', $order);
        $_POST['cartback_reminders'] = '1';
        do_action('woocommerce_checkout_create_order', $order);
        Shop::$empty = true; $change('woocommerce_cart_emptied');
        Shop::$empty = false; $change('woocommerce_applied_coupon');
        echo json_encode($order->meta);";
    let Some(printed) = php(&stand_in, &plugin, then) else {
        return;
    };
    let (messages, meta) = printed.rsplit_once('\n').unwrap();
    let told = told(&WooCommerce, "secret of the webhook", messages);
    let carts: Vec<_> = told.iter().map(|events| names(&events[0])).collect();
    assert_eq!(carts.len(), 3);
    assert_eq!(carts[0], carts[1], "emptied");
    assert_ne!(carts[1], carts[2], "what comes after is another cart");
    assert!(!contents(&told[0]).lines.is_empty() && contents(&told[1]).lines.is_empty());
    let mut order: Value =
        serde_json::from_slice(&fixture("woocommerce", "order-pending")).unwrap();
    order["meta_data"] = serde_json::from_str::<Value>(meta).unwrap();
    let topic = headers(&[("x-wc-webhook-topic", "order.created")]);
    let parsed = parse(&WooCommerce, &topic, order.to_string().as_bytes()).unwrap();
    let events = events(parsed);
    assert_eq!(names(&events[0]), ["order-4711", carts[0][0]]);
    assert!(kinds(&events).contains(&"consent.changed"));
}

/// Vendure's plugin without its types and decorators, which Node does not read.
fn vendure_plugin() -> String {
    let code = code("storefronts/vendure.md", "ts");
    let (_, class) = code.split_once("export class").unwrap();
    let mut plain =
        format!("import {{ createHmac, randomUUID }} from 'node:crypto';\nclass{class}");
    for (typed, untyped) in [
        (" implements OnApplicationBootstrap", ""),
        (
            "constructor(private bus: EventBus, private orders: OrderService) {}",
            "constructor(bus, orders) { this.bus = bus; this.orders = orders; }",
        ),
        (" as const", ""),
        (" as typeof OrderEvent", ""),
        ("private ", ""),
        (": RequestContext", ""),
        (": Order[\"id\"]", ""),
        (": object", ""),
        (": any", ""),
        (": string", ""),
        (": number", ""),
        ("URL!", "URL"),
        ("SECRET!", "SECRET"),
    ] {
        assert!(
            plain.contains(typed),
            "{typed} is not in the plugin any more"
        );
        plain = plain.replace(typed, untyped);
    }
    plain
}

#[test]
fn what_vendures_events_tell_is_a_cart_its_step_its_order_and_its_end() {
    let order = json!({
        "id": 5, "code": "ABC123", "active": true, "currencyCode": "EUR", "subTotalWithTax": 2_880_000,
        "updatedAt": "2026-07-01T12:00:00.250Z", "orderPlacedAt": "2026-07-01T12:05:00Z", "totalWithTax": 2_880_490,
        "customer": { "emailAddress": "ada@example.com", "firstName": "عائشة" },
        "lines": vec![json!({ "quantity": 12_000, "proratedUnitPriceWithTax": 1, "productVariant": { "id": 7, "name": "Pin" } }); 240],
    });
    let script = format!(
        "process.env.CARTBACK_URL = 'https://links.shop.example'; process.env.CARTBACK_SECRET = '{SECRET}';
        {}\n{VENDURE}\nconst order = {order};
        new CartbackPlugin(bus, {{ findOne: async (ctx, id) => (id === 5 ? order : undefined) }}).onApplicationBootstrap();
        happen(OrderEvent, {{ order }}); await told();
        answers.push(503, 0);
        happen(OrderLineEvent, {{ order }}); for (let n = 0; n < 9; n++) await told();
        happen(OrderLineEvent, {{ order: {{ id: 6 }} }}); await told();
        happen(OrderStateTransitionEvent, {{ order, toState: 'ArrangingPayment' }}); await told();
        happen(OrderPlacedEvent, {{ order }}); await told();
        happen(OrderStateTransitionEvent, {{ order, toState: 'Cancelled' }}); await told();
        answers.push(503, 429, 0);
        happen(OrderPlacedEvent, {{ order }}); for (let n = 0; n < 9; n++) await told();
        if (warnings.length !== 1) throw new Error(String(warnings));",
        vendure_plugin()
    );
    let Some(printed) = run("node", &["--input-type=module", "-e", &script]) else {
        return;
    };
    let told = told(&Cartback, SECRET, &printed);
    let all: Vec<_> = told.iter().map(|events| kinds(events).join(" ")).collect();
    let cart = "cart.updated contact.identified";
    let (step, placed, cancelled) = ("checkout.step_reached", "order.placed", "order.cancelled");
    assert_eq!(
        all,
        [
            cart, cart, cart, cart, step, placed, cancelled, placed, placed, placed
        ]
    );
    // The attempts of one event are one event.
    assert!(told[1][0].id == told[2][0].id && told[2][0].id == told[3][0].id);
    assert_ne!(told[0][0].id, told[1][0].id);
    let large = contents(&told[0]);
    assert_eq!((large.lines.len(), large.lines[0].quantity), (200, 9_999));
    assert_eq!(large.total_minor, 2_880_000);
    let person = told[0][1].contact.as_ref().unwrap();
    assert_eq!(person.first_name.as_deref(), Some("عائشة"));
}
