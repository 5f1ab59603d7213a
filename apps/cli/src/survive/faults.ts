import { promises, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded before the program with `--import`: counts what is written, synced, renamed, linked and removed, and lets one of
 * it fail. HANDGRAD_FAULT says which, when and how: `12 before kill`, `3 half kill`, `7 before ENOSPC`; HANDGRAD_COUNT
 * names a file that gets a line for each.
 */
const [nth, moment, kind] = (process.env['HANDGRAD_FAULT'] ?? '0 never kill').split(' ')
const log = process.env['HANDGRAD_COUNT']
let count = 0

function fail(what: string): void {
  if (kind === 'kill') process.kill(process.pid, 'SIGKILL')
  const error: NodeJS.ErrnoException = new Error(
    `${kind}: ${kind === 'ENOSPC' ? 'no space left on device' : 'i/o error'}, ${what}`,
  )
  error.code = kind
  throw error
}

/** Does `work` as one step that may fail before, in the middle (`half` of it) or after. */
async function step<T>(what: string, work: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
  const mine = ++count === Number(nth)
  if (log !== undefined) writeFileSync(log, `${what}\n`, { flag: 'a' })
  if (mine && moment === 'before') fail(what)
  if (mine && moment === 'half' && half !== undefined) {
    await half()
    fail(what)
  }
  const result = await work()
  if (mine && moment === 'after') fail(what)
  return result
}

type Call = (...args: any[]) => Promise<any>

async function install(): Promise<void> {
  const fs = promises as unknown as Record<string, Call>
  for (const name of ['rename', 'link', 'rm', 'mkdir']) {
    const own = fs[name]
    fs[name] = (...args) => step(name, () => own(...args))
  }
  const handle = await open(process.execPath, 'r')
  const prototype = Object.getPrototypeOf(handle) as Record<string, Call>
  await handle.close()
  const { writeFile, write, truncate, sync } = prototype
  prototype['writeFile'] = function (this: FileHandle, content: string | Uint8Array) {
    const bytes = Buffer.from(content as Uint8Array)
    const half = (): Promise<unknown> => writeFile.call(this, bytes.subarray(0, bytes.length >> 1))
    return step('write', () => writeFile.call(this, bytes), half)
  }
  prototype['write'] = function (
    this: FileHandle,
    bytes: Uint8Array,
    from: number,
    length: number,
    at: number,
  ) {
    const half = (): Promise<unknown> => write.call(this, bytes, from, length >> 1, at)
    return step('write', () => write.call(this, bytes, from, length, at), half)
  }
  prototype['truncate'] = function (this: FileHandle, length: number) {
    return step('truncate', () => truncate.call(this, length))
  }
  prototype['sync'] = function (this: FileHandle) {
    return step('sync', () => sync.call(this))
  }
  syncBuiltinESMExports()
}

// Workers save nothing.
if (isMainThread) await install()
