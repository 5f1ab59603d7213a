import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { afterKill, hasCheckpoint, leftBehind, outcome } from './outcome.ts'
import { type Disturbance, type Ended, handgrad, stepsIn } from './run.ts'
import type { Tally } from './tally.ts'

/** 32 images, 25 of them in batches of 8: four steps, one batch of validation, twice, and the test. Saved after each. */
const words =
  'train --data-dir ../bars --model seed --batch-size 8 --shift 2 --epochs 2 --threads 2 --checkpoint-every 1 --log tensorboard,csv --quiet'.split(
    ' ',
  )

/** A place for runs, with the outcome of one that nothing disturbed. */
export interface Place {
  readonly cwd: string
  readonly expected: string
  /** What a whole run writes, syncs, renames, …, in order. */
  readonly steps: readonly string[]
  /** How long a run takes, in milliseconds. */
  readonly duration: number
  remove(): void
}

/** @throws Error when an undisturbed run fails, or two of them differ, on one thread and on two; `once`: of one alone. */
export async function newPlace(once?: 'once'): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), 'handgrad-survive-'))
  const cwd = join(root, 'runs')
  mkdirSync(cwd)
  writeFiles(join(root, 'bars'), idxFiles(32))
  const counted = join(root, 'steps')
  const first = await handgrad(cwd, [...words, '--out', 'whole'], { count: counted })
  const second = once ? first : await handgrad(cwd, [...words, '--out', 'again', '--threads', '1'])
  if (first.code !== 0 || second.code !== 0)
    throw new Error(`an undisturbed run failed: ${first.err}${second.err}`)
  const expected = outcome(join(cwd, 'whole'))
  if (!once && outcome(join(cwd, 'again')) !== expected) throw new Error('two undisturbed runs differ')
  return {
    cwd,
    expected,
    steps: stepsIn(counted),
    duration: second.seconds * 1000,
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

let number = 0

/** What is wrong with the words of a process that ended; null where nothing is. */
function saidWrongly({ code, err }: Ended): string | null {
  if (/\n\s+at /.test(err)) return `a stack trace: ${err}`
  return code === 1 && !/^error: /m.test(err) ? `failed without an error: ${err}` : null
}

/**
 * Starts a run, disturbs it and the resumptions that follow, one after the other, and lets it end: it has to come to the
 * same as an undisturbed one.
 */
export async function disturbed(
  place: Place,
  disturbances: readonly Disturbance[],
  tally: Tally,
): Promise<void> {
  const out = `run-${++number}`
  const folder = join(place.cwd, out)
  const told = JSON.stringify(disturbances)
  let ended: Ended | null = null
  for (const disturbance of [...disturbances, {}]) {
    const resume = hasCheckpoint(folder)
    if (!resume) rmSync(folder, { recursive: true, force: true })
    const call = resume
      ? [
          'train',
          '--resume',
          out,
          '--threads',
          String(1 + (number % 2)),
          '--checkpoint-every',
          '1',
          '--quiet',
        ]
      : [...words, '--out', out]
    ended = await handgrad(place.cwd, call, disturbance)
    if (ended.signal === 'SIGKILL') tally.kills++
    const problem = saidWrongly(ended) ?? afterKill(folder)
    if (problem !== null) return tally.fail(`${told}: ${problem}`)
  }
  const left = leftBehind(folder)
  if (ended!.code !== 0) tally.fail(`${told}: ended with ${ended!.code}: ${ended!.err}`)
  else if (left.length > 0) tally.fail(`${told}: left ${left.join(', ')}`)
  else if (outcome(folder) !== place.expected) tally.fail(`${told}: came to something else`)
  else tally.pass()
  rmSync(folder, { recursive: true, force: true })
}

/** Every moment at which a step of a save can be broken off by the end of the process. */
export function everyFault({ steps }: Place): string[] {
  return steps.flatMap((what, i) =>
    (what === 'write' ? ['before', 'half', 'after'] : ['before', 'after']).map(
      (when) => `${i + 1} ${when} kill`,
    ),
  )
}

/** Every step at which a disk can be full, or break: then the process lives on, and has to say so. */
export function everyRefusal({ steps }: Place): string[] {
  return steps.flatMap((what, i) =>
    (what === 'write' ? ['before', 'half'] : ['before']).flatMap((when) => [
      `${i + 1} ${when} ENOSPC`,
      `${i + 1} ${when} EIO`,
    ]),
  )
}
