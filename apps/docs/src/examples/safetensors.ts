import { Linear, Sequential } from '@handgrad/layers'
import { loadSafetensors, manualSeed, ones, saveSafetensors } from '@handgrad/tensor'

manualSeed(0)
const net = new Sequential(new Linear(3, 2))
const bytes = saveSafetensors(net.stateDict())

// Elsewhere, perhaps in Python: safetensors.torch.load_file and load_state_dict take the same names and shapes.
const copy = new Sequential(new Linear(3, 2)).loadStateDict(loadSafetensors(bytes))

for (const [name, { shape, data }] of copy.namedParameters()) console.log(name, shape, Array.from(data))
console.log(
  'same output:',
  String(net.forward(ones([1, 3])).data) === String(copy.forward(ones([1, 3])).data),
)
