import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NetworkOrigin } from '@handgrad/trainer'
import { CliError } from '../../errors.ts'
import { changedFile } from '../../network/own-network.ts'
import { shownPath } from '../run-folder.ts'

/** The several runs that a run is one of. */
export interface Group {
  /** Their folder: what goes on with all of them. */
  readonly folder: string
  /** The folder of one that has begun: what the others have to be like. */
  readonly like: string | undefined
}

/** What a run is made from. */
interface Origins {
  readonly data: string
  readonly network: NetworkOrigin | undefined
}

/** What the file says; nothing where it is gone or damaged. */
async function originsIn(path: string): Promise<{ dataDigest?: string; network?: NetworkOrigin }> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as object
  } catch {
    return {}
  }
}

/** @throws CliError when a run that begins would be made from other data, or another network, than one before it. */
export async function checkLike({ like }: Group, { data, network }: Origins): Promise<void> {
  if (like === undefined) return
  const known = await originsIn(join(like, 'config.json'))
  if (known.dataDigest !== undefined && known.dataDigest !== data)
    throw new CliError(`the data is not that of ${shownPath(like)}: go on with it as it was`)
  const changed = network && known.network && changedFile(network, known.network)
  if (changed) throw new CliError(`${changed} has changed since ${shownPath(like)}: go on with it as it was`)
}
