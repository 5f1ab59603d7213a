import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { RunFolder } from '../run-folder.ts'
import { csv } from './csv.ts'
import type { LogKind, Measures } from './log.ts'
import { tensorboard } from './tensorboard.ts'

/** The name of a kind of log. */
export type LogName = 'tensorboard' | 'csv'

const kinds: Readonly<Record<LogName, LogKind>> = { tensorboard, csv }

/** The kinds of logs, by name. */
export const logNames: readonly LogName[] = Object.keys(kinds) as LogName[]

/** Whether a value is a list of kinds of logs. */
export const isLogNames = (value: unknown): value is LogName[] =>
  Array.isArray(value) && value.every((name) => logNames.includes(name as LogName))

/** Reads `tensorboard,csv`. @throws InvalidArgumentError for what is not there. */
export function parseLogs(text: string): LogName[] {
  const names = text.split(',').map((name) => name.trim())
  if (isLogNames(names)) return [...new Set(names)]
  throw new InvalidArgumentError(`expected ${logNames.join(' or ')}, or both with a comma`)
}

/** The kinds of logs that a run's folder has. */
export async function logsIn(folder: string): Promise<LogName[]> {
  const there = await Promise.all(logNames.map((name) => contentOf(join(folder, kinds[name].file))))
  return logNames.filter((_, i) => there[i] !== null)
}

/** A log of a run that is under way. */
export interface RunLog {
  readonly file: string
  /** Brings the file to where the measures are: what is there already stays, what is more is taken away. */
  write(measures: Measures): Promise<void>
}

/** Opens logs in the folder of a run. */
export async function openLogs(names: readonly LogName[], folder: RunFolder): Promise<RunLog[]> {
  return Promise.all(
    names.map(async (name) => {
      const kind = kinds[name]
      const { file } = kind
      const content = kind.open(await contentOf(join(folder.path, file)), Date.now() / 1000)
      return { file, write: (measures: Measures) => folder.extend(file, content(measures)) }
    }),
  )
}

/** The bytes of a file; null where there is none that can be read. */
const contentOf = (path: string): Promise<Uint8Array | null> => readFile(path).catch(() => null)
