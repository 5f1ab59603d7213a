import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { $ } from 'zx'
import { writtenModels } from '../apps/cli/src/onnx/test/every-option.ts'
import { saveSafetensors, tensor } from '../packages/tensor/src/index.ts'
import { python } from './python.ts'

/**
 * Writes fixtures/onnx/: models that PyTorch exports, models of single operators, and ours, each with the answer of
 * PyTorch or onnxruntime.
 *
 *     pnpm fixtures:onnx      HANDGRAD_PYTHON=/path/to/python with the packages of fixtures/requirements.txt
 */
const folder = join(import.meta.dirname, '../fixtures/onnx')

const written = writtenModels().flatMap(({ name, model, x }) => [
  [`${name}.model`, tensor(model)] as const,
  [`${name}.x`, x] as const,
])
writeFileSync(join(folder, 'written.safetensors'), saveSafetensors(Object.fromEntries(written)))
for (const script of ['answer_written.py', 'export_nodes.py', 'export_models.py'])
  await $({ stdio: 'inherit' })`${await python()} ${join(folder, script)}`
