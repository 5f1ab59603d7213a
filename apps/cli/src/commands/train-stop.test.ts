import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadSafetensors } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import { artifacts, finish, jsonLines, start, temporaryFolder } from '../test/handgrad.ts'

describe('a run that is stopped keeps what is there', () => {
  const long = ['train', '--limit', '400', '--epochs', '1000', '--batch-size', '16', '--json', '--out', 'run']

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends with %i', async (signal, exitCode) => {
    const cwd = temporaryFolder()
    const child = start(cwd, long)
    const end = finish(child)
    await once(child.stdout!, 'data')
    child.kill(signal)
    const { code, out, err } = await end
    expect(code).toBe(exitCode)
    expect(err).toBe('note: stopping after this batch; Ctrl-C again quits at once\n')
    const events = jsonLines(out)
    expect(events.at(-1)).toMatchObject({ event: 'stopped', epoch: events.length, run: join(cwd, 'run') })
    expect(readdirSync(join(cwd, 'run')).sort()).toEqual(artifacts.filter((name) => name !== 'confusion.png'))
    expect(jsonLines(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))).toHaveLength(events.length - 1)
    expect(Object.keys(loadSafetensors(readFileSync(join(cwd, 'run', 'model.safetensors'))))).toContain(
      '0.weight',
    )
  })

  test('so does one whose reader has gone', async () => {
    const cwd = temporaryFolder()
    const child = start(cwd, long)
    const end = finish(child)
    await once(child.stdout!, 'data')
    child.stdout!.destroy()
    const { code, err } = await end
    expect([code, err]).toEqual([141, ''])
    expect(existsSync(join(cwd, 'run', 'model.safetensors'))).toBe(true)
  })
})
