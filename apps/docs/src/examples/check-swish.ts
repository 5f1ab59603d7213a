import { gradcheck } from '@handgrad/gradcheck'
import { Generator, randn } from '@handgrad/tensor'
import { Swish } from '../../../../verify/examples/swish.ts'

const x = randn([3, 4], { generator: new Generator(0), dtype: 'float64' })
const { passed, coordinates, failed, tensors } = gradcheck(new Swish(), x)
console.log(`passed: ${passed}, ${coordinates} coordinates, ${failed} failed`)
const { worst } = tensors[0]
if (worst !== null)
  console.log(
    `worst at [${worst.index.join()}]: bwd() gives ${worst.analytic}, differences give ${worst.numeric}`,
  )
