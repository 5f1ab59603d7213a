import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isOwnModel, resolveConfig, type TrainOptions } from '@handgrad/trainer'
import { CliError, exitCodes, oneLine } from '../../errors.ts'
import { folderContents, removeTemporary } from '../../files.ts'
import { type Io, userPath } from '../../io.ts'
import { modelName } from '../../network/own-network.ts'
import { readRun } from '../../run-list/read-run.ts'
import { type Around, usable } from '../begin.ts'
import { isCheckpoint } from '../checkpoints.ts'
import { readConfigFile } from '../config-file.ts'
import { trainOne } from '../one.ts'
import type { TrainFlags } from '../options.ts'
import { renewable } from '../resume.ts'
import { openRunFolder, type RunFolder, reopenRunFolder } from '../run-folder.ts'
import { folderOf, PLAN, type Plan, planText, seedsFrom } from './plan.ts'
import { printResults, type SeedResult } from './results.ts'

/** A call of `train` that is about several runs. */
export interface RepeatCall extends Omit<Around, 'group'> {
  readonly given: TrainOptions
  readonly flags: TrainFlags
  readonly io: Io
}

/** Begins several runs that differ in their seeds alone, one after the other; gives the exit code. */
export async function beginRepeat(call: RepeatCall): Promise<number> {
  const { given, flags } = call
  const file = flags.config === undefined ? undefined : await readConfigFile(flags.config)
  const { threads: _, ...config } = usable(() => resolveConfig({ ...file?.options, ...given }))
  const plan: Plan = {
    seeds: seedsFrom(config.seed, flags.repeat!),
    options: isOwnModel(config.model) ? { ...config, model: userPath(config.model) } : config,
    dataDir: flags.dataDir === undefined ? file?.dataDir : userPath(flags.dataDir),
    init: flags.init === undefined ? undefined : userPath(flags.init),
    log: flags.log ?? file?.log,
  }
  const folder = await openRunFolder(flags.out, modelName(config.model).replace(/\.\w+$/, ''))
  try {
    await folder.write(PLAN, planText(plan))
    return await runAll(call, plan, folder)
  } catch (error) {
    // Of what came to nothing, nothing stays.
    const names = (await folderContents(folder.path)) ?? []
    if (!names.some((name) => name.startsWith('seed-'))) await folder.discard()
    throw error
  } finally {
    await folder.close()
  }
}

/** Goes on with several runs, from the first that is not finished; gives the exit code. */
export async function resumeRepeat(call: RepeatCall, plan: Plan): Promise<number> {
  const { given, flags } = call
  const fixed = Object.keys(given).find((name) => !isRenewed(name, plan) || name === 'epochs')
  if (fixed !== undefined)
    throw new CliError(`${fixed} does not go with --resume: the runs have their own`, exitCodes.usage)
  const other = (['out', 'config', 'init', 'repeat', 'dataDir', 'log'] as const).find(
    (name) => flags[name] !== undefined,
  )
  if (other !== undefined)
    throw new CliError(
      `${other} does not go with --resume of several runs: they have their own`,
      exitCodes.usage,
    )
  const folder = await reopenRunFolder(flags.resume!)
  try {
    return await runAll(call, plan, folder)
  } finally {
    await folder.close()
  }
}

const isRenewed = (name: string, { options }: Plan): boolean =>
  renewable.includes(name) || (name === 'model' && isOwnModel(options.model ?? ''))

async function runAll(call: RepeatCall, plan: Plan, folder: RunFolder): Promise<number> {
  const { io, flags, reporter, stop } = call
  const results: SeedResult[] = []
  let exitCode: number = exitCodes.ok
  for (const [i, seed] of plan.seeds.entries()) {
    const path = folderOf(folder.path, seed)
    let done = await resultIn(path)
    if (done === null) {
      reporter.seed(seed, `${i + 1} of ${plan.seeds.length}`, path)
      const code = await runSeed(call, plan, folder.path, seed)
      if (stop.exitCode !== null) return code
      if (code !== exitCodes.ok) exitCode = code
      done = await resultIn(path)
    }
    results.push({ seed, done })
  }
  printResults(io, results, folder.path, flags)
  return exitCode
}

/** What a run came to; null before its end. */
const resultIn = async (path: string): Promise<SeedResult['done']> =>
  (await folderContents(path)) === null ? null : ((await readRun(path).catch(() => null))?.done ?? null)

/** One that fails by its numbers does not keep the others from their end. */
async function runSeed(call: RepeatCall, plan: Plan, folder: string, seed: number): Promise<number> {
  const { given, flags, reporter } = call
  const path = folderOf(folder, seed)
  const names = (await folderContents(path)) ?? []
  const around = { ...call, group: { folder, like: await begunBeside(path, plan, folder) } }
  try {
    if (names.some(isCheckpoint)) return await trainOne(given, { ...flags, resume: path }, around)
    await clear(path, names)
    return await trainOne(optionsOf(call, plan, seed), flagsOf(flags, plan, path), around)
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.gate) throw error
    reporter.problem(`seed ${seed}: ${oneLine(error)}`)
    return exitCodes.gate
  }
}

/** A module is loaded where it was typed, not where a file names it. */
function optionsOf({ given }: RepeatCall, { options }: Plan, seed: number): TrainOptions {
  if (isOwnModel(options.model!) && given.model === undefined) {
    const name = modelName(options.model!)
    const advice = 'name its file with --model'
    throw new CliError(`the runs are of a network of your own, ${name}: ${advice}`, exitCodes.usage)
  }
  return { ...options, ...given, seed }
}

const flagsOf = (flags: TrainFlags, { dataDir, init, log }: Plan, out: string): TrainFlags => ({
  ...flags,
  resume: undefined,
  config: undefined,
  out,
  dataDir,
  init,
  log,
})

/** The folder of another run that has begun. */
async function begunBeside(path: string, { seeds }: Plan, folder: string): Promise<string | undefined> {
  const others = seeds.map((seed) => folderOf(folder, seed)).filter((other) => other !== path)
  for (const other of others) if ((await folderContents(other))?.some(isCheckpoint)) return other
  return undefined
}

/** Takes away what a process left that was killed before it had a checkpoint. */
async function clear(path: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await removeTemporary(path)
  for (const name of names.filter((one) => /^(config\.json|metrics\.csv|events\.out\..*)$/.test(one)))
    await rm(join(path, name), { force: true })
}
