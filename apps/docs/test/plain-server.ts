import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = join(import.meta.dirname, '../dist')
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** What hosts compress on their way. */
const isText = (file: string): boolean => types[extname(file)] !== undefined

/**
 * The built site on a host that only serves files, without any headers of its own; or, `compressed`, as hosts do that send
 * text as gzip.
 */
export async function plainServer(compressed = false): Promise<{ url: string; close: () => Promise<void> }> {
  const ready = new Map<string, Buffer>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const file = join(dist, pathname.endsWith('/') ? `${pathname}index.html` : pathname)
    const zip = compressed && isText(file)
    try {
      const sent = ready.get(file) ?? (zip ? gzipSync(await readFile(file)) : await readFile(file))
      ready.set(file, sent)
      const encoding = zip ? { 'Content-Encoding': 'gzip' } : {}
      response.writeHead(200, { 'Content-Type': types[extname(file)] ?? '', ...encoding }).end(sent)
    } catch {
      response.writeHead(404).end()
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
