import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, Sequential } from '@handgrad/layers'
import { type ModelProto, ModelProtoSchema } from 'onnx-buf'
import { toOnnx } from '../write.ts'

/** A layer of each kind, on images [1,6,6]. */
const plain = (): Sequential =>
  new Sequential(new Conv2d(1, 2, 3), new MaxPool2d(2), new Flatten(), new Dropout(0.5), new Linear(8, 3))

/** The file of a network after `change`. */
export function changed(change: (model: ModelProto) => void, net: Sequential = plain()): Uint8Array {
  const model = fromBinary(ModelProtoSchema, toOnnx(net, { sampleShape: [1, 6, 6] }))
  change(model)
  return toBinary(ModelProtoSchema, model)
}

/** A change of the graph. */
export const inGraph =
  (change: (graph: NonNullable<ModelProto['graph']>) => void) =>
  (model: ModelProto): void =>
    change(model.graph!)
