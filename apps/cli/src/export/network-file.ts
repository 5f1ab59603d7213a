import { existsSync } from 'node:fs'
import { CliError, exitCodes } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { shownPath } from '../train/run-folder.ts'
import { type NamedNetwork, readNetwork } from './source.ts'
import type { ExportTarget } from './target.ts'

/** A target that is one file with the extension `.<extension>`, made of the network alone. */
export function networkFile(extension: string, bytesOf: (network: NamedNetwork) => Uint8Array): ExportTarget {
  return {
    async write({ source, model, out, note }) {
      const network = await readNetwork(source, model)
      const path = out ?? network.path.replace(/(\.[^./\\]+)?$/, `.${extension}`)
      if (path === network.path)
        throw new CliError(`--out ${path} is the file that is read: name another`, exitCodes.usage)
      if (out === undefined && existsSync(path))
        throw new CliError(`${shownPath(path)} is there already: name it, or another, with --out`)
      for (const text of network.notes) note(`${shownPath(network.path)}: ${text}`)
      const bytes = bytesOf(network)
      await writeWhole(path, bytes)
      return { path, model: network.model, layers: network.net.flat().length, bytes: bytes.length }
    },
  }
}
