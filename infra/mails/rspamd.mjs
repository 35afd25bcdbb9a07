// rspamd, as a server of our own for the length of the run: on loopback, without a word to the network.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { rspamd as allowed } from "./allowed.mjs";
import { host, ip, received } from "./mime.mjs";

// Reading the rules takes a second, or twenty on a busy machine.
const patience = 120_000;

export async function checkRspamd(mails, folder) {
  const server = await start();
  try {
    const scores = [];
    const findings = [];
    const met = new Set();
    for (const mail of mails) {
      const raw = await readFile(`${folder}/mails/${mail.name}.eml`);
      const { score, why, left } = await judge(server, mail.to, received + raw.toString("latin1"));
      for (const { name } of left) met.add(name);
      scores.push(`${score.toFixed(2)} ${mail.name}: ${why}`);
      if (score > 1) findings.push(`${mail.name}: ${score} by ${why}`);
      // Without its rules the server would like everything.
      if (mail === mails[0]) {
        const bare = raw.toString("latin1").replace(/^(Date|Message-ID):.*\r\n/gim, "");
        if (!((await judge(server, mail.to, bare)).score > 1)) findings.push("a mail without date and id passes as well");
      }
    }
    for (const name of allowed.keys()) if (!met.has(name)) findings.push(`${name} is allowed and does not occur; strike it out`);
    await writeFile(`${folder}/rspamd.txt`, scores.join("\n"));
    return findings;
  } finally {
    server.child.kill();
    await server.ended;
    await rm(server.own, { recursive: true });
  }
}

async function judge({ url }, to, letter) {
  const headers = { Ip: ip, Helo: host, Hostname: host, From: "0102-000000@eu-west-1.amazonses.com", Rcpt: to };
  const response = await fetch(`${url}/checkv2`, { method: "POST", headers, body: Buffer.from(letter, "latin1") });
  if (!response.ok) throw new Error(`rspamd answers ${response.status}: ${await response.text()}`);
  const symbols = Object.values((await response.json()).symbols).filter((symbol) => symbol.score !== 0);
  const counted = symbols.filter(({ name }) => !allowed.has(name));
  const score = counted.reduce((sum, symbol) => sum + symbol.score, 0);
  const why = counted.map((symbol) => `${symbol.name} ${symbol.score}`).join(", ");
  return { score, why, left: symbols.filter(({ name }) => allowed.has(name)) };
}

async function start() {
  const own = await mkdtemp(join(tmpdir(), "rspamd-"));
  for (const file of ["rspamd.conf", "rspamd.conf.override"]) await cp(new URL(file, import.meta.url), join(own, file));
  const port = await freePort();
  const folders = ["LOCAL_CONFDIR", "DBDIR", "RUNDIR", "LOGDIR"].flatMap((name) => ["--var", `${name}=${own}`]);
  const log = [];
  const args = ["--no-fork", "--insecure", "--config", join(own, "rspamd.conf"), ...folders, "--var", `GATEPORT=${port}`];
  const child = spawn("rspamd", args, { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => log.push(text));
  const ended = once(child, "exit");
  let isOver = false;
  const over = () => (isOver = true);
  ended.then(over, over);
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + patience; Date.now() < end && !isOver; await pause(100)) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined);
    if (answer?.ok) return { child, ended, own, url };
  }
  child.kill();
  throw new Error(`rspamd did not start: ${log.join("")}`);
}

async function freePort() {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address();
  taken.close();
  await once(taken, "close");
  return port;
}
