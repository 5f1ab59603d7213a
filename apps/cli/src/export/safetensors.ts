import { saveSafetensors } from '@handgrad/tensor'
import { networkFile } from './network-file.ts'
import type { ExportTarget } from './target.ts'

/** `--to safetensors`: the weights alone, with the names of the same `torch.nn.Sequential`. */
export const target: ExportTarget = networkFile('safetensors', ({ net, model }) =>
  saveSafetensors(net.stateDict(), { format: 'pt', ...(model !== null && { model }) }),
)
