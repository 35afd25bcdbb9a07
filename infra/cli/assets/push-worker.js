// The demo shop's service worker: what a shop serves at its own root.
importScripts("/assets/cartback-worker.js");
