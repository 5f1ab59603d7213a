import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach } from 'vitest'
import { AT_LOAD, type RawRecord } from './coverage-record.ts'

/**
 * Vitest loads this before a test file when coverage is measured: each test leaves what it ran, in this process by
 * V8's own counts, and in processes and threads that it starts by the folder that Node writes counts into.
 */
const folder = process.env['HANDGRAD_COVERAGE'] as string
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

const children = 'NODE_V8_COVERAGE'
let count = 0

async function leave(test: string, milliseconds: number, others: string | null): Promise<void> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const own = result.filter(({ url }) => url.startsWith('file:') && !url.includes('/node_modules/'))
  const record: RawRecord = { test, milliseconds, result: own, others }
  writeFileSync(join(folder, `${process.pid}-${count++}.json`), JSON.stringify(record))
}

let started = 0
let others = ''
const loading = performance.now()
let isLoaded = false

beforeEach(async () => {
  if (!isLoaded) await leave(AT_LOAD, performance.now() - loading, null)
  isLoaded = true
  mkdirSync(join(folder, 'others'), { recursive: true })
  others = mkdtempSync(join(folder, 'others', 'of-'))
  process.env[children] = others
  started = performance.now()
})

afterEach(async ({ task }) => {
  delete process.env[children]
  await leave(task.fullTestName, performance.now() - started, others)
})

afterAll(async () => {
  if (!isLoaded) await leave(AT_LOAD, performance.now() - loading, null)
})
