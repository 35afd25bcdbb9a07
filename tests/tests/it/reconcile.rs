//! `cartback reconcile woocommerce`: from a file and from an API, to a local server and to a table.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use cartback::cart::CartStatus;
use cartback::ids::CartKey;
use cartback::ports::CartStore;
use cartback_tests::emulator::Table;
use cartback_tests::installation::secrets;
use cartback_tests::samples;
use serde_json::{Value, json};

use super::process::{Folder, Process, cartback};

const SINCE: &str = "2026-07-01T00:00:00Z";

#[test]
fn lost_orders_come_from_a_file_and_a_second_time_change_nothing() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let port = origin.rsplit_once(':').unwrap().1;
    let folder = Folder::new("reconcile");
    let orders = json!([
        order(1, "pending", "2026-07-01T00:00:00"),
        order(2, "processing", "2026-07-02T00:00:00"),
        order(3, "pending", "2026-06-30T23:59:59"),
        order(4, "auto-draft", "2026-07-02T00:00:00"),
    ]);
    let file = folder.file("orders.json", &orders.to_string());
    let arguments = ["--port", port, "--orders", file.to_str().unwrap()];
    let mut told = Vec::new();
    for _ in 0..2 {
        let ended = run(&arguments, &[]);
        assert_eq!(
            ended,
            "3 orders changed since 2026-07-01T00:00:00Z: 2 recorded, 1 ignored\n"
        );
        told.push(carts(&origin));
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0].contains("order-1") && told[0].contains("order-2"));
    assert!(!told[0].contains("order-3"));
    for (broken, fault) in [
        ("{}", "no JSON array"),
        ("[{}, 7]", "order ?: it cannot be read"),
    ] {
        let file = folder.file("broken.json", broken);
        let ended = run(&["--port", port, "--orders", file.to_str().unwrap()], &[]);
        assert!(ended.contains(fault), "{ended}");
    }
}

#[tokio::test]
async fn an_api_is_read_page_by_page_into_the_table() {
    let table = Table::open().await;
    table.store.put_shop(&samples::shop()).await.unwrap();
    let pages = [
        json!([order(1, "pending", "2026-07-01T00:00:00")]),
        json!([order(2, "completed", "2026-07-02T00:00:00")]),
    ];
    let (url, api) = serve(pages.to_vec());
    let secrets = serde_json::to_string(&secrets()).unwrap();
    let environment = [
        ("CARTBACK_TABLE", table.name()),
        ("CARTBACK_SHARDS", "4"),
        ("CARTBACK_SECRETS", &secrets),
        ("AWS_ENDPOINT_URL", &table.url),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("WOOCOMMERCE_KEY", "ck_1"),
        ("WOOCOMMERCE_SECRET", "cs_1"),
    ];
    let ended = run(&["--orders", &url], &environment);
    assert!(ended.contains("2 recorded, 0 ignored"), "{ended}");
    let requests = api.join().unwrap();
    for (request, page) in requests.iter().zip(1..) {
        // ck_1:cs_1
        assert!(request.contains("Basic Y2tfMTpjc18x"), "{request}");
        for part in [
            "modified_after=2026-07-01T00",
            "dates_are_gmt=true",
            "orderby=id",
        ] {
            assert!(request.contains(part), "{request}");
        }
        assert!(request.contains(&format!("&page={page} ")), "{request}");
    }
    assert_eq!(requests.len(), 2);
    for (id, status) in [
        ("order-1", CartStatus::Open),
        ("order-2", CartStatus::Ordered),
    ] {
        let key = CartKey::new(&samples::shop_id(), &id.parse().unwrap());
        let cart = table.store.cart(&key).await.unwrap().unwrap();
        assert_eq!(cart.facts.status(), status);
    }
    table.close().await;
}

#[test]
fn the_key_goes_nowhere_in_the_open() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let port = origin.rsplit_once(':').unwrap().1;
    for (url, fault) in [
        (
            "http://shop.example/orders",
            "the key would travel in the open",
        ),
        (
            "http://127.0.0.1.shop.example/",
            "the key would travel in the open",
        ),
        ("https://shop.example/orders", "set WOOCOMMERCE_KEY"),
    ] {
        let ended = run(&["--port", port, "--orders", url], &[]);
        assert!(ended.contains(fault), "{ended}");
    }
}

/// Answers one request after the other with a page of `pages`; gives the requests' heads.
fn serve(pages: Vec<Value>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!(
        "http://{}/wp-json/wc/v3/orders",
        listener.local_addr().unwrap()
    );
    let server = thread::spawn(move || {
        let n_pages = pages.len();
        let answer = |page: &Value| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") {
                assert!(0 < reader.read_line(&mut head).unwrap());
            }
            let body = page.to_string();
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nx-wp-totalpages: {n_pages}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
            head
        };
        pages.iter().map(answer).collect()
    });
    (url, server)
}

fn order(id: u32, status: &str, changed_at: &str) -> Value {
    json!({
        "id": id, "status": status, "currency": "USD", "total": "49.00", "date_created_gmt": changed_at,
        "date_modified_gmt": changed_at, "billing": { "email": "ada@example.com" },
        "line_items": [{ "product_id": 1, "name": "Lantern", "quantity": 1, "total": "49.00" }],
    })
}

fn carts(origin: &str) -> String {
    let answer = ureq::get(format!("{origin}/local/carts/demo")).call();
    answer.unwrap().body_mut().read_to_string().unwrap()
}

/// What the command prints, answer and complaint.
fn run(more: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(cartback());
    command.args([
        "reconcile",
        "woocommerce",
        "--shop",
        "demo",
        "--since",
        SINCE,
    ]);
    let output = command
        .args(more)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}
