import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launch } from '../browser.ts'
import { pathWith } from './tools.ts'

export type Headers = Readonly<Record<string, string>>

/** Something that serves pages until it is closed. */
export interface Server {
  readonly url: string
  readonly close: () => Promise<void>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
}

/** A folder's files on this machine alone, each with `headers`. */
export async function serveFolder(folder: string, headers: Headers): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const file = join(folder, pathname === '/' ? 'index.html' : pathname)
    readFile(file).then(
      (bytes) =>
        response.writeHead(200, { ...headers, 'Content-Type': types[extname(file)] ?? '' }).end(bytes),
      () => response.writeHead(404, headers).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** A server of its own, which says where it is: Vite's. */
export async function serveWith(args: readonly string[], cwd: string): Promise<Server> {
  const child = spawn(process.execPath, args, { cwd, env: pathWith(process.execPath) })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString()
      const [found] = /http:\/\/localhost:\d+/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('close', () => reject(new Error(`${args.join(' ')} ended: ${said}`)))
  })
  return {
    url,
    async close() {
      child.kill()
      await ended
    },
  }
}

/** A page that was opened, and what went wrong in it. */
export interface Opened {
  readonly page: Page
  /** What scripts threw, and what the console holds as an error. */
  readonly errors: string[]
  readonly close: () => Promise<void>
}

let browser: Promise<Browser> | null = null

/** Opens an address in a context of its own. */
export async function open(url: string): Promise<Opened> {
  browser ??= launch()
  const context = await (await browser).newContext()
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(url)
  return { page, errors, close: () => context.close() }
}

/** Ends the browser: call it when the tests of a file are over. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
  browser = null
}
