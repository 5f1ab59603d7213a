import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { backends } from '@handgrad/tensor'
import { models } from '@handgrad/trainer'
import { type Comparison, compare, compareOwn, type Range } from '../bench/compare.ts'
import { ourContender, peersFor, type Setting } from '../bench/contenders.ts'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import type { Io } from '../io.ts'

interface Options {
  network: string[]
  batch: string[]
  threads: string[]
  mode: ('train' | 'infer')[]
  pairs: string
  milliseconds: string
  python?: string
  turbo?: boolean
  json?: boolean
  save?: boolean
}

/** One comparison with what was compared. */
type Row = Setting & { us: string } & Comparison

const results = fileURLToPath(new URL('../../../../bench/results.json', import.meta.url))

export const command: CommandModule = {
  summary: 'images per second beside PyTorch and the JavaScript libraries that are installed',
  define(program) {
    program
      .option('--network <names...>', 'networks', ['seed', 'lenet5', 'wide', 'mlp'])
      .option('--batch <sizes...>', 'images per step', ['1', '64', '256'])
      .option('--threads <n...>', 'threads', ['1', '2'])
      .option('--mode <names...>', 'train, infer', ['train', 'infer'])
      .option('--pairs <n>', 'pairs that must count, ours and theirs in turn', '7')
      .option('--milliseconds <n>', 'length of each run', '400')
      .option('--python <path>', 'the Python that has PyTorch (HANDGRAD_PYTHON)')
      .option('--turbo', 'let V8 join pairs of 128-bit operations')
      .option('--json', 'one object per comparison')
      .option('--save', 'write bench/results.json with machine and commit')
  },
  async run({ options, io }) {
    const asked = options as unknown as Options
    const python = findPython(asked, io)
    const rows: Row[] = []
    for (const setting of settings(asked)) {
      for await (const row of comparisons(setting, asked, python, io)) {
        rows.push(row)
        io.out.line(asked.json ? JSON.stringify(row) : format(row))
      }
    }
    if (asked.save) writeFileSync(results, `${JSON.stringify({ machine: machine(), rows }, null, 2)}\n`)
    return exitCodes.ok
  },
}

function whole(values: readonly string[], option: string): number[] {
  return values.map((value) => {
    if (/^[1-9]\d*$/.test(value)) return Number(value)
    throw new CliError(`${option} '${value}': expected a whole number, 1 or more`, exitCodes.usage)
  })
}

function settings({ network, batch, threads, mode }: Options): Setting[] {
  for (const name of network) {
    if (!Object.hasOwn(models, name)) {
      throw new CliError(`--network '${name}': expected ${Object.keys(models).join(', ')}`, exitCodes.usage)
    }
  }
  const modes = mode.filter((name) => ['train', 'infer'].includes(name))
  if (modes.length < mode.length) throw new CliError('--mode: expected train, infer', exitCodes.usage)
  const counts = whole(threads, '--threads')
  const sizes = whole(batch, '--batch')
  return network.flatMap((name) =>
    modes.flatMap((m) =>
      counts.flatMap((n) => sizes.map((size) => ({ network: name, batch: size, mode: m, threads: n }))),
    ),
  )
}

/** A Python with PyTorch, or null with a note. */
function findPython({ python }: Options, io: Io): string | null {
  const wanted = python ?? process.env['HANDGRAD_PYTHON'] ?? 'python3'
  try {
    execFileSync(wanted, ['-c', 'import torch'], { stdio: 'ignore' })
    return wanted
  } catch {
    io.err.line(`note: ${wanted} has no torch: PyTorch is left out (--python)`)
    return null
  }
}

/** Ours against every peer, and against our other backends and thread counts. */
async function* comparisons(
  setting: Setting,
  { pairs, milliseconds, turbo = false }: Options,
  python: string | null,
  io: Io,
): AsyncGenerator<Row> {
  const how = {
    pairs: whole([pairs], '--pairs')[0],
    milliseconds: whole([milliseconds], '--milliseconds')[0],
  }
  const best = backends().at(-1)!
  const own = ourContender(setting, best, turbo)
  const jobs = [
    ...peersFor(setting, python).map((peer) => ({ name: peer.name, start: () => compare(own, peer, how) })),
    ...others(setting, best, turbo).map((other) => ({
      name: other.name,
      start: () => compareOwn(own, other, how),
    })),
  ]
  for (const { name, start } of jobs) {
    try {
      yield { ...setting, us: own.name, ...(await start()) }
    } catch (error) {
      io.err.line(`note: ${name} is left out: ${(error as Error).message}`)
    }
  }
}

function others(setting: Setting, best: string, turbo: boolean) {
  const rest = backends().filter((name) => name !== best && (name !== 'reference' || setting.threads === 1))
  const one =
    setting.threads > 1
      ? [{ ...ourContender({ ...setting, threads: 1 }, best, turbo), name: 'handgrad, 1 thread' }]
      : []
  return [...rest.map((name) => ourContender(setting, name, false)), ...one]
}

const speed = ({ median }: Range): string => Math.round(median).toLocaleString('en').padStart(9)

function format({ network, mode, batch, threads, peer, ours, theirs, ratio, counted, run }: Row): string {
  const what = `${network} ${mode} ${batch} on ${threads}`.padEnd(22)
  const times = `${ratio.median.toFixed(2)}× (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`
  return `${what} ${speed(ours)}/s  ${peer.padEnd(24)} ${speed(theirs)}/s  ${times.padEnd(22)} ${counted}/${run} pairs`
}

function machine(): object {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
  return { commit, cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version }
}
