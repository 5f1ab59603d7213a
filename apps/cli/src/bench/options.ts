import { models } from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'
import { type PeerName, peerNames } from './contenders.ts'
import type { PartName } from './report.ts'
import type { Setting } from './serve.ts'
import { FEWEST } from './stats.ts'

/** What `bench` can measure, in the order in which it does. */
export const partNames: readonly PartName[] = ['speed', 'kernels', 'own-layer', 'memory', 'accuracy']

/** The options as commander gives them. */
export interface RawOptions {
  readonly networks?: readonly string[]
  readonly batches?: readonly string[]
  readonly threads?: readonly string[]
  readonly modes?: readonly string[]
  readonly peers?: readonly string[]
  readonly pairs?: string
  readonly milliseconds?: string
  readonly budget?: string
  readonly seeds?: string
  readonly python?: string
  readonly compile?: boolean
  readonly quick?: boolean
  readonly json?: boolean
  readonly save?: boolean
  readonly compare?: string
  readonly turbo?: boolean
}

/** The same, checked. */
export interface BenchOptions {
  readonly parts: readonly PartName[]
  readonly settings: readonly Setting[]
  readonly threads: readonly number[]
  readonly peers: readonly PeerName[]
  readonly pairs: number
  readonly milliseconds: number
  /** Seconds for the rounds of one setting. */
  readonly budget: number
  readonly seeds: number
  readonly compile: boolean
  /** Without and with `--turbo`, for `--compare`. */
  readonly turbo: readonly boolean[]
}

const FULL = {
  networks: ['seed', 'lenet5', 'wide', 'mlp'],
  batches: ['1', '64', '256'],
  pairs: '7',
  milliseconds: '150',
}
const QUICK = { networks: ['seed'], batches: ['64'], pairs: '3', milliseconds: '80' }
const modeNames = ['train', 'infer'] as const

/** @throws CliError (usage) naming the option, what came and what was expected. */
export function checkOptions(parts: readonly string[], raw: RawOptions): BenchOptions {
  const base = raw.quick ? QUICK : FULL
  const networks = among('--networks', raw.networks ?? base.networks, Object.keys(models))
  const modes = among('--modes', raw.modes ?? modeNames, modeNames)
  const batches = (raw.batches ?? base.batches).map((value) => whole('--batches', value))
  return {
    parts: among('part', parts.length > 0 ? parts : ['speed', 'kernels', 'own-layer', 'memory'], partNames),
    settings: networks.flatMap((network) =>
      modes.flatMap((mode) => batches.map((batch) => ({ network, mode, batch }))),
    ),
    threads: (raw.threads ?? ['1', '2']).map((value) => whole('--threads', value)),
    peers: among('--peers', raw.peers ?? peerNames, [...peerNames, 'none']).filter((name) => name !== 'none'),
    pairs: whole('--pairs', raw.pairs ?? base.pairs),
    milliseconds: whole('--milliseconds', raw.milliseconds ?? base.milliseconds),
    budget: whole('--budget', raw.budget ?? '40'),
    seeds: whole('--seeds', raw.seeds ?? '5'),
    compile: raw.compile !== false && raw.quick !== true,
    turbo: raw.turbo === undefined ? [false, true] : [raw.turbo],
  }
}

/** A pair of `--compare` is two processes: with fewer than these there is no range, with more no end. */
const PAIRS = { default: '9', fewest: FEWEST, most: 999 }

/** The same with `--compare`, which measures speed and nothing else. @throws CliError (usage). */
export function checkCompareOptions(parts: readonly string[], raw: RawOptions): BenchOptions {
  const beside = Object.entries({ parts: parts.length > 0, '--save': raw.save, '--peers': raw.peers })
  const [other] = beside.find(([, given]) => given !== undefined && given !== false) ?? []
  if (other !== undefined)
    throw new CliError(`--compare measures this program alone: it does not go with ${other}`, exitCodes.usage)
  const options = checkOptions(parts, { pairs: PAIRS.default, ...raw })
  if (options.pairs < PAIRS.fewest || options.pairs > PAIRS.most)
    throw new CliError(
      `--pairs '${options.pairs}': expected ${PAIRS.fewest} to ${PAIRS.most} with --compare: fewer give no 95 % range`,
      exitCodes.usage,
    )
  return options
}

function whole(option: string, value: string): number {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value)
  throw new CliError(`${option} '${value}': expected a whole number, 1 or more`, exitCodes.usage)
}

function among<T extends string>(option: string, values: readonly string[], known: readonly T[]): T[] {
  for (const value of values) {
    if (known.includes(value as T)) continue
    throw new CliError(`${option} '${value}': expected ${known.join(', ')}`, exitCodes.usage)
  }
  return [...new Set(values)] as T[]
}
