//! The signature, verified by a library that nobody here wrote: PyPI `standardwebhooks`.

use std::process::Command;

use jiff::Timestamp;

use super::{Exchange, target::Target};

const VERIFY: &str = "
import sys, json
from standardwebhooks.webhooks import Webhook
secret, id, at, signature, body = sys.argv[1:]
headers = {'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature}
print(json.dumps(Webhook(secret).verify(body, headers)['data']['dossier']))
try:
    Webhook(secret).verify(body + ' ', headers)
    print('accepted')
except Exception as error:
    print(type(error).__name__)
";

#[tokio::test]
async fn standardwebhooks_verifies_what_we_sign() {
    let python = std::env::var("PARVIS_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let is_there = Command::new(&python).args(["-c", "import standardwebhooks"]).output().is_ok_and(|out| out.status.success());
    if !is_there {
        println!("skipped: {python} has no module standardwebhooks; ./test installs it");
        return;
    }
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    // The library compares with the real time.
    #[expect(clippy::disallowed_methods, reason = "another program reads the real clock")]
    exchange.bench.clock.set(Timestamp::now());
    let registered = exchange.register("webhook", target.options(), &[]).await;
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    let call = &target.calls()[0];
    let body = String::from_utf8(call.body.clone()).expect("UTF-8");
    let (at, signature) = (call.header("webhook-timestamp"), call.header("webhook-signature"));
    let out = Command::new(python).args(["-c", VERIFY, &registered.secret, &call.id(), &at, &signature, &body]).output().expect("python runs");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(said, format!("\"{dossier}\"\nWebhookVerificationError\n"), "{}", String::from_utf8_lossy(&out.stderr));
}
