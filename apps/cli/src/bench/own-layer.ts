import { fileURLToPath } from 'node:url'
import { backends } from '@handgrad/tensor'
import type { OwnLayer, OwnLayerRow } from './report.ts'
import { runToEnd } from './train-process.ts'

const script = fileURLToPath(new URL('./own-layer-times.ts', import.meta.url))

/** What one layer of one's own costs README's loop beyond its own two passes, in parts of the loop without it. */
export async function measureOwnLayer(
  mnist: string,
  { pairs, milliseconds }: { readonly pairs: number; readonly milliseconds: number },
): Promise<OwnLayer> {
  const args = [script, mnist, backends().at(-1)!, String(pairs), String(milliseconds)]
  const { out } = await runToEnd(process.execPath, args)
  return { rows: JSON.parse(out) as OwnLayerRow[] }
}
