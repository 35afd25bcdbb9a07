//! Whose certificates the functions accept. The answer depends on the environment of a process, so the test starts itself.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment is what is tested"
)]

use std::env;
use std::path::Path;
use std::process::Command;

use cartback_aws::clients::{Roots, dynamodb, load};
use cartback_tests::emulator::Emulator;
use cartback_tests::tls::Authority;

const NAME: &str = "trust::amazon_alone_is_trusted_unless_a_bundle_is_named";

/// Set in the processes that the test starts: what to trust.
const TRUST: &str = "CARTBACK_TEST_TRUST";

#[tokio::test(flavor = "multi_thread")]
async fn amazon_alone_is_trusted_unless_a_bundle_is_named() {
    if let Ok(trust) = env::var(TRUST) {
        return assert!(connects(&trust).await, "not trusted");
    }
    let emulator = Emulator::start();
    let authority = Authority::new();
    let plain = emulator.url.trim_start_matches("http://").parse().unwrap();
    let port = authority.front(plain).await.port();
    let roots = &authority.roots;
    // The machine trusts it, and so it shows that a function does not ask the machine.
    assert!(is_trusted("machine", "SSL_CERT_FILE", roots, port));
    assert!(!is_trusted("amazon", "SSL_CERT_FILE", roots, port));
    assert!(is_trusted("amazon", "AWS_CA_BUNDLE", roots, port));
}

async fn connects(trust: &str) -> bool {
    let roots = if trust == "machine" {
        Roots::Machine
    } else {
        Roots::Amazon
    };
    let sdk = load(roots).unwrap();
    dynamodb(&sdk).list_tables().send().await.is_ok()
}

fn is_trusted(trust: &str, variable: &str, roots: &Path, port: u16) -> bool {
    let output = Command::new(env::current_exe().unwrap())
        .args([NAME, "--exact"])
        .env(TRUST, trust)
        .env_remove("AWS_CA_BUNDLE")
        .env_remove("SSL_CERT_FILE")
        .env(variable, roots)
        .env(
            "AWS_ENDPOINT_URL_DYNAMODB",
            format!("https://localhost:{port}"),
        )
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .output()
        .unwrap();
    output.status.success()
}
