/** Sites behind a proxy: a real one on this machine, with and without a password, for plain and for encrypted sites. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import http, {type IncomingHttpHeaders, type Server} from 'node:http';
import https from 'node:https';
import net, {type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {SiteError} from '../../runner/asset-error.ts';
import {createSites} from '../../runner/site.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function listen(server: Server | https.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port; // it listens on a port
}

/** Forwards requests by their whole URL and opens tunnels; `password`: what it wants of the user `ada`. */
async function openProxy(password?: string): Promise<{port: number; asked: string[]}> {
  const asked: string[] = [];
  const wanted = password && `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`;
  const mayPass = (headers: IncomingHttpHeaders) =>
    wanted === undefined || headers['proxy-authorization'] === wanted;
  const proxy = http.createServer(({url = '', headers}, response) => {
    asked.push(url);
    if (!mayPass(headers))
      return void response.writeHead(407).end(`who are you: ${headers['proxy-authorization']}`);
    const {'proxy-authorization': _, ...rest} = headers;
    http.get(url, {headers: rest}, answer => answer.pipe(response)).on('error', () => response.destroy());
  });
  proxy.on('connect', ({url = '', headers}, socket) => {
    asked.push(`CONNECT ${url}`);
    if (!mayPass(headers)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host, port] = url.split(':');
    const tunnel = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    tunnel.on('error', () => socket.destroy());
    socket.on('error', () => tunnel.destroy());
  });
  return {port: await listen(proxy), asked};
}

function get(url: string, proxy: string): Promise<string> {
  const site = {
    ...{name: 'odds', url, headers: {accept: 'text/plain'}, concurrency: 1},
    ...{perMinute: undefined, perDay: undefined, proxy},
  };
  const sites = createSites({sites: new Map([['odds', site]])});
  open.push(() => void sites.close());
  const about = {
    signal: new AbortController().signal,
    retries: 0,
    timeoutMs: 5_000,
    onRetry: () => undefined,
  };
  return sites
    .client('odds', about)
    .get('v1/lines', {day: 'a b'})
    .then(answer => answer.text());
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof SiteError) return error.message;
  throw new Error(`no SiteError: ${String(error)}`);
}

describe('a plain site', () => {
  const served = async () =>
    listen(
      http.createServer(({url, headers}, response) =>
        response.end(`${url} ${headers.host} ${headers.accept}`),
      ),
    );

  test('is asked by its whole URL', async () => {
    const [port, proxy] = [await served(), await openProxy()];
    const url = `http://127.0.0.1:${port}`;
    expect(await get(url, `http://127.0.0.1:${proxy.port}`)).toBe(
      `/v1/lines?day=a+b 127.0.0.1:${port} text/plain`,
    );
    expect(proxy.asked).toEqual([`${url}/v1/lines?day=a+b`]);
  });

  test('is asked with the user and password of the proxy, which no message tells', async () => {
    const [port, proxy] = [await served(), await openProxy('p@ss word')];
    const url = `http://127.0.0.1:${port}`;
    const through = (password: string) => `http://ada:${password}@127.0.0.1:${proxy.port}`;
    expect(await get(url, through('p%40ss%20word'))).toContain('/v1/lines');
    expect(await messageOf(get(url, through('wrong-password')))).toBe(
      `${url}/v1/lines?day=a+b answered HTTP 407 through the proxy 127.0.0.1:${proxy.port}: it begins 'who are you: Basic ***'. The proxy wants another user or password: check the site's 'proxy'.`,
    );
  });

  test('a percent sign of its password is one, and what the proxy echoes is hidden', async () => {
    const [port, proxy] = [await served(), await openProxy('50%off-sale')];
    const url = `http://127.0.0.1:${port}`;
    const through = (password: string) => `http://ada:${password}@127.0.0.1:${proxy.port}`;
    expect(await get(url, through('50%off-sale'))).toContain('/v1/lines');
    const message = await messageOf(get(url, through('wrong%word')));
    expect(message).toContain('who are you');
    expect(message).not.toContain(Buffer.from('ada:wrong%word').toString('base64'));
  });

  test('a proxy that is not there is named', async () => {
    const message = await messageOf(get('http://127.0.0.1:9', 'http://ada:secret-word@127.0.0.1:1'));
    expect(message).toContain(
      'could not be asked through the proxy 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1.',
    );
    expect(message).toContain("Are the site and the proxy up? The site's 'proxy' in the manifest names it.");
    expect(message).not.toContain('secret-word');
  });
});

describe('an encrypted site', () => {
  /** With a certificate of its own, which this process believes for as long as the test lasts. */
  async function served(): Promise<number> {
    const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-proxy-'));
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], {stdio: 'ignore'});
    const files = {key: readFileSync(key), cert: readFileSync(cert)};
    rmSync(folder, {recursive: true});
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    open.push(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    return listen(https.createServer(files, ({url}, response) => response.end(`secret ${url}`)));
  }

  test('is asked through a tunnel, which the proxy cannot look into', async () => {
    const [port, proxy] = [await served(), await openProxy('word')];
    const url = `https://127.0.0.1:${port}`;
    expect(await get(url, `http://ada:word@127.0.0.1:${proxy.port}`)).toBe('secret /v1/lines?day=a+b');
    const other = await openProxy('50%off-sale');
    expect(await get(url, `http://ada:50%off-sale@127.0.0.1:${other.port}`)).toContain('secret ');
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${port}`]);
    expect(await messageOf(get(url, `http://ada:other@127.0.0.1:${proxy.port}`))).toContain(
      `answered HTTP 407 through the proxy 127.0.0.1:${proxy.port}`,
    );
  });
});
