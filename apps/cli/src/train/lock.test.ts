import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { processStart } from '../process-start.ts'
import { temporaryFolder } from '../test/handgrad.ts'
import { LOCK, lockFolder } from './lock.ts'

/** A process that lives until the test is over, or is killed. */
function sleeper(): { pid: number; end: () => Promise<void> } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const end = async (): Promise<void> => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
    child.kill('SIGKILL')
    await exited
  }
  onTestFinished(end)
  return { pid: child.pid!, end }
}

/** A folder with a lock of `holder`, or with that text as lock. */
function locked(holder: object | string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, LOCK), typeof holder === 'string' ? holder : JSON.stringify(holder))
  return folder
}

test('the lock says host, process and its start, and goes when it is given back', async () => {
  const folder = temporaryFolder()
  const unlock = await lockFolder(folder)
  const started = await processStart(process.pid)
  expect(JSON.parse(readFileSync(join(folder, LOCK), 'utf8'))).toEqual({
    host: hostname(),
    pid: process.pid,
    started,
  })
  expect(started).toEqual(expect.any(String))
  expect(readdirSync(folder)).toEqual([LOCK])
  await expect(lockFolder(folder)).rejects.toThrow(`process ${process.pid} trains in this folder`)
  await unlock()
  expect(readdirSync(folder)).toEqual([])
  await unlock()
  await (await lockFolder(folder))()
})

test('the lock of a process that lives is kept, that of a dead one is taken over', async () => {
  const { pid, end } = sleeper()
  const holder = { host: hostname(), pid, started: await processStart(pid) }
  const folder = locked(holder)
  await expect(lockFolder(folder)).rejects.toThrow(
    `${join(folder, LOCK)}: process ${pid} trains in this folder: wait for its end, or name another with --out`,
  )
  expect(JSON.parse(readFileSync(join(folder, LOCK), 'utf8'))).toEqual(holder)
  await end()
  const unlock = await lockFolder(folder)
  expect(JSON.parse(readFileSync(join(folder, LOCK), 'utf8'))).toMatchObject({ pid: process.pid })
  await unlock()
  expect(readdirSync(folder)).toEqual([])
})

test('another process of the same number does not hold it', async () => {
  const folder = locked({ host: hostname(), pid: process.pid, started: 'at another time' })
  await (await lockFolder(folder))()
  expect(readdirSync(folder)).toEqual([])
})

test('of another host nobody knows whether it lives', async () => {
  const folder = locked({ host: 'elsewhere', pid: 7, started: 'x' })
  await expect(lockFolder(folder)).rejects.toThrow(
    `process 7 on elsewhere trains in this folder: if it is dead, remove ${join(folder, LOCK)}`,
  )
})

test.each(['', '{"host": "a', '{}', 'null', '{"host":"x","pid":-1}', '{"host":3,"pid":1}'])(
  'what is cut short, as %j, is no lock',
  async (text) => {
    const folder = locked(text)
    await (await lockFolder(folder))()
    expect(readdirSync(folder)).toEqual([])
  },
)

test('of many that want it at once, one has it: of a free folder, and of a dead lock', async () => {
  for (const folder of [temporaryFolder(), locked({ host: hostname(), pid: 2 ** 22 + 1, started: 'x' })]) {
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)))
    const won = attempts.filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
    expect(readdirSync(folder)).toEqual([LOCK])
  }
})

test('who gives back a lock that is not theirs any more leaves it', async () => {
  const folder = temporaryFolder()
  const unlock = await lockFolder(folder)
  writeFileSync(join(folder, LOCK), 'of another')
  await unlock()
  expect(readFileSync(join(folder, LOCK), 'utf8')).toBe('of another')
})

test('a folder that is not there says so', async () => {
  const folder = join(temporaryFolder(), 'none')
  await expect(lockFolder(folder)).rejects.toThrow(
    `cannot write ${join(folder, LOCK)}: no such file or directory`,
  )
})

test('a process that is none has no start', async () => {
  expect(await processStart(2 ** 22 + 1)).toBeNull()
  const { pid, end } = sleeper()
  const first = await processStart(pid)
  expect(await processStart(pid)).toBe(first)
  await end()
  expect(await processStart(pid)).toBeNull()
})
