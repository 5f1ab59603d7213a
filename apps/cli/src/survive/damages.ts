import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { saveRunState } from '@handgrad/trainer'
import { readCheckpoint } from '../train/checkpoints.ts'
import { disturbed, type Place } from './kills.ts'
import { outcome } from './outcome.ts'
import { handgrad } from './run.ts'
import type { Tally } from './tally.ts'

const NEWEST = 'checkpoint.safetensors'

/** Every way in which the newest checkpoint can be spoiled, by name. */
function spoilings(bytes: Buffer): [name: string, spoiled: Buffer][] {
  const cuts = Array.from({ length: Math.ceil(bytes.length / 4096) }, (_, i): [string, Buffer] => [
    `cut at ${i * 4096}`,
    bytes.subarray(0, i * 4096),
  ])
  const flips = Array.from({ length: 256 }, (_, i): [string, Buffer] => {
    const at = i < 64 ? i * 8 : Math.floor((i / 256) * bytes.length)
    const changed = Buffer.from(bytes)
    changed[at] ^= 1 << (i % 8)
    return [`bit ${i % 8} of byte ${at} another`, changed]
  })
  return [...cuts, ...flips, ['one byte more', Buffer.concat([bytes, Buffer.of(0)])]]
}

/** Damages what a run saved, fills the disk at every step of a save, and stops runs by signals. */
export async function damages(
  place: Place,
  errors: number,
  tally: Tally,
  print: (line: string) => void,
): Promise<void> {
  await newestSpoiled(place, tally, print)
  for (let i = 0; i < errors; i++) {
    const step = 1 + Math.floor((i * place.steps.length) / errors)
    await disturbed(place, [{ fault: `${step} before ${i % 2 === 0 ? 'ENOSPC' : 'EIO'}` }], tally)
  }
  print(`an error at a step of a save: ${errors} runs; ${tally.passed} passed, ${tally.failed} failed`)
  for (let i = 0; i < 12; i++) {
    const after = (place.duration * (i + 1)) / 13
    const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [{ name, after }])
    for (const list of signals) await disturbed(place, [{ signals: list }], tally)
    await disturbed(
      place,
      [
        {
          signals: [
            { name: 'SIGTERM', after },
            { name: 'SIGINT', after: after + 20 },
          ],
        },
      ],
      tally,
    )
  }
  print(`stopped by signals, also by two at once: 48 runs; ${tally.passed} passed, ${tally.failed} failed`)
}

async function newestSpoiled(place: Place, tally: Tally, print: (line: string) => void): Promise<void> {
  const folder = join(place.cwd, 'spoiled')
  await interrupted(place, folder)
  const bytes = readFileSync(join(folder, NEWEST))
  const { state: before } = await readCheckpoint(folder, { wanted: ['checkpoint.before.safetensors'] })
  const list = spoilings(bytes)
  for (const [name, spoiled] of list) {
    writeFileSync(join(folder, NEWEST), spoiled)
    const { state, notes } = await readCheckpoint(folder)
    const isBefore = Buffer.from(saveRunState(state)).equals(saveRunState(before))
    if (isBefore && notes.length === 1 && notes[0].includes(NEWEST)) tally.pass()
    else tally.fail(`${name}: not named, or not the one before it: ${notes.join('; ')}`)
  }
  print(
    `the newest checkpoint spoiled in ${list.length} ways; ${tally.passed} passed, ${tally.failed} failed`,
  )
  for (const [name, spoiled] of [list[0], list[3], list[80], ['whole', bytes] as const]) {
    const copy = join(place.cwd, 'copy')
    cpSync(folder, copy, { recursive: true })
    writeFileSync(join(copy, NEWEST), spoiled)
    const { code, err } = await handgrad(place.cwd, ['train', '--resume', 'copy', '--quiet'])
    if (code === 0 && outcome(copy) === place.expected) tally.pass()
    else tally.fail(`${name}: the run that went on ended with ${code}: ${err}`)
    rmSync(copy, { recursive: true })
  }
  await noFile(place, tally)
}

/** A run of which both checkpoints within an epoch are there. */
async function interrupted(place: Place, folder: string): Promise<void> {
  const words =
    'train --data-dir ../bars --model seed --batch-size 8 --shift 2 --epochs 2 --checkpoint-every 1 --quiet'
  // The last step is far behind the first epoch's end: killed there, the checkpoints of the second are left.
  for (let i = Math.floor(place.steps.length * 0.85); i > 0; i--) {
    rmSync(folder, { recursive: true, force: true })
    await handgrad(place.cwd, [...words.split(' '), '--out', folder], { fault: `${i} before kill` })
    const names = readdirSync(folder)
    // Killed right behind an epoch's end, it leaves some that are older than that end.
    const isNewest = names.includes(NEWEST) && (await readCheckpoint(folder)).path.endsWith(NEWEST)
    if (isNewest && names.includes('checkpoint.before.safetensors')) {
      for (const name of names) if (name.endsWith('.tmp')) rmSync(join(folder, name))
      return
    }
  }
  throw new Error('no run left two checkpoints within an epoch')
}

/** What is no file, or no run, is refused in one line, and nothing is trained. */
async function noFile(place: Place, tally: Tally): Promise<void> {
  const makers: Record<string, (folder: string) => void> = {
    'a link to nothing': (folder) => symlinkSync('nowhere', join(folder, 'state.safetensors')),
    'a folder in its place': (folder) => mkdirSync(join(folder, 'state.safetensors')),
    'an empty file': (folder) => writeFileSync(join(folder, 'state.safetensors'), ''),
    'the weights in its place': (folder) =>
      copyFileSync(join(place.cwd, 'whole/model.safetensors'), join(folder, 'state.safetensors')),
    nothing: () => {},
  }
  for (const [name, make] of Object.entries(makers)) {
    const folder = join(place.cwd, 'none')
    mkdirSync(folder)
    make(folder)
    const before = readdirSync(folder)
    const { code, err } = await handgrad(place.cwd, ['train', '--resume', 'none'])
    const isUntouched = JSON.stringify(readdirSync(folder)) === JSON.stringify(before)
    if (code === 1 && /^error: [^\n]+\n$/.test(err) && isUntouched) tally.pass()
    else tally.fail(`${name}: ended with ${code}: ${err}`)
    rmSync(folder, { recursive: true })
  }
}
