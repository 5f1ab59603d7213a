import { describeProgram, Linear, ReLU, Sequential } from '@handgrad/layers'
import { Skip } from './skip.ts'

const net = new Sequential(new Skip(new Linear(8, 8)), new ReLU(), new Linear(8, 3))
const description = describeProgram(net, [64, 8])
console.log(String(description))
console.log()
for (const { programs } of description.parts)
  for (const { bytes } of programs) console.log(`kept: ${bytes.kept} bytes`)
