/** What a graph proves with: imported into it, so that it shares the graph's tensors. */
export { caseBounds, proveCase, proveError, proveGoldens } from '../../prove.ts'
export { readFixture } from '../fixtures.ts'
