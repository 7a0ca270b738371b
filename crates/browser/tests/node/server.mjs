// Mirrors on loopback by plain HTTP, with the faults of the corpus. What is served, and what was asked for, is in the open.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const pause = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Serves `/NAME/PATH` from `mirrors`: NAME to `{ files, server, cors }`, `files` being a `Map` of bytes or a folder, `server`
 * the faults by path as in a `case.json`; `times` ends a fault after so many answers.
 */
export async function serve(mirrors) {
  const asked = [];
  const server = createServer((request, response) => {
    answer(mirrors, asked, request, response).catch(() => response.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    port,
    asked,
    address: (name, host = "127.0.0.1") => `http://${host}:${port}/${name}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(mirrors, asked, request, response) {
  const [, name, ...rest] = new URL(request.url, "http://mirror").pathname.split("/");
  const path = rest.join("/");
  const mirror = mirrors[name];
  asked.push({ name, path, headers: request.headers });
  const file = mirror && !path.includes("..") ? await look(mirror.files, path) : undefined;
  const faults = mirror?.server ?? {};
  const declared = faults[path] ?? (file === undefined ? faults["*"] : undefined) ?? {};
  const fault = declared.times === undefined || declared.times-- > 0 ? declared : {};
  if (fault.hang) return;
  if (mirror?.cors !== false) response.setHeader("Access-Control-Allow-Origin", "*");
  if (path.endsWith(".html")) response.setHeader("Content-Type", "text/html; charset=utf-8");
  if (fault.redirect) {
    response.writeHead(302, { Location: fault.redirect }).end();
    return;
  }
  const body = fault.body === undefined ? (file ?? Buffer.alloc(0)) : Buffer.from(fault.body);
  const missing = file === undefined && fault.body === undefined && !fault.endless;
  const status = fault.status ?? (missing ? 404 : 200);
  if (fault.endless) {
    response.writeHead(status);
    response.write("{");
    while (!response.destroyed) {
      response.write(Buffer.alloc(65_536, " "));
      await pause();
    }
    return;
  }
  response.writeHead(status, { "Content-Length": body.length });
  if (fault.truncate === undefined) response.end(body);
  else response.write(body.subarray(0, fault.truncate), () => response.destroy());
}

async function look(files, path) {
  if (files instanceof Map) return files.get(path);
  return readFile(join(files, path)).catch(() => undefined);
}
