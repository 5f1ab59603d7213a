import { get, request } from 'node:http'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { html, Markup } from '../../report/markup.ts'
import { openPageServer, type PageServer } from './server.ts'

const servers: PageServer[] = []
const opened: string[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
  opened.length = 0
})

// Far from the port that a person's own `train --watch` takes.
async function open(firstPort = 17_007): Promise<PageServer> {
  const server = await openPageServer(() => void opened.push('page'), firstPort)
  servers.push(server)
  return server
}

interface Answer {
  status: number
  headers: Readonly<Record<string, unknown>>
  text: string
}

/** `fetch` sets the header Host itself. */
function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, ...options }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
    asked.on('error', reject).end()
  })
}

/** Follows what the server says until it hangs up. */
function follow(url: string): { readonly text: () => string; readonly ended: Promise<void>; leave(): void } {
  let text = ''
  let leave = (): void => {}
  const ended = new Promise<void>((resolve) => {
    const asked = get(`${url}events`, { agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('close', () => resolve())
    })
    asked.on('error', () => resolve())
    leave = () => asked.destroy()
  })
  return { text: () => text, ended, leave: () => leave() }
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('the page', () => {
  it('is at the address of this machine that is printed, and loads nothing else', async () => {
    const { url } = await open()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const { status, headers, text } = await ask(url)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(text).not.toMatch(/https?:/)
    const [, nonce] = /<script nonce="([^"]+)">/.exec(text)!
    expect(policy).toContain(`script-src 'nonce-${nonce}'`)
    expect((await ask(url)).text).not.toContain(nonce)
  })

  it('has a place for each part, and names the parts that the server shows', async () => {
    const { url } = await open()
    const { text } = await ask(url)
    expect([...text.matchAll(/id="(\w+)" data-part/g)].map(([, id]) => id)).toEqual([
      'run',
      'progress',
      'curves',
      'filters',
      'mistakes',
      'confusion',
    ])
  })
})

describe('who is answered', () => {
  it.each(['localhost:17007', '127.0.0.1', '[::1]:80', 'LOCALHOST'])('%s', async (host) => {
    expect((await ask((await open()).url, { headers: { host } })).status).toBe(200)
  })

  it.each(['example.com', 'localhost.example.com', '127.0.0.1.example.com:17007', 'xlocalhost', '10.0.0.1'])(
    'not %s',
    async (host) => {
      const { url } = await open()
      for (const path of ['', 'events']) {
        const { status, text } = await ask(`${url}${path}`, { headers: { host } })
        expect(status).toBe(403)
        expect(text).toContain('for this machine only')
      }
      expect(opened).toEqual([])
    },
  )

  it('nothing can be changed, and there is nothing else', async () => {
    const { url } = await open()
    expect((await ask(url, { method: 'POST' })).status).toBe(405)
    expect((await ask(`${url}events`, { method: 'DELETE' })).status).toBe(405)
    expect((await ask(`${url}etc/passwd`)).status).toBe(404)
    expect(await ask(url, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
    expect(await ask(`${url}events`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
    expect(opened).toEqual([])
  })
})

describe('what is shown', () => {
  it('goes to every page, and the last of each part to those that come later', async () => {
    const server = await open()
    server.show('run', html`<h1>${'a < b'}</h1>`)
    server.show('progress', html`first`)
    const early = follow(server.url)
    await until(() => server.pages === 1)
    server.show('progress', html`second\nline`)
    const late = follow(server.url)
    await until(() => server.pages === 2)
    expect(opened).toEqual(['page', 'page'])
    await server.close()
    await Promise.all([early.ended, late.ended])
    const run = 'event: run\ndata: "<h1>a &lt; b</h1>"\n\n'
    const second = 'event: progress\ndata: "second\\nline"\n\n'
    expect(early.text()).toBe(`${run}event: progress\ndata: "first"\n\n${second}event: end\ndata: ""\n\n`)
    expect(late.text()).toBe(`${run}${second}event: end\ndata: ""\n\n`)
  })

  it('a page that goes away is forgotten', async () => {
    const server = await open()
    const page = follow(server.url)
    await until(() => server.pages === 1)
    page.leave()
    await until(() => server.pages === 0)
    server.show('run', html`nobody`)
  })

  it('a page that does not read is hung up on before what waits for it grows', async () => {
    const server = await open()
    const asked = get(`${server.url}events`, { agent: false }, (response) => response.pause())
    asked.on('error', () => {})
    await until(() => server.pages === 1)
    const large = new Markup('x'.repeat(3 << 20))
    for (let i = 0; i < 20; i++) server.show('curves', large)
    await until(() => server.pages === 0)
    asked.destroy()
  })
})

describe('the port', () => {
  it('is the next one that is free', async () => {
    const [first, second] = [await open(17_107), await open(17_107)]
    expect(Number(new URL(second.url).port)).toBeGreaterThan(Number(new URL(first.url).port))
  })

  it('none is free: the range is named', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(65_535, '127.0.0.1', resolve))
    const opening = openPageServer(() => {}, 65_535)
    await expect(opening).rejects.toThrow(/65536|no port from 65535/)
    await new Promise((resolve) => blocker.close(resolve))
  })

  it('is given back at the end', async () => {
    const server = await open(17_207)
    const { port } = new URL(server.url)
    await server.close()
    servers.length = 0
    const again = await open(Number(port))
    expect(again.url).toBe(server.url)
  })
})
