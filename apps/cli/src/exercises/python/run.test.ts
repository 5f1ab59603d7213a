import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeNpz } from '@handgrad/gradcheck/node'
import { tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../errors.ts'
import { temporaryFolder } from '../../test/handgrad.ts'
import { written } from '../all.ts'
import { inputsOf } from '../check.ts'
import { type PythonOptions, runPython } from './run.ts'

const loss = written.find(({ id }) => id === 'cross-entropy-forward')!
const inputs = inputsOf(loss.cases(7))

/** What comes of a file where `script`, a shell's, stands for Python. */
function runWith(script: string, options: PythonOptions = {}): ReturnType<typeof runPython> {
  const python = join(temporaryFolder(), 'python')
  writeFileSync(python, `#!/bin/sh\n${script}\n`)
  chmodSync(python, 0o755)
  return runPython(loss, 'solve.py', inputs, { python, ...options })
}

describe.skipIf(process.platform === 'win32')('a Python that is none', () => {
  it.each([
    [
      'echo "no numpy"',
      {},
      /^\S+python has no numpy: \S+python -m pip install numpy; HANDGRAD_PYTHON names /,
    ],
    ['exit 1', {}, /^\S+python did not run \S+solve\.py, which needs Python 3; HANDGRAD_PYTHON names /],
    ['exec sleep 20', { patience: 200 }, /^\S+python did not start in 0\.2 s; HANDGRAD_PYTHON names /],
  ])('%s', async (script, options, message) => {
    await expect(runWith(script, options)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      exitCode: exitCodes.usage,
    })
  })

  it('is not there', async () => {
    const python = join(temporaryFolder(), 'nowhere')
    await expect(runPython(loss, 'solve.py', inputs, { python })).rejects.toMatchObject({
      message: `cannot start ${python} (spawn ${python} ENOENT): install Python 3 and numpy; HANDGRAD_PYTHON names the Python to use`,
      exitCode: exitCodes.usage,
    })
  })
})

describe.skipIf(process.platform === 'win32')('what a Python gives', () => {
  it('time counts from the word that it has begun', async () => {
    const script = 'sleep 0.4; echo begun; exec sleep 20'
    expect(await runWith(script, { limit: 300 })).toEqual({
      kind: 'broken',
      why: 'your code did not end in 0.3 s, which is for the file and all calls of solve() together',
    })
  })

  it('an end without an answer is the learner’s', async () => {
    expect(await runWith('echo begun')).toEqual({
      kind: 'broken',
      why: 'your code ended its process before solve() was done',
    })
  })

  it('reads and writes files in a folder that is gone afterwards', async () => {
    const kept = temporaryFolder()
    const broken = JSON.stringify({ kind: 'broken', why: 'so' })
    const script = `cp -r "$2"/* ${kept}; echo "$2" > ${kept}/folder; echo '${broken}' > "$2"/ran.json; echo begun`
    expect(await runWith(script)).toEqual({ kind: 'broken', why: 'so' })
    expect(JSON.parse(readFileSync(join(kept, 'job.json'), 'utf8'))).toEqual({
      file: 'solve.py',
      outputs: ['L'],
      cases: 2,
    })
    expect(existsSync(join(kept, 'cases/1/inputs.npz'))).toBe(true)
    expect(existsSync(readFileSync(join(kept, 'folder'), 'utf8').trim())).toBe(false)
  })

  it('what was given, and what was refused', async () => {
    const calls = [{ kind: 'gave' }, { kind: 'refused', says: 'your solve() raised' }]
    const arrays = join(temporaryFolder(), 'outputs.npz')
    writeFileSync(arrays, writeNpz({ L: tensor(2.5, undefined, { dtype: 'float64' }) }))
    const script = `mkdir "$2"/outputs/0; cp ${arrays} "$2"/outputs/0; echo '${JSON.stringify({ kind: 'ran', calls })}' > "$2"/ran.json; echo begun`
    expect(await runWith(script)).toEqual({
      kind: 'ran',
      calls: [
        { kind: 'gave', outputs: { L: 2.5 }, changed: [] },
        { kind: 'refused', says: 'your solve() raised' },
      ],
    })
  })
})
