//! Crawlers and other machines, by what they call themselves.

/// Parts of the names of machines, in lower case. Crawlers say that they are ones and most name a page
/// about themselves; tools carry their library's name. The lists in crates for this are years old, and
/// none of their entries matters here that these words miss. Source of the words: the patterns of the
/// npm package `isbot`, those that no browser has.
const NAMES: [&str; 44] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scrap",
    "fetch",
    "archiver",
    "indexer",
    "preview",
    "monitor",
    "pingdom",
    "uptime",
    "lighthouse",
    "pagespeed",
    "headless",
    "phantom",
    "puppeteer",
    "playwright",
    "selenium",
    "webdriver",
    "cypress",
    "electron",
    "curl",
    "wget",
    "libwww",
    "python",
    "java/",
    "okhttp",
    "go-http",
    "node-fetch",
    "axios",
    "undici",
    "ruby",
    "perl",
    "php",
    "httpclient",
    "postman",
    "insomnia",
    "facebookexternalhit",
    "mediapartners",
    "google-",
    "+http",
    "feed",
    "scan",
];

/// What has one of [`NAMES`] in its own, and is a telephone.
const NO_MACHINES: [&str; 1] = ["cubot"];

/// Whether a browser that calls itself `user_agent` is none.
pub(super) fn is_machine(user_agent: &str) -> bool {
    let mut name = user_agent.to_ascii_lowercase();
    for innocent in NO_MACHINES {
        name = name.replace(innocent, "");
    }
    name.trim().is_empty() || NAMES.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_say_what_they_are() {
        for user_agent in [
            "",
            " ",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0 Safari/537.36",
            "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "GPTBot/1.2",
            "ClaudeBot/1.0",
            "curl/8.5.0",
            "python-requests/2.32",
            "Go-http-client/2.0",
            "Mozilla/5.0 (Linux; Android 11; moto g power) Chrome-Lighthouse",
        ] {
            assert!(is_machine(user_agent), "{user_agent}");
        }
    }

    #[test]
    fn browsers_are_none() {
        for user_agent in [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBDV/iPhone14,3;FBLC/de_DE]",
            "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
            "Opera/9.80 (Android; Opera Mini/36.2/191.273; U; en) Presto/2.12.423 Version/12.16",
        ] {
            assert!(!is_machine(user_agent), "{user_agent}");
        }
    }
}
