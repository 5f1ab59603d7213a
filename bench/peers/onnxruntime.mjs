import ort from 'onnxruntime-node'
import { modelOf } from './onnx.mjs'
import { asked, images, layers, serve } from './protocol.mjs'

if (asked.mode !== 'infer') throw new Error('onnxruntime-node only infers')
const session = await ort.InferenceSession.create(modelOf(layers, asked.batch), {
  intraOpNumThreads: asked.threads,
  interOpNumThreads: 1,
})
const x = new ort.Tensor('float32', images, [asked.batch, 1, 28, 28])
await serve(() => session.run({ x }))
