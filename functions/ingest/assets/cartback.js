// Tells Cartback what a shopper's page meets with. docs/browser.md says how to use it.
(() => {
  "use strict";
  const tag = document.currentScript;
  const { shop, key, sessionUrl } = tag.dataset;
  const door = new URL(`/browser/${encodeURIComponent(shop)}`, tag.src).href;
  const VISIT = "cartback.visit";
  const PUSH = "cartback.push";
  let { session } = tag.dataset;
  let queue = [];
  let timer;
  let agreed = "";
  let reported;

  // What the page met with on this visit. The figures only grow, so that a lost report is made up for.
  const page = { errors: 0, payments_failed: 0, coupons: 0, coupons_refused: 0, slowest_ms: 0 };
  // Without storage a visit is as long as its page.
  const recall = (name) => {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const keep = (name, value) => {
    try {
      sessionStorage.setItem(name, value);
    } catch {
      // As above.
    }
  };
  try {
    Object.assign(page, JSON.parse(recall(VISIT)));
  } catch {
    // Whoever wrote this was not us.
  }

  const count = (name, value = page[name] + 1) => {
    page[name] = value;
    keep(VISIT, JSON.stringify(page));
  };

  const tell = (event) => {
    // Of a cart that changes in quick succession only the last state is told.
    if (event.type === "cart") queue = queue.filter((other) => other.type !== "cart");
    const random = crypto.getRandomValues(new Uint32Array(4));
    queue.push({ ...event, id: Array.from(random, (n) => n.toString(36)).join(""), at: Date.now() });
    clearTimeout(timer);
    timer = setTimeout(send, 1000);
  };

  const send = () => {
    while (session && queue.length) {
      const { language } = navigator;
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      const report = { sent: Date.now(), language, time_zone: timeZone, events: queue.splice(0, 20) };
      const body = `${key} ${session}\n${JSON.stringify(report)}`;
      // As text, so that the browser asks nobody first; a beacon outlives its page, and holds 64 KB.
      if (!navigator.sendBeacon(door, body)) fetch(door, { method: "POST", mode: "no-cors", body }).catch(() => {});
    }
  };

  const leave = () => {
    const now = JSON.stringify(page);
    if (reported !== now) tell({ type: "page", page: { ...page } });
    reported = now;
    send();
  };

  const boxOf = (input) => document.querySelector(input.dataset.cartbackEmail);

  // An address is told only while the box beside it is ticked, and taking the tick back is told too.
  const look = (input) => {
    const box = boxOf(input);
    const email = input.value.trim();
    if (!box) return;
    if (!box.checked) {
      if (agreed) tell({ type: "refused", email: agreed });
      agreed = "";
    } else if (email && email !== agreed && input.checkValidity()) {
      agreed = email;
      tell({ type: "contact", email, consent: true, text_version: box.dataset.cartbackText });
    }
  };

  // Asks for notifications; browsers let only a tap of the shopper's lead here, but for who has agreed.
  const allow = async () => {
    const { pushKey: applicationServerKey, pushWorker = "/cartback-worker.js" } = tag.dataset;
    if (!applicationServerKey || (await Notification.requestPermission()) !== "granted") return;
    await navigator.serviceWorker.register(pushWorker);
    const { pushManager } = await navigator.serviceWorker.ready;
    const push = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
    // Each cart must be told of the browser, but not by each page: the session names the cart.
    const subject = `${(session || "").split(".")[1]} ${push.endpoint}`;
    if (recall(PUSH) !== subject) tell({ type: "push", push });
    keep(PUSH, subject);
  };

  const allowed = () => tag.dataset.pushKey && window.Notification?.permission === "granted";

  const commands = {
    // Another cart, or a fresh session of the same.
    session: (token) => {
      send();
      session = token;
      if (allowed()) commands.push();
      if (queue.length) send();
    },
    cart: (cart) => tell({ type: "cart", cart }),
    step: (step, costs) => tell({ type: "step", step, costs }),
    payment_failed: () => {
      count("payments_failed");
      tell({ type: "payment_failed" });
    },
    coupon: (accepted) => {
      count("coupons");
      if (!accepted) count("coupons_refused");
    },
    ordered: (order) => tell({ type: "ordered", order }),
    push: () => allow().catch((fault) => console.warn("cartback", fault)),
  };

  const renew = () =>
    fetch(sessionUrl, { method: "POST" })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((token) => token && commands.session(token))
      .catch(() => {});

  const timed = () => {
    const [entry] = performance.getEntriesByType("navigation");
    if (entry && page.slowest_ms < entry.duration) count("slowest_ms", Math.round(entry.duration));
  };

  const earlier = (window.cartback && window.cartback.q) || [];
  window.cartback = (name, ...rest) => {
    // Whatever goes wrong in here is no reason to stop the shop.
    try {
      commands[name]?.(...rest);
    } catch (fault) {
      console.warn("cartback", fault);
    }
  };
  for (const call of earlier) window.cartback(...call);

  addEventListener("error", () => count("errors"));
  addEventListener("unhandledrejection", () => count("errors"));
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  document.addEventListener("focusout", ({ target }) => target.matches?.("[data-cartback-email]") && look(target));
  document.addEventListener("change", ({ target }) => {
    for (const input of document.querySelectorAll("[data-cartback-email]")) if (boxOf(input) === target) look(input);
  });
  if (document.readyState === "complete") timed();
  // The entry is complete once the event has passed.
  else addEventListener("load", () => setTimeout(timed));
  if (session && allowed()) commands.push();
  if (sessionUrl) {
    renew();
    setInterval(renew, 600_000);
  }
})();
