/** How often each class was taken for each: row = true class, column = predicted class. */
export class Confusion {
  readonly classes: number
  /** Row-major, [classes, classes]. */
  readonly counts: Int32Array

  constructor(classes: number) {
    this.classes = classes
    this.counts = new Int32Array(classes * classes)
  }

  /** Counts one batch. */
  add(truth: ArrayLike<number>, predicted: ArrayLike<number>): void {
    for (let i = 0; i < truth.length; i++) this.counts[truth[i] * this.classes + predicted[i]] += 1
  }

  /** How many images of class `truth` were taken for `predicted`. */
  at(truth: number, predicted: number): number {
    return this.counts[truth * this.classes + predicted]
  }
}
