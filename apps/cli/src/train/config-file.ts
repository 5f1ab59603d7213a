import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { checkField, type FieldName, fields, type TrainOptions } from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'
import { reason } from '../files.ts'
import { userPath } from '../io.ts'
import { isLogNames, type LogName, logNames } from './log/kinds.ts'
import { shownPath } from './run-folder.ts'

/** What a run's `config.json` says besides: of what was, not of what is to be done. */
const told: ReadonlySet<string> = new Set([
  'dataDigest',
  'images',
  'versions',
  'platform',
  'commit',
  'init',
  'network',
])

/** What a `config.json` has that neither a field nor what a run tells is called. */
export const unknownIn = (config: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(config).filter(
    (name) => !Object.hasOwn(fields, name) && !told.has(name) && name !== 'dataDir' && name !== 'log',
  )

/** What a config file asks for. */
interface Configured {
  readonly options: TrainOptions
  /** The absolute path of the data's folder; left out where it comes by itself. */
  readonly dataDir?: string
  readonly log?: readonly LogName[]
  /** Of the data that the run of this config was made with. */
  readonly dataDigest?: string
}

/**
 * The fields of a config file, and the folder of its data, from where the file lies.
 * @throws CliError naming the file and what is wrong with it.
 */
export async function readConfigFile(given: string): Promise<Configured> {
  const path = userPath(given)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`--config ${given} cannot be read: ${reason(error)}`, exitCodes.usage, {
      cause: error,
    })
  })
  return configFrom(text, path)
}

/** The same of its text. */
export function configFrom(text: string, path: string): Configured {
  const refuse = (problem: string): never => {
    throw new CliError(`--config ${shownPath(path)}: ${problem}`, exitCodes.usage)
  }
  const { dataDir, log, ...rest } = parsed(text) ?? refuse('is no JSON object')
  const options: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(rest)) {
    if (told.has(name)) continue
    if (!Object.hasOwn(fields, name))
      return refuse(`has ${JSON.stringify(name)}, expected ${Object.keys(fields).join(', ')}, log or dataDir`)
    const problem = checkField(name as FieldName, value)
    if (problem !== null) return refuse(`${name} is ${JSON.stringify(value)}: ${problem}`)
    options[name] = value
  }
  if (log !== undefined && !isLogNames(log))
    return refuse(`log is ${JSON.stringify(log)}, expected a list of ${logNames.join(', ')}`)
  const { dataDigest } = rest
  const found = { options, ...(log && { log }), ...(typeof dataDigest === 'string' && { dataDigest }) }
  if (dataDir === undefined || dataDir === null) return found
  if (typeof dataDir !== 'string')
    return refuse(`dataDir is ${JSON.stringify(dataDir)}, expected a folder or null`)
  return { ...found, dataDir: isAbsolute(dataDir) ? dataDir : join(dirname(path), dataDir) }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
