/**
 * Where the server may listen, and by which names a browser may call it.
 * It does not deal with who calls (safety.ts).
 */
import {BlockList, isIP} from 'node:net';

/** The server was told to listen where it must not. The message says what to do. */
export class UnsafeAddress extends Error {}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only programs of this machine reach it. */
export function isLoopback(host: string): boolean {
  const name = bare(host);
  const version = isIP(name);
  if (version === 0) return name === 'localhost';
  return LOOPBACK.check(name, version === 4 ? 'ipv4' : 'ipv6');
}

/** Throws an UnsafeAddress where others could reach the server and nothing would ask who they are. */
export function assertAddress(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host)) return;
  throw new UnsafeAddress(
    `--host ${host}: others can reach that address, and whoever reads this page may also start runs. Give a token of at least ${SHORTEST_TOKEN} characters in GAMEPLAN_TOKEN or in a file (--token-file PATH), or leave --host out to serve this machine alone (127.0.0.1).`,
  );
}

/** Characters. What is shorter can be guessed. */
export const SHORTEST_TOKEN = 16;

export interface Listening {
  /** What it listens on: an address or a name. */
  readonly host: string;
  /** Known once it listens. */
  readonly port: () => number;
  /** Names by which it is called as well, such as those of a proxy in front of it; with a port where it is another one. */
  readonly allowedHosts?: readonly string[];
}

/**
 * Whether `Host` names this server. A page of another site can have its own name point here (DNS rebinding), and the
 * browser then takes the two for one site; the header still tells the name.
 */
export function isOwnHost(header: string, {host, port, allowedHosts = []}: Listening): boolean {
  const asked = header.toLowerCase();
  const at = port();
  const own = ownNames(host).some(name => isAt(asked, name, at));
  if (own || allowedHosts.some(name => asked === name.toLowerCase() || isAt(asked, name.toLowerCase(), at)))
    return true;
  // It listens on every address of the machine. An address, other than a name, cannot be made to point elsewhere.
  return isEvery(host) && isAddressAt(asked, at);
}

function ownNames(host: string): readonly string[] {
  if (isLoopback(host)) return ['127.0.0.1', 'localhost', '[::1]', bracketed(host)];
  if (isEvery(host)) return ['127.0.0.1', 'localhost', '[::1]'];
  return [bracketed(host)];
}

function isEvery(host: string): boolean {
  return ['0.0.0.0', '::', '[::]'].includes(host);
}

/** Browsers leave the port out where it is the scheme's own. */
function isAt(asked: string, name: string, port: number): boolean {
  return asked === `${name}:${port}` || (port === 80 && asked === name);
}

function isAddressAt(asked: string, port: number): boolean {
  const [, name = '', given] = /^(\[[0-9a-f:.]+\]|[0-9.]+)(?::(\d{1,5}))?$/.exec(asked) ?? [];
  return isIP(bare(name)) !== 0 && Number(given ?? 80) === port;
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

function bracketed(host: string): string {
  const name = bare(host);
  return isIP(name) === 6 ? `[${name}]` : name;
}
