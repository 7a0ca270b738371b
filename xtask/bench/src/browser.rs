//! What a reader with a browser waits for: the page of a mirror, and the verifier that is published beside it.

use std::time::Duration;

use stentor_testkit::browser::{Browser, PHONE};
use stentor_testkit::put_server::PutServer;
use tokio::time::sleep;

use crate::clock::Watch;
use crate::failure::Failure;
use crate::stats::median;

/// Visits that count; one before them warms the browser up.
const VISITS: usize = 7;

const PATIENCE: Duration = Duration::from_secs(60);

/// Medians, in milliseconds.
pub(crate) struct Look {
    /// Until the largest part of the page is painted.
    pub(crate) painted: f64,
    /// From the press of the button until the verdict.
    pub(crate) verified: f64,
}

const PAINTED: &str = "const done = arguments[arguments.length - 1];
    new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
        .observe({ type: 'largest-contentful-paint', buffered: true });";

const CHECK: &str = "const [root, mirrors] = arguments;
    for (const [id, text] of Object.entries({ root, mirrors })) {
        const field = document.getElementById(id);
        field.value = text;
        field.dispatchEvent(new Event('input'));
    }
    document.getElementById('check').click();";

const TOOK: &str = "const results = document.querySelector('#results');
    return results.ariaBusy === 'true' ? null : [results.dataset.took ?? null, results.innerText];";

/// Looks at a mirror on a telephone's screen.
pub(crate) async fn look(mirror: &PutServer, root: &str) -> Result<Look, Failure> {
    mirror.send_headers(&[("access-control-allow-origin", "*")]);
    let browser = Browser::start(&mirror.url(), PHONE).await;
    let unexpected = |error: &dyn std::fmt::Display| Failure::Unexpected(error.to_string());
    let (mut painted, mut verified) = (Vec::new(), Vec::new());
    for visit in 0..=VISITS {
        browser.open("/index.html").await;
        let at = browser.driver.execute_async(PAINTED, Vec::new()).await;
        let at = at.map_err(|e| unexpected(&e))?.json().as_f64();
        browser.open("/verify.html").await;
        let given = vec![root.into(), mirror.url().into()];
        let pressed = browser.driver.execute(CHECK, given).await;
        pressed.map_err(|e| unexpected(&e))?;
        let took = verdict(&browser).await?;
        if visit > 0 {
            painted.extend(at);
            verified.push(took);
        }
    }
    let of = |values: &[f64]| median(values).unwrap_or(f64::NAN);
    Ok(Look {
        painted: of(&painted),
        verified: of(&verified),
    })
}

/// How long the page took, which must find the word fresh.
async fn verdict(browser: &Browser) -> Result<f64, Failure> {
    let since = Watch::start();
    loop {
        let found = browser.run(TOOK).await;
        let took = found[0].as_str().and_then(|took| took.parse().ok());
        if let Some(took) = took {
            return Ok(took);
        }
        if since.read() > PATIENCE {
            return Err(Failure::Unexpected(format!("no verdict: {found}")));
        }
        sleep(Duration::from_millis(20)).await;
    }
}
