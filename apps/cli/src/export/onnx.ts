import { version } from '../manifest.ts'
import { toOnnx } from '../onnx/write.ts'
import { networkFile } from './network-file.ts'
import { imageShape } from './source.ts'
import type { ExportTarget } from './target.ts'

/** `--to onnx`: logits from images, for any runtime of ONNX. */
export const target: ExportTarget = networkFile('onnx', ({ net }) =>
  toOnnx(net, { sampleShape: imageShape, version: version }),
)
