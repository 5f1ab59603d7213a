import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { loadSafetensors } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import { artifacts, finish, jsonLines, start, temporaryFolder } from '../test/handgrad.ts'
import { smallMnist } from '../test/small-mnist.ts'

describe('a run that is stopped keeps what is there', () => {
  const long = [...'train --epochs 1000 --batch-size 16 --json --out run --data-dir'.split(' '), smallMnist()]

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
    expect(err).toContain('note: stopping after this batch; Ctrl-C again quits at once\n')
    const events = jsonLines(out)
    expect(events.at(-1)).toMatchObject({
      event: 'stopped',
      epoch: events.length,
      run: join(cwd, 'run'),
      resume: 'handgrad train --resume run',
    })
    // Within an epoch, unless the signal came at its end.
    const kept = readdirSync(join(cwd, 'run')).filter((name) => !name.startsWith('checkpoint'))
    expect(kept.sort()).toEqual(artifacts.filter((name) => name !== 'confusion.png'))
    expect(jsonLines(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))).toHaveLength(events.length - 1)
    expect(Object.keys(loadSafetensors(readFileSync(join(cwd, 'run', 'model.safetensors'))))).toContain(
      '0.weight',
    )
  })

  test('one whose reader has gone trains to its end', async () => {
    const cwd = temporaryFolder()
    const child = start(
      cwd,
      long.map((word) => (word === '1000' ? '4' : word)),
    )
    const end = finish(child)
    await once(child.stdout!, 'data')
    child.stdout!.destroy()
    expect((await end).code).toBe(141)
    expect(readdirSync(join(cwd, 'run')).sort()).toEqual(artifacts)
    expect(jsonLines(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8')).at(-1)).toMatchObject({
      event: 'done',
    })
  })

  test('a signal before anything is trained leaves a run to go on with', async () => {
    const cwd = temporaryFolder()
    const child = start(cwd, long)
    const end = finish(child)
    while (child.exitCode === null && !existsSync(join(cwd, 'run', 'run.lock'))) await setTimeout(2)
    child.kill('SIGTERM')
    expect((await end).code).toBe(143)
    const names = readdirSync(join(cwd, 'run'))
    expect(names).toContain('state.safetensors')
    expect(names.filter((name) => name === 'run.lock' || name.endsWith('.tmp'))).toEqual([])
  })
})
