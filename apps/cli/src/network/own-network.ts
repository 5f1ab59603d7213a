import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Sequential } from '@handgrad/layers'
import { describeValue } from '@handgrad/tensor'
import { isOwnModel, models, type NetworkOrigin, type OwnNetwork } from '@handgrad/trainer'
import { InvalidArgumentError, Option } from 'commander'
import { CliError, exitCodes, oneLine } from '../errors.ts'
import { userPath } from '../io.ts'
import { digestsOf } from './digests.ts'
import { useSamePackages } from './same-packages.ts'

/** How long a module may take to load, in seconds: one that waits for what never comes would end the program without a word. */
const PATIENCE = 30

/** `--model <model>`: a name, or the path of a module. */
export function modelOption(description: string): Option {
  const names = Object.keys(models)
  return new Option('--model <model>', description).choices(names).argParser((text: string) => {
    if (names.includes(text) || isOwnModel(text)) return text
    throw new InvalidArgumentError(`expected ${names.join(', ')}, or the path of a module`)
  })
}

/** A model as people read it: its name, or that of the file that makes it. */
export const modelName = (model: string): string => (isOwnModel(model) ? basename(model) : model)

/**
 * The network that a module of the user's makes: its default export, or `net`, is a function that gives a new Sequential.
 * Only a path that was typed is loaded: what a file of others names is not run.
 * @throws CliError in one line, with the code for usage, for a module that is not there, throws, or exports something else.
 */
export async function loadOwnNetwork(given: string): Promise<OwnNetwork> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new CliError(`--model ${given}: ${problem}`, exitCodes.usage, { cause })
  }
  const path = userPath(given)
  if (!existsSync(path)) return refuse('there is no such file')
  const files = await digestsOf(path)
  const exported = await load(path).catch((error: unknown) =>
    refuse(`cannot be loaded: ${oneLine(error)}`, error),
  )
  const found = exported['default'] ?? exported['net']
  // What it refuses is nobody's to hear: it is no network either way.
  if (found instanceof Promise) found.catch(() => {})
  if (found instanceof Sequential)
    return refuse('exports a network that is made already, expected a function that makes one')
  if (typeof found !== 'function')
    return refuse(
      `has ${found === undefined ? 'nothing' : describeValue(found)} as its default export or net, expected a function that makes a Sequential`,
    )
  const make = (): Sequential => {
    let made: unknown
    try {
      made = isClass(found) ? new found() : (found as () => unknown)()
    } catch (error) {
      return refuse(`making the network: ${oneLine(error)}`, error)
    }
    if (made instanceof Sequential) return made
    return refuse(
      `makes ${made === undefined ? 'nothing' : describeValue(made)}, expected a Sequential of this program's @handgrad/layers`,
    )
  }
  if (make() === make()) return refuse('gives the same network twice, expected a new one at each call')
  return { make, origin: { files } }
}

async function load(path: string): Promise<Record<string, unknown>> {
  useSamePackages()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it is not done after ${PATIENCE} s`)), PATIENCE * 1000)
  })
  try {
    return (await Promise.race([import(pathToFileURL(path).href), late])) as Record<string, unknown>
  } finally {
    clearTimeout(timer)
  }
}

const isClass = (value: unknown): value is new () => unknown =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

/** A model that was typed: its name, or the network that it makes. */
export async function namedNetwork(model: string | undefined): Promise<string | OwnNetwork | undefined> {
  return model !== undefined && isOwnModel(model) ? loadOwnNetwork(model) : model
}

/** The first file that is not the same in both, in words; null where all are. */
export function changedFile(now: NetworkOrigin, then: NetworkOrigin): string | null {
  const names = Object.keys({ ...then.files, ...now.files })
  return names.find((name) => now.files[name] !== then.files[name]) ?? null
}
