import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliError, exitCodes, oneLine } from '../../errors.ts'
import type { Markup } from '../../report/markup.ts'
import { type PartName, pageHtml } from './page.ts'

/** The page that shows a run, served to this machine alone. */
export interface PageServer {
  /** Where it is. */
  readonly url: string
  /** How many pages are open. */
  readonly pages: number
  /** Puts a part into every page, and into those that come later. */
  show(part: PartName, content: Markup): void
  /** Says that nothing more will come, and hangs up. */
  close(): Promise<void>
}

/** The first port that is tried; the next free one is taken. */
export const FIRST_PORT = 7007
const PORTS = 100
/** A page that does not read is hung up on: what waits for it would grow. */
const MOST_WAITING = 8 << 20
/** Nothing outside this machine reaches this address. */
const HOST = '127.0.0.1'

/** Opens the page; `onPage` hears of each that is opened. @throws CliError where no port is free. */
export async function openPageServer(
  onPage: () => void,
  firstPort: number = FIRST_PORT,
): Promise<PageServer> {
  const parts = new Map<PartName, string>()
  const open = new Set<ServerResponse>()

  const send = (response: ServerResponse, text: string): void => {
    response.write(text)
    if (response.writableLength > MOST_WAITING) response.destroy()
  }
  const follow = (response: ServerResponse): void => {
    response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' })
    for (const text of parts.values()) send(response, text)
    open.add(response)
    response.on('close', () => open.delete(response))
    onPage()
  }
  const server = createServer((request, response) => {
    const refused = refusal(request)
    if (refused !== null) return end(response, ...refused)
    if (request.url === '/events') return request.method === 'GET' ? follow(response) : end(response, 200, '')
    if (request.url === '/') return page(response)
    end(response, 404, 'there is one page here, at /\n')
  })
  await listen(server, firstPort)
  // The run ends the program, not the pages that look at it.
  server.unref()
  server.on('connection', (socket) => socket.unref())

  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    get pages() {
      return open.size
    },
    show(part, content) {
      const text = `event: ${part}\ndata: ${JSON.stringify(content.text)}\n\n`
      parts.set(part, text)
      for (const response of open) send(response, text)
    },
    async close() {
      for (const response of open) response.end('event: end\ndata: ""\n\n')
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      // A page that does not take its last words is not waited for.
      const timer = setTimeout(() => server.closeAllConnections(), 200)
      await closed
      clearTimeout(timer)
    },
  }
}

const headers = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const

/** A page of another site can have its own name point at this machine: only requests by an address of this machine are answered. */
function refusal({ headers: { host }, method }: IncomingMessage): [status: number, text: string] | null {
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? ''))
    return [403, 'this page is for this machine only: open it by the address that was printed\n']
  return method === 'GET' || method === 'HEAD' ? null : [405, 'there is nothing to be changed here\n']
}

function page(response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64')
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  response.writeHead(200, {
    ...headers,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
  })
  response.end(pageHtml(nonce).text)
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(text)
}

async function listen(server: Server, firstPort: number): Promise<void> {
  for (let port = firstPort; ; port++) {
    try {
      return await new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, HOST, () => {
          server.off('error', reject)
          resolve()
        })
      })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const isTaken = code === 'EADDRINUSE' || code === 'EACCES'
      if (!isTaken || port + 1 === firstPort + PORTS) {
        const why = `no port from ${firstPort} to ${port} can be opened: ${oneLine(error)}`
        throw new CliError(`--watch: ${why}`, exitCodes.failure, { cause: error })
      }
    }
  }
}
