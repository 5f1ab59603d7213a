import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
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
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const file = join(dist, pathname.endsWith('/') ? `${pathname}index.html` : pathname)
    const zip = compressed && isText(file)
    const headers = { 'Content-Type': types[extname(file)] ?? '', ...(zip && { 'Content-Encoding': 'gzip' }) }
    const body = ready.get(file)
    if (body !== undefined) return void response.writeHead(200, headers).end(body)
    readFile(file).then(
      (bytes) => {
        const sent = zip ? gzipSync(bytes) : bytes
        ready.set(file, sent)
        response.writeHead(200, headers).end(sent)
      },
      () => response.writeHead(404).end(),
    )
  })
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
