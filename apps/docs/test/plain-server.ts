import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { isolated } from '../../../scripts/browser.ts'
import { type LineSpeed, slowLine } from './slow-line.ts'

const dist = join(import.meta.dirname, '../dist')
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/** What hosts compress on their way. */
const isPacked = (file: string): boolean => types[extname(file)] !== undefined

const packed = new Map<string, Promise<Buffer>>()

/** A file as hosts send it, made once. */
function packedFile(file: string): Promise<Buffer> {
  const ready = packed.get(file) ?? readFile(file).then((bytes) => (isPacked(file) ? gzipSync(bytes) : bytes))
  packed.set(file, ready)
  return ready
}

/** How a host sends. */
export interface PlainServerOptions {
  /** Which files; the built site's unless told. */
  readonly folder?: string
  /** Text as gzip. */
  readonly compressed?: boolean
  /** With the headers that isolate a page; without any of its own unless told. */
  readonly isolated?: boolean
  /** Over a line of this speed, in place of all at once. */
  readonly line?: LineSpeed
}

/** A host of the built site. */
export interface PlainServer {
  readonly url: string
  /** What was asked for until now: how many files, how many of them are still on their way, and bytes of JavaScript as sent. */
  readonly traffic: { asked: number; open: number; scriptBytes: number }
  readonly close: () => Promise<void>
}

/** The built site, or another folder, on a host that only serves files. */
export async function plainServer({
  folder = dist,
  compressed = false,
  isolated: isIsolated = false,
  line,
}: PlainServerOptions = {}): Promise<PlainServer> {
  const traffic = { asked: 0, open: 0, scriptBytes: 0 }
  const send = line === undefined ? undefined : slowLine(line)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const file = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname)
    traffic.asked++
    traffic.open++
    response.once('close', () => traffic.open--)
    try {
      const sent = await (compressed ? packedFile(file) : readFile(file))
      if (extname(file) === '.js') traffic.scriptBytes += sent.length
      response.writeHead(200, {
        'Content-Type': types[extname(file)] ?? '',
        ...(compressed && isPacked(file) && { 'Content-Encoding': 'gzip' }),
        ...(isIsolated && isolated),
      })
      if (send === undefined) response.end(sent)
      else await send(response, sent)
    } catch {
      response.writeHead(404).end()
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    traffic,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
