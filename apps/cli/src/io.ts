import { resolve } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import { coloured, type Style } from './colours.ts'
import { exitCodes } from './errors.ts'
import { reason } from './files.ts'
import { isCheckout, repository } from './repository.ts'

/** Where a command writes: results to `out`, progress and notes to `err`. */
export interface Io {
  readonly out: Channel
  readonly err: Channel
}

/** One of the two output streams, and what it can show. */
export interface Channel {
  /** Colour and weight, or the bare text where they are not wanted (NO_COLOR, a file, TERM=dumb). */
  style(style: Style, text: string): string
  write(text: string): void
  line(text?: string): void
  /** True where a line can be rewritten in place. */
  readonly live: boolean
  readonly columns: number
  /** Why something could not be written, unless its reader has gone; what came after it may have been. */
  readonly failure?: NodeJS.ErrnoException | undefined
}

function channel(stream: NodeJS.WriteStream & { fd: number }): Channel {
  const write = (text: string): void => void stream.write(text)
  let failure: NodeJS.ErrnoException | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failure ??= error
  })
  return {
    style: (style, text) => coloured(stream, style, text),
    write,
    line: (text = '') => write(`${text}\n`),
    live: isatty(stream.fd) && process.env['TERM'] !== 'dumb',
    get columns() {
      return stream.columns || 80
    },
    get failure() {
      return failure
    },
  }
}

/** The streams of this process. */
export function processIo(): Io {
  return { out: channel(process.stdout), err: channel(process.stderr) }
}

/** Of what is for people to read beside the result, errors alone. */
export function quietIo({ out, err }: Io): Io {
  const isError = (text: string): boolean => text.startsWith('error: ')
  const line = (text = ''): void => void (isError(text) && err.line(text))
  // Nothing is rewritten in place where nothing is shown.
  return { out, err: { ...err, write: () => {}, line, live: false, columns: err.columns } }
}

/** The exit code of a command when its output is complete: results that could not be written are no success. */
export function checkedOutput(exitCode: number, { out, err }: Io): number {
  if (out.failure === undefined) return exitCode
  err.line(`error: cannot write to stdout: ${reason(out.failure)}`)
  return exitCode === exitCodes.ok ? exitCodes.failure : exitCode
}

/** Where pnpm starts the scripts of this repository: its root, and this package's folder. None once it is installed. */
const scriptFolders = isCheckout
  ? ['.', 'apps/cli'].map((path) => resolve(fileURLToPath(repository), path))
  : []

/**
 * The folder where the user stands. pnpm moves to a package's own folder and says in INIT_CWD where it was; in any other
 * folder those words are of someone else's script, and old.
 */
export function userFolder(): string {
  const here = process.cwd()
  const before = process.env['INIT_CWD']
  return before !== undefined && before !== '' && scriptFolders.includes(here) ? before : here
}

/** A path as the user wrote it, from where the user stands. */
export const userPath = (path: string): string => resolve(userFolder(), path)
