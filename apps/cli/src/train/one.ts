import type { TrainOptions } from '@handgrad/trainer'
import { CliError } from '../errors.ts'
import { folderContents } from '../files.ts'
import { userPath } from '../io.ts'
import { type Around, begin } from './begin.ts'
import type { TrainFlags } from './options.ts'
import { type RunFolder, reopenRunFolder } from './run-folder.ts'
import { train } from './session.ts'

/** Begins a run, or goes on with one, and trains it to its end, or until the user stops it; gives the exit code. */
export async function trainOne(given: TrainOptions, flags: TrainFlags, around: Around): Promise<number> {
  let folder: RunFolder | undefined
  try {
    if (flags.resume !== undefined) folder = await resumedFolder(flags)
    const session = await begin(given, flags, around, folder)
    folder = session.folder
    return await train(session)
  } finally {
    await folder?.close()
  }
}

/** The run's own folder, locked before its checkpoints are read; undefined where the run goes on in another. */
async function resumedFolder({ resume, out }: TrainFlags): Promise<RunFolder | undefined> {
  if ((await folderContents(userPath(resume!))) === null)
    throw new CliError(`${resume} cannot be resumed: no state.safetensors, and no such folder`)
  return out === undefined ? reopenRunFolder(resume!) : undefined
}
