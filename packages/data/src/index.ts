export type { Dataset, Sample, Target } from './datasets/dataset.ts'
export {
  type DatasetDescription,
  datasets,
  fashionMnist,
  type IdxFile,
  mnist,
} from './datasets/descriptions.ts'
export { datasetDigest } from './datasets/digest.ts'
export { type DatasetFile, datasetFiles } from './datasets/files.ts'
export { type GreyImages, ImageDataset, normalizationTable } from './datasets/image-dataset.ts'
export {
  type LoadedDataset,
  type LoadOptions,
  loadDataset,
  loadFashionMnist,
  loadMnist,
  loadPart,
} from './datasets/load.ts'
export { type RandomSplitOptions, randomSplit } from './datasets/random-split.ts'
export { Subset } from './datasets/subset.ts'
export { TensorDataset } from './datasets/tensor-dataset.ts'
export { type Idx, type IdxArray, parseIdx } from './idx/parse.ts'
export { readIdx } from './idx/read.ts'
export { type Batch, DataLoader, type DataLoaderOptions } from './loader/data-loader.ts'
export type { Epoch, EpochState } from './loader/epoch.ts'
export { type RandomShiftOptions, randomShift } from './transforms/random-shift.ts'
export type { BatchTransform } from './transforms/transform.ts'
