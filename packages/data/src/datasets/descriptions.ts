/** The four files of a dataset in the MNIST format. */
export type IdxFile = 'train-images' | 'train-labels' | 't10k-images' | 't10k-labels'

/** What is known of a dataset in the MNIST format before its files are read: 28 × 28 grey images of 10 classes. */
export interface DatasetDescription {
  readonly name: string
  readonly title: string
  /** Mean and standard deviation of the training pixels on the scale 0 to 1, as commonly rounded. */
  readonly mean: number
  readonly std: number
  /** What each label means. */
  readonly classes: readonly string[]
  /** MD5 of each file, not compressed. */
  readonly md5?: Readonly<Record<IdxFile, string>>
  /** What `datasetDigest` says of both parts, where the files are those of `md5`. */
  readonly digest?: string
}

/** Handwritten digits. Y. LeCun and C. Cortes, CC BY-SA 3.0. */
export const mnist: DatasetDescription = {
  name: 'mnist',
  title: 'MNIST',
  mean: 0.1307,
  std: 0.3081,
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  md5: {
    'train-images': '6bbc9ace898e44ae57da46a324031adb',
    'train-labels': 'a25bea736e30d166cdddb491f175f624',
    't10k-images': '2646ac647ad5339dbf082846283269ea',
    't10k-labels': '27ae3e4e09519cfbb04c329615203637',
  },
  digest: 'sha256:297fb583ecfb02c19e1094b4071f252fea9cb941d05d1e461029bb1cb35f3c34',
}

/** Pictures of clothes. Zalando SE, MIT. */
export const fashionMnist: DatasetDescription = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  mean: 0.286,
  std: 0.353,
  classes: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
}

/** Every dataset that is described here. */
export const datasets: readonly DatasetDescription[] = [mnist, fashionMnist]
