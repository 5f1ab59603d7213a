import { CliError, exitCodes } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { type NamedNetwork, readNetwork } from './source.ts'
import type { ExportTarget } from './target.ts'

/** A target that is one file with the extension `.<extension>`, made of the network alone. */
export function networkFile(extension: string, bytesOf: (network: NamedNetwork) => Uint8Array): ExportTarget {
  return {
    async write({ source, model, out }) {
      const network = await readNetwork(source, model)
      const path = out ?? network.path.replace(/(\.[^./\\]+)?$/, `.${extension}`)
      if (path === network.path)
        throw new CliError(`--out ${path} is the file that is read: name another`, exitCodes.usage)
      const bytes = bytesOf(network)
      await writeWhole(path, bytes)
      return { path, model: network.model, layers: network.net.flat().length, bytes: bytes.length }
    },
  }
}
