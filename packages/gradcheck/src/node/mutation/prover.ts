/** What a mutated graph proves with: imported into it, so that it shares the graph's tensors. */
export { proveCase, proveError } from '../../prove.ts'
export { readFixture } from '../fixtures.ts'
