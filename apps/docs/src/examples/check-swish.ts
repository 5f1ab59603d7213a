import { gradcheck } from '@handgrad/gradcheck'
import { Generator, randn } from '@handgrad/tensor'
import { Swish } from './swish.ts'

const x = randn([3, 4], { generator: new Generator(0), dtype: 'float64' })
const { passed, coordinates, failed, tensors } = gradcheck(new Swish(), x)
const { worst } = tensors[0]!
console.log(`passed: ${passed}, ${coordinates} coordinates, ${failed} failed`)
console.log(`worst at [${worst!.index}]: bwd() gives ${worst!.analytic}, differences give ${worst!.numeric}`)
