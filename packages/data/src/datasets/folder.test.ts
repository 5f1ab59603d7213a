import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readIdx } from '../idx/read.ts'
import { platform as browser } from '../platform/browser.ts'
import { platform } from '../platform/node.ts'
import { mnist } from './descriptions.ts'
import { loadMnist, loadPart } from './load.ts'
import { good, suffix } from './test/files.ts'

const gzip = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))
const page = Buffer.from('<!doctype html><title>Not found</title>')
const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n')
const plainName = (file: string) => `${file}-${suffix(file)}`

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-data-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), bytes)
}

describe("Kaggle's layout", () => {
  test.each<[string, (name: string) => string]>([
    ['folders of the names, and the files with a dot beside them', (name) => name.replace('-idx', '.idx')],
    ['folders of the names with the files in them', (name) => `${name}/${name}`],
    ['the same with a dot', (name) => `${name.replace('-idx', '.idx')}/${name.replace('-idx', '.idx')}`],
    ['the same, gzipped', (name) => `${name}.gz/${name}.gz`],
  ])('%s', async (_, place) => {
    for (const [file, bytes] of Object.entries(good)) {
      await mkdir(join(folder, plainName(file)))
      await write(place(plainName(file)), place('').endsWith('.gz') ? gzip(bytes) : bytes)
    }
    const { train, test: last } = await loadMnist(folder)
    expect([...train.labels, ...last.labels]).toEqual([9, 0, 5, 1, 2])
    expect(Buffer.compare(last.images, good['t10k-images'].subarray(16))).toBe(0)
  })

  test('a folder without the file is said', async () => {
    await mkdir(join(folder, 'train-images-idx3-ubyte'))
    const names =
      'train-images-idx3-ubyte, train-images.idx3-ubyte, train-images-idx3-ubyte.gz, train-images.idx3-ubyte.gz'
    const looked = `looked for ${names}; ${folder}/train-images-idx3-ubyte: is a folder`
    await expect(loadMnist(folder)).rejects.toThrow(
      new Error(`${folder}: has no train-images of MNIST (${looked}); give the folder of its four IDX files`),
    )
    await expect(readIdx(folder)).rejects.toThrow(new Error(`${folder}: is a folder`))
    await write('file', page)
    await expect(loadMnist(`${folder}/file`)).rejects.toThrow(`${folder}/file: has no train-images`)
  })
})

describe('another kind of file is called what it is', () => {
  test.each([
    ['a Git LFS pointer', pointer],
    ['an HTML page', page],
    ['a zip archive', Buffer.from('PK\x03\x04')],
  ])('%s', async (kind, bytes) => {
    await write(plainName('train-images'), bytes)
    await expect(loadMnist(folder)).rejects.toThrow(
      `${folder}/train-images-idx3-ubyte: is no IDX file but ${kind}`,
    )
    await expect(readIdx(`${folder}/train-images-idx3-ubyte`)).rejects.toThrow(`is no IDX file but ${kind}`)
  })

  test('within a gzip file too', async () => {
    await write('train-images-idx3-ubyte.gz', gzip(page))
    await expect(loadMnist(folder)).rejects.toThrow(
      `${folder}/train-images-idx3-ubyte.gz: is no IDX file but an HTML page`,
    )
  })

  test('but a good file of another name counts', async () => {
    for (const [file, bytes] of Object.entries(good)) {
      await write(plainName(file), pointer)
      await write(`${plainName(file)}.gz`, gzip(bytes))
    }
    expect((await loadMnist(folder)).train).toHaveLength(3)
  })
})

/** A host, for the browser's side, for as long as the test runs; `asked` are the addresses. */
async function host(answer: RequestListener): Promise<{ base: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    answer(request, response)
  })
  const base = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    })
  })
  const read = vi.spyOn(platform, 'readFile').mockImplementation((path) => browser.readFile(path))
  const joined = vi.spyOn(platform, 'join').mockImplementation((...parts) => browser.join(...parts))
  onTestFinished(() => {
    read.mockRestore()
    joined.mockRestore()
    server.close()
  })
  return { base, asked }
}

/** Answers with the gzipped files of `good` under `prefix`, and as told for every other name. */
const hosting =
  (
    prefix: string,
    otherwise: (response: Parameters<RequestListener>[1]) => void,
    query = '',
  ): RequestListener =>
  ({ url }, response) => {
    const entry = Object.entries(good).find(([file]) => url === `${prefix}/${plainName(file)}.gz${query}`)
    if (entry === undefined) otherwise(response)
    else response.end(gzip(entry[1]))
  }

describe('hosts', () => {
  test.each([403, 404, 410])('one that answers %i for a name that it does not have', async (status) => {
    const { base, asked } = await host(
      hosting('/mnist', (response) => void response.writeHead(status).end(page)),
    )
    expect((await loadPart(mnist, `${base}/mnist`, 'test')).labels).toEqual(Uint8Array.of(1, 2))
    // Nothing is asked for twice, nor looked for in what is there or is plainly not.
    const names = ['t10k-labels-idx1-ubyte', 't10k-labels.idx1-ubyte']
    const inside = status === 404 ? [] : names.map((name) => `${name}/${name}`)
    expect(asked.filter((url) => url.includes('labels')).sort()).toEqual(
      [...names, ...inside, `${names[0]}.gz`].map((name) => `/mnist/${name}`).sort(),
    )
    const why = status === 404 ? 'no such file' : `no such file (HTTP ${status})`
    await expect(readIdx(`${base}/none`)).rejects.toThrow(new Error(`${base}/none: ${why}`))
    const where = `${base}/none/train-images-idx3-ubyte`
    await expect(loadMnist(`${base}/none`)).rejects.toThrow(
      status === 404
        ? 'train-images.idx3-ubyte.gz); give the folder'
        : `; ${where}: ${why}); give the folder`,
    )
  })

  test("one that lists Kaggle's folders as pages", async () => {
    const { base } = await host(({ url }, response) => {
      const entry = Object.entries(good).find(([file]) => url!.startsWith(`/mnist/${plainName(file)}`))
      if (entry === undefined) response.writeHead(404).end()
      else response.end(url!.endsWith(`/${plainName(entry[0])}/${plainName(entry[0])}`) ? entry[1] : page)
    })
    expect((await loadMnist(`${base}/mnist`)).train.labels).toEqual(Uint8Array.of(9, 0, 5))
  })

  test('one with a page for every name', async () => {
    const { base } = await host(hosting('/mnist', (response) => void response.end(page)))
    expect((await loadMnist(`${base}/mnist/`)).train).toHaveLength(3)
    await expect(loadMnist(`${base}/none`)).rejects.toThrow(
      `${base}/none/train-images-idx3-ubyte: is no IDX file but an HTML page`,
    )
  })

  test.each([
    ['?key=a/b', '?key=a/b'],
    ['/?key=1&v=2#part', '?key=1&v=2'],
    ['#part', ''],
  ])('an address that ends with %s', async (end, query) => {
    const { base, asked } = await host(
      hosting('/mnist', (response) => void response.writeHead(404).end(), query),
    )
    expect((await loadMnist(`${base}/mnist${end}`)).train).toHaveLength(3)
    expect(asked[0]).toBe(`/mnist/train-images-idx3-ubyte${query}`)
  })

  test('one that is at fault, or not there, is not taken for one without the file', async () => {
    const { base } = await host((_, response) => void response.writeHead(500).end(page))
    await expect(loadMnist(base)).rejects.toThrow(
      new Error(`${base}/train-images-idx3-ubyte: cannot be read (HTTP 500)`),
    )
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')))
    onTestFinished(() => void vi.unstubAllGlobals())
    await expect(loadMnist(base)).rejects.toThrow(
      new Error(`${base}/train-images-idx3-ubyte: cannot be read (fetch failed)`),
    )
  })
})

test('a file that cannot be read is not taken for none', async () => {
  const path = `${folder}/${'x'.repeat(300)}`
  const thrown: unknown = await readIdx(path).catch((error: unknown) => error)
  expect(thrown).toEqual(new Error(`${path}: cannot be read (ENAMETOOLONG)`))
  expect((thrown as Error).cause).toMatchObject({ code: 'ENAMETOOLONG' })
})

test("each side's paths", () => {
  expect(platform.join('a?b', 'c')).toBe('a?b/c')
  expect(platform.join('a/', 'c')).toBe('a/c')
  expect(platform.join('/', 'c')).toBe('/c')
  expect(browser.join('a/', 'c')).toBe('a/c')
  expect(browser.join('a', 'c')).toBe('a/c')
  expect(() => browser.md5(new Uint8Array(0))).toThrow('browsers have no MD5: load without `verify`')
})

test("each side's SHA-256, of all bytes of a view and of no others", async () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i).subarray(7, 207)
  const expected = createHash('sha256').update(bytes).digest('hex')
  expect(await platform.sha256(bytes)).toBe(expected)
  expect(await browser.sha256(bytes)).toBe(expected)
  expect(await browser.sha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
